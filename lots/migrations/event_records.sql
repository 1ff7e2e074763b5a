-- What others wait for is recorded as an event in the transaction of its cause, also where a gate's statements do it.

CREATE FUNCTION lots_record_event(the_kind text, the_subject text, the_lot bigint, happened timestamptz, facts jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events_event (kind, subject, operator_id, lot, at, data)
    SELECT the_kind, the_subject, lot.operator_id, lot.slug, happened, facts FROM lots_lot lot WHERE lot.id = the_lot;
END $$;

CREATE FUNCTION lots_record_spot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO events_event (kind, subject, operator_id, lot, at, data)
    SELECT CASE WHEN NEW.status = 'occupied' THEN 'spot.occupied' ELSE 'spot.released' END,
        'spot:' || lot.slug || '/' || NEW.number, lot.operator_id, lot.slug, now(),
        jsonb_build_object('number', NEW.number, 'level', level.number, 'level_name', level.name, 'zone', zone.name,
            'type', NEW.spot_type, 'status', NEW.status)
    FROM lots_lot lot, lots_level level, lots_zone zone
    WHERE lot.id = NEW.lot_id AND level.id = NEW.level_id AND zone.id = NEW.zone_id;
    RETURN NULL;
END $$;

CREATE TRIGGER lots_spot_event_changed AFTER UPDATE OF stay, hold, maintenance, observed_occupied
ON lots_spot
FOR EACH ROW WHEN ((OLD.status = 'occupied') IS DISTINCT FROM (NEW.status = 'occupied'))
EXECUTE FUNCTION lots_record_spot();

CREATE TRIGGER lots_spot_event_made AFTER INSERT
ON lots_spot
FOR EACH ROW WHEN (NEW.status = 'occupied') EXECUTE FUNCTION lots_record_spot();

-- Before the row is gone, as its level and zone may go with it.
CREATE FUNCTION lots_record_removed_spot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lots_record_event('spot.released', 'spot:' || lot.slug || '/' || OLD.number, lot.id, now(),
        jsonb_build_object('number', OLD.number, 'level', level.number, 'level_name', level.name, 'zone', zone.name,
            'type', OLD.spot_type, 'status', 'removed'))
    FROM lots_lot lot, lots_level level, lots_zone zone
    WHERE lot.id = OLD.lot_id AND level.id = OLD.level_id AND zone.id = OLD.zone_id;
    RETURN OLD;
END $$;

CREATE TRIGGER lots_spot_event_removed BEFORE DELETE
ON lots_spot
FOR EACH ROW WHEN (OLD.status = 'occupied') EXECUTE FUNCTION lots_record_removed_spot();

-- A lot becomes full, or has space again, when one counter loses its last free place, or gets one, and all others have
-- none. Counters of a lot change under its lock.
CREATE FUNCTION lots_record_fullness() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    capacity bigint;
BEGIN
    SELECT sum(c.total) INTO capacity FROM lots_spotcount c
    WHERE c.lot_id = NEW.lot_id HAVING coalesce(sum(c.free) FILTER (WHERE c.id <> NEW.id), 0) = 0
        AND sum(c.total) FILTER (WHERE TG_OP = 'UPDATE' OR c.id <> NEW.id) > 0;
    IF FOUND THEN
        PERFORM lots_record_event(CASE NEW.free WHEN 0 THEN 'lot.full' ELSE 'lot.free' END, 'lot:' || lot.slug, lot.id, now(),
            jsonb_build_object('lot', lot.slug, 'total', capacity, 'free', NEW.free))
        FROM lots_lot lot WHERE lot.id = NEW.lot_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER lots_spotcount_event AFTER UPDATE
ON lots_spotcount
FOR EACH ROW WHEN ((OLD.free = 0) IS DISTINCT FROM (NEW.free = 0)) EXECUTE FUNCTION lots_record_fullness();

CREATE TRIGGER lots_spotcount_event_made AFTER INSERT
ON lots_spotcount
FOR EACH ROW WHEN (NEW.free > 0) EXECUTE FUNCTION lots_record_fullness();
