-- A place that frees, or is added, goes to the fitting car inside without one that has waited longest.

-- The same as lots.compatibility.spot_types_for; a test compares them.
CREATE FUNCTION tickets_fits(the_vehicle text, is_electric boolean, has_permit boolean, the_type text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE the_type
        WHEN 'motorcycle' THEN the_vehicle = 'motorcycle'
        WHEN 'compact' THEN the_vehicle IN ('motorcycle', 'compact')
        WHEN 'regular' THEN the_vehicle IN ('motorcycle', 'compact', 'regular')
        WHEN 'large' THEN true
        WHEN 'handicap' THEN has_permit AND the_vehicle <> 'large'
        WHEN 'ev' THEN is_electric AND the_vehicle <> 'large'
        ELSE false
    END
$$;

-- Give one free place (without the_spot a counted one), and return whether a car waited for it.
CREATE FUNCTION tickets_give_place(the_lot bigint, the_level bigint, the_type text, the_spot bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    waiting bigint;
BEGIN
    SELECT id INTO waiting FROM tickets_ticket
    WHERE lot_id = the_lot AND level_id IS NULL AND status IN ('entering', 'active', 'paid')
        AND tickets_fits(vehicle_type, electric, permit, the_type)
    ORDER BY entry_at, id LIMIT 1;
    IF waiting IS NULL THEN
        RETURN false;
    END IF;
    -- The statement that freed the spot may open a stay in it, whose own trigger comes later.
    IF EXISTS (SELECT FROM tickets_ticket WHERE spot_id = the_spot AND status IN ('entering', 'active', 'paid')) THEN
        RETURN false;
    END IF;
    UPDATE tickets_ticket SET level_id = the_level, spot_type = the_type, spot_id = the_spot WHERE id = waiting;
    RETURN true;
END $$;

CREATE FUNCTION tickets_give_freed_spot() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tickets_give_place(NEW.lot_id, NEW.level_id, NEW.spot_type, NEW.id);
    RETURN NULL;
END $$;

-- Named to fire after the counters have moved, as triggers fire in the order of their names.
CREATE TRIGGER tickets_spot_freed AFTER UPDATE OF stay, hold, maintenance, observed_occupied
ON lots_spot
FOR EACH ROW WHEN (OLD.status <> 'available' AND NEW.status = 'available') EXECUTE FUNCTION tickets_give_freed_spot();

CREATE FUNCTION tickets_give_added_spots() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tickets_give_place(lot_id, level_id, spot_type, id) FROM (
        SELECT id, lot_id, level_id, spot_type FROM new_rows spot
        WHERE status = 'available' AND EXISTS (SELECT FROM tickets_ticket ticket WHERE ticket.lot_id = spot.lot_id
            AND ticket.level_id IS NULL AND ticket.status IN ('entering', 'active', 'paid'))
        ORDER BY ordinal
    ) added;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_spots_added AFTER INSERT
ON lots_spot REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION tickets_give_added_spots();

-- Where only cars are counted, their counter is the place.
CREATE FUNCTION tickets_give_added_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    added integer := NEW.total - coalesce(OLD.total, 0);
BEGIN
    IF NOT EXISTS (SELECT FROM lots_lot WHERE id = NEW.lot_id AND tracking = 'levels') THEN
        RETURN NULL;
    END IF;
    WHILE added > 0 AND tickets_give_place(NEW.lot_id, NEW.level_id, NEW.spot_type, NULL) LOOP
        added := added - 1;
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_capacity_made AFTER INSERT
ON lots_spotcount
FOR EACH ROW WHEN (NEW.total > 0) EXECUTE FUNCTION tickets_give_added_capacity();

CREATE TRIGGER tickets_capacity_raised AFTER UPDATE OF total
ON lots_spotcount
FOR EACH ROW WHEN (NEW.total > OLD.total) EXECUTE FUNCTION tickets_give_added_capacity();

-- As in places.sql, but a counted place that frees goes to a car that waits for it.
CREATE OR REPLACE FUNCTION tickets_keep_places() RETURNS trigger LANGUAGE plpgsql AS $$
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
        PERFORM tickets_give_place(OLD.lot_id, OLD.level_id, OLD.spot_type, NULL);
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
