"""What the database itself keeps for tickets: the place of an open stay, and the history of every change of state."""

from django.db import migrations

KEEP_PLACES = """
CREATE FUNCTION tickets_keep_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_open boolean := TG_OP <> 'INSERT' AND OLD.status IN ('entering', 'active', 'paid');
    is_open boolean := TG_OP <> 'DELETE' AND NEW.status IN ('entering', 'active', 'paid');
BEGIN
    IF was_open AND is_open AND (OLD.spot_id, OLD.level_id, OLD.spot_type)
            IS NOT DISTINCT FROM (NEW.spot_id, NEW.level_id, NEW.spot_type) THEN
        RETURN NULL;
    END IF;
    IF was_open AND OLD.spot_id IS NOT NULL THEN
        UPDATE lots_spot SET stay = NULL WHERE id = OLD.spot_id AND stay = OLD.id;
    ELSIF was_open AND OLD.level_id IS NOT NULL THEN
        UPDATE lots_spotcount SET occupied = occupied - 1 WHERE level_id = OLD.level_id AND spot_type = OLD.spot_type;
    END IF;
    IF NOT is_open OR NEW.level_id IS NULL THEN
        RETURN NULL;
    END IF;
    IF NEW.spot_id IS NOT NULL THEN
        UPDATE lots_spot SET stay = NEW.id WHERE id = NEW.spot_id AND stay IS NULL;
    ELSE
        UPDATE lots_spotcount SET occupied = occupied + 1 WHERE level_id = NEW.level_id AND spot_type = NEW.spot_type;
    END IF;
    IF NOT FOUND THEN
        RAISE unique_violation USING CONSTRAINT = 'ticket_one_open_per_spot', MESSAGE = 'the spot is taken';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tickets_ticket_places AFTER INSERT OR UPDATE OF status, spot_id, level_id, spot_type OR DELETE
ON tickets_ticket FOR EACH ROW EXECUTE FUNCTION tickets_keep_places();
"""

KEEP_HISTORY = """
CREATE FUNCTION tickets_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO tickets_ticketchange (ticket_id, from_status, to_status, at, by_id, why)
        VALUES (NEW.id, '', NEW.status, NEW.changed_at, NEW.changed_by_id, NEW.changed_why);
    ELSIF OLD.status <> NEW.status THEN
        INSERT INTO tickets_ticketchange (ticket_id, from_status, to_status, at, by_id, why)
        VALUES (NEW.id, OLD.status, NEW.status, NEW.changed_at, NEW.changed_by_id, NEW.changed_why);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER tickets_ticket_history AFTER INSERT OR UPDATE OF status
ON tickets_ticket FOR EACH ROW EXECUTE FUNCTION tickets_keep_history();
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial"), ("lots", "0002_counters")]

    operations = [
        migrations.RunSQL(KEEP_PLACES, "DROP FUNCTION tickets_keep_places CASCADE"),
        migrations.RunSQL(KEEP_HISTORY, "DROP FUNCTION tickets_keep_history CASCADE"),
    ]
