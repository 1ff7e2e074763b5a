-- The great-circle distance of two positions in degrees by the haversine formula, in metres on a sphere; null without
-- the first one. PostgreSQL writes it into the statements that use it.

CREATE FUNCTION lots_metres(latitude float8, longitude float8, from_latitude float8, from_longitude float8)
RETURNS float8
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN latitude IS NOT NULL AND longitude IS NOT NULL THEN
    -- Rounding may lift the chord of opposite points above 1, the end of the arc sine's domain.
    2 * 6371008.8 * asin(least(1, sqrt(
        power(sin(radians(latitude - from_latitude) / 2), 2)
        + cos(radians(from_latitude)) * cos(radians(latitude)) * power(sin(radians(longitude - from_longitude) / 2), 2)
    )))
END;
