"""Counters kept by the database: every change of a spot (or of a counted capacity) moves them in the same statement."""

from django.db import migrations

MOVED = {
    "INSERT": "SELECT lot_id, level_id, spot_type, status, 1 AS n FROM new_rows",
    "DELETE": "SELECT lot_id, level_id, spot_type, status, -1 AS n FROM old_rows",
    "UPDATE": "SELECT lot_id, level_id, spot_type, status, 1 AS n FROM new_rows"
    " UNION ALL SELECT lot_id, level_id, spot_type, status, -1 AS n FROM old_rows",
}
TABLES = {
    "INSERT": "NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}

MOVE_COUNT = """
CREATE FUNCTION lots_move_count(
    the_lot bigint, the_level bigint, the_type text, of_total bigint, of_occupied bigint, of_reserved bigint,
    of_maintenance bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lots_spotcount SET
        total = total + of_total, occupied = occupied + of_occupied, reserved = reserved + of_reserved,
        maintenance = maintenance + of_maintenance
    WHERE level_id = the_level AND spot_type = the_type;
    IF NOT FOUND THEN
        INSERT INTO lots_spotcount (lot_id, level_id, spot_type, total, occupied, reserved, maintenance)
        VALUES (the_lot, the_level, the_type, of_total, of_occupied, of_reserved, of_maintenance);
    END IF;
END $$
"""

COUNT_SPOTS = """
CREATE FUNCTION lots_count_spots_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lots_move_count(lot_id, level_id, spot_type, total, occupied, reserved, maintenance) FROM (
        SELECT lot_id, level_id, spot_type, sum(n) AS total,
            coalesce(sum(n) FILTER (WHERE status = 'occupied'), 0) AS occupied,
            coalesce(sum(n) FILTER (WHERE status = 'reserved'), 0) AS reserved,
            coalesce(sum(n) FILTER (WHERE status = 'maintenance'), 0) AS maintenance
        FROM ({moved}) moved
        GROUP BY lot_id, level_id, spot_type
        ORDER BY level_id, spot_type
    ) changes
    WHERE total <> 0 OR occupied <> 0 OR reserved <> 0 OR maintenance <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER lots_spot_counted_{name} AFTER {operation} ON lots_spot
REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION lots_count_spots_{name}();
"""

COUNT_CAPACITY = """
CREATE FUNCTION lots_count_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    the_lot bigint;
BEGIN
    SELECT lot.id INTO the_lot FROM lots_level level JOIN lots_lot lot ON lot.id = level.lot_id
    WHERE level.id = coalesce(NEW.level_id, OLD.level_id) AND lot.tracking = 'levels';
    IF the_lot IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        PERFORM lots_move_count(the_lot, OLD.level_id, OLD.spot_type, -OLD.count::bigint, 0, 0, 0);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM lots_move_count(the_lot, NEW.level_id, NEW.spot_type, NEW.count::bigint, 0, 0, 0);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER lots_zone_counted AFTER INSERT OR UPDATE OF count, spot_type, level_id OR DELETE ON lots_zone
FOR EACH ROW EXECUTE FUNCTION lots_count_capacity();
"""


class Migration(migrations.Migration):
    dependencies = [("lots", "0001_initial")]

    operations = [
        migrations.RunSQL(MOVE_COUNT, "DROP FUNCTION lots_move_count"),
        *(
            migrations.RunSQL(
                COUNT_SPOTS.format(
                    name=operation.lower(), operation=operation, moved=MOVED[operation], tables=TABLES[operation]
                ),
                f"DROP FUNCTION lots_count_spots_{operation.lower()} CASCADE",
            )
            for operation in ("INSERT", "UPDATE", "DELETE")
        ),
        migrations.RunSQL(COUNT_CAPACITY, "DROP FUNCTION lots_count_capacity CASCADE"),
    ]
