-- A stay and its spot name each other, changed in one statement.

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

CREATE TRIGGER tickets_ticket_places AFTER INSERT OR DELETE OR UPDATE OF status, spot_id, level_id, spot_type
ON tickets_ticket
FOR EACH ROW EXECUTE FUNCTION tickets_keep_places();
