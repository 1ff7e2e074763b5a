-- Each change of a spot, or of the capacity of a counted zone, moves the counters in the same statement.

CREATE FUNCTION lots_move_count(the_lot bigint, the_level bigint, the_type text, of_total bigint, of_occupied bigint, of_reserved bigint, of_maintenance bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lots_spotcount SET
        total = total + of_total, occupied = occupied + of_occupied, reserved = reserved + of_reserved,
        maintenance = maintenance + of_maintenance
    WHERE level_id = the_level AND spot_type = the_type;
    IF NOT FOUND THEN
        INSERT INTO lots_spotcount (lot_id, level_id, spot_type, total, occupied, reserved, maintenance)
        VALUES (the_lot, the_level, the_type, of_total, of_occupied, of_reserved, of_maintenance);
    END IF;
END $$;

CREATE FUNCTION lots_count_spots_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lots_move_count(lot_id, level_id, spot_type, total, occupied, reserved, maintenance) FROM (
        SELECT lot_id, level_id, spot_type, sum(n) AS total,
            coalesce(sum(n) FILTER (WHERE status = 'occupied'), 0) AS occupied,
            coalesce(sum(n) FILTER (WHERE status = 'reserved'), 0) AS reserved,
            coalesce(sum(n) FILTER (WHERE status = 'maintenance'), 0) AS maintenance
        FROM (SELECT lot_id, level_id, spot_type, status, 1 AS n FROM new_rows) moved
        GROUP BY lot_id, level_id, spot_type
        ORDER BY level_id, spot_type
    ) changes
    WHERE total <> 0 OR occupied <> 0 OR reserved <> 0 OR maintenance <> 0;
    RETURN NULL;
END $$;

CREATE TRIGGER lots_spot_counted_insert AFTER INSERT
ON lots_spot REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION lots_count_spots_insert();

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

CREATE TRIGGER lots_spot_counted_update AFTER UPDATE OF stay, hold, maintenance, observed_occupied, level_id, spot_type
ON lots_spot
FOR EACH ROW EXECUTE FUNCTION lots_count_changed_spot();

CREATE FUNCTION lots_count_spots_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lots_move_count(lot_id, level_id, spot_type, total, occupied, reserved, maintenance) FROM (
        SELECT lot_id, level_id, spot_type, sum(n) AS total,
            coalesce(sum(n) FILTER (WHERE status = 'occupied'), 0) AS occupied,
            coalesce(sum(n) FILTER (WHERE status = 'reserved'), 0) AS reserved,
            coalesce(sum(n) FILTER (WHERE status = 'maintenance'), 0) AS maintenance
        FROM (SELECT lot_id, level_id, spot_type, status, -1 AS n FROM old_rows) moved
        GROUP BY lot_id, level_id, spot_type
        ORDER BY level_id, spot_type
    ) changes
    WHERE total <> 0 OR occupied <> 0 OR reserved <> 0 OR maintenance <> 0;
    RETURN NULL;
END $$;

CREATE TRIGGER lots_spot_counted_delete AFTER DELETE
ON lots_spot REFERENCING OLD TABLE AS old_rows
FOR EACH STATEMENT EXECUTE FUNCTION lots_count_spots_delete();

CREATE FUNCTION lots_count_capacity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    the_lot bigint;
BEGIN
    SELECT lot.id INTO the_lot FROM lots_level level JOIN lots_lot lot ON lot.id = level.lot_id
    WHERE level.id = coalesce(NEW.level_id, OLD.level_id) AND lot.tracking = 'levels';
    IF the_lot IS NULL THEN
        RETURN NULL;
    END IF;
    
    IF TG_OP = 'UPDATE' AND OLD.level_id = NEW.level_id AND OLD.spot_type = NEW.spot_type THEN
        PERFORM lots_move_count(the_lot, NEW.level_id, NEW.spot_type, NEW.count::bigint - OLD.count, 0, 0, 0);
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

CREATE TRIGGER lots_zone_counted AFTER INSERT OR DELETE OR UPDATE OF count, spot_type, level_id
ON lots_zone
FOR EACH ROW EXECUTE FUNCTION lots_count_capacity();

-- Half of each page stays free, so that a counter's next version fits on the page of the one before.
ALTER TABLE lots_spotcount SET (fillfactor = 50);
