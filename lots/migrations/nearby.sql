-- The box around a position that holds everything within a distance, for the index on the positions of lots: point
-- and box are (longitude, latitude) in degrees. Where it would cross the 180th meridian, or has a pole in it, it goes
-- all the way round.

CREATE FUNCTION lots_around(latitude float8, longitude float8, metres float8) RETURNS box
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
BEGIN ATOMIC
    SELECT CASE
        WHEN abs(latitude) + degrees(reach) >= 90 OR abs(longitude) + degrees(width) > 180
        THEN box(point(-180, latitude - degrees(reach)), point(180, latitude + degrees(reach)))
        ELSE box(
            point(longitude - degrees(width), latitude - degrees(reach)),
            point(longitude + degrees(width), latitude + degrees(reach))
        )
    END
    FROM (SELECT metres * 1.000001 / 6371008.8 + 1e-9 AS reach) AS given,
    LATERAL (
        SELECT CASE WHEN abs(latitude) + degrees(reach) >= 90 THEN pi()
            ELSE asin(least(1, sin(reach) / cos(radians(latitude)))) END AS width
    ) AS seen;
END;
