"""A changed spot moves its counters by itself: a car changes one, and for one a comparison of tables is too much.

The counters change with every car and keep room on their pages, so that no index has to follow.
"""

from django.db import migrations

COUNT_CHANGED_SPOT = """
CREATE FUNCTION lots_count_changed_spot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.level_id = NEW.level_id AND OLD.spot_type = NEW.spot_type THEN
        IF OLD.status = NEW.status THEN
            RETURN NULL;
        END IF;
        UPDATE lots_spotcount SET
            occupied = occupied + (NEW.status = 'occupied')::int - (OLD.status = 'occupied')::int,
            reserved = reserved + (NEW.status = 'reserved')::int - (OLD.status = 'reserved')::int,
            maintenance = maintenance + (NEW.status = 'maintenance')::int - (OLD.status = 'maintenance')::int
        WHERE level_id = NEW.level_id AND spot_type = NEW.spot_type;
    ELSE
        PERFORM lots_move_count(OLD.lot_id, OLD.level_id, OLD.spot_type, -1, -(OLD.status = 'occupied')::int,
            -(OLD.status = 'reserved')::int, -(OLD.status = 'maintenance')::int);
        PERFORM lots_move_count(NEW.lot_id, NEW.level_id, NEW.spot_type, 1, (NEW.status = 'occupied')::int,
            (NEW.status = 'reserved')::int, (NEW.status = 'maintenance')::int);
    END IF;
    RETURN NULL;
END $$;
DROP FUNCTION lots_count_spots_update CASCADE;
CREATE TRIGGER lots_spot_counted_update
AFTER UPDATE OF stay, hold, maintenance, observed_occupied, level_id, spot_type ON lots_spot
FOR EACH ROW EXECUTE FUNCTION lots_count_changed_spot();
ALTER TABLE lots_spotcount SET (fillfactor = 50);
"""


class Migration(migrations.Migration):
    dependencies = [("lots", "0005_lean_spots")]

    operations = [migrations.RunSQL(COUNT_CHANGED_SPOT)]
