-- No booking gets a place, or more time on its own, while the place is closed. A car that comes or is inside is never refused.
CREATE FUNCTION reservations_refuse_closed_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.during @> NEW.during AND (NEW.status = 'active' OR (
            OLD.status IN ('pending', 'confirmed', 'active')
            AND (OLD.spot_id, OLD.level_id, OLD.place) IS NOT DISTINCT FROM (NEW.spot_id, NEW.level_id, NEW.place))) THEN
        RETURN NEW;
    END IF;
    IF EXISTS (
        SELECT FROM reservations_blackout closed
        WHERE closed.lot_id = NEW.lot_id AND closed.lifted_at IS NULL
            AND tstzrange(closed.starts_at, closed.ends_at) && NEW.during
            AND (closed.level_id IS NULL OR closed.level_id = NEW.level_id)
            AND (closed.spot_type = '' OR closed.spot_type = coalesce(
                (SELECT spot_type FROM lots_spot WHERE id = NEW.spot_id), NEW.spot_type))
            AND (closed.bays = '{}' OR NEW.spot_id = ANY (closed.bays))
            AND (closed.places IS NULL
                OR NEW.place >= closed.first_place AND NEW.place < closed.first_place + closed.places)
    ) THEN
        RAISE exclusion_violation USING CONSTRAINT = 'reservation_never_on_a_closed_place',
            MESSAGE = 'the place is closed in this time';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER reservations_place_open BEFORE INSERT OR UPDATE OF spot_id, level_id, place, during, status
ON reservations_reservation
FOR EACH ROW WHEN (NEW.status IN ('pending', 'confirmed', 'active') AND (NEW.spot_id IS NOT NULL OR NEW.place IS NOT NULL))
EXECUTE FUNCTION reservations_refuse_closed_place();
