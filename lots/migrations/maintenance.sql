-- Since when a spot is out of use.

CREATE FUNCTION lots_note_maintenance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.maintenance = OLD.maintenance THEN
        NEW.maintenance_since = OLD.maintenance_since;
    ELSE
        NEW.maintenance_since = CASE WHEN NEW.maintenance THEN now() END;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER lots_spot_made_in_maintenance BEFORE INSERT
ON lots_spot
FOR EACH ROW WHEN (new.maintenance) EXECUTE FUNCTION lots_note_maintenance();

CREATE TRIGGER lots_spot_maintenance BEFORE UPDATE OF maintenance
ON lots_spot
FOR EACH ROW EXECUTE FUNCTION lots_note_maintenance();
