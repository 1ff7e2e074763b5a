-- A stay that opens, changes while its car is inside, or ends is an event. The charge is there already where a stay is
-- closed with it: triggers run after the whole statement.

CREATE FUNCTION tickets_record_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_open CONSTANT boolean := TG_OP = 'UPDATE' AND OLD.status IN ('entering', 'active', 'paid');
    is_open CONSTANT boolean := NEW.status IN ('entering', 'active', 'paid');
    booking text;
    pass text;
BEGIN
    -- Few stays have either, and each join costs every stay some time.
    IF NEW.reservation_id IS NOT NULL THEN
        SELECT code INTO booking FROM reservations_reservation WHERE id = NEW.reservation_id;
    END IF;
    IF NEW.held_pass_id IS NOT NULL THEN
        SELECT code INTO pass FROM passes_pass WHERE id = NEW.held_pass_id;
    END IF;
    INSERT INTO events_event (kind, subject, operator_id, lot, at, data)
    SELECT CASE WHEN NOT is_open THEN 'stay.closed' WHEN was_open THEN 'stay.changed' ELSE 'stay.opened' END,
        'stay:' || NEW.number, lot.operator_id, lot.slug, NEW.changed_at,
        jsonb_build_object('number', NEW.number, 'status', NEW.status, 'plate', NEW.plate, 'vehicle_type', NEW.vehicle_type,
            'entry_time', NEW.entry_at, 'exit_time', NEW.exit_at,
            'spot', spot.number, 'level', level.number, 'spot_type', NEW.spot_type, 'reservation', booking, 'pass', pass,
            'charge', NEW.charge_id, 'reason', nullif(NEW.closed_reason, ''))
    FROM lots_lot lot LEFT JOIN lots_spot spot ON spot.id = NEW.spot_id LEFT JOIN lots_level level ON level.id = NEW.level_id
    WHERE lot.id = NEW.lot_id;
    RETURN NULL;
END $$;

CREATE TRIGGER tickets_ticket_event_made AFTER INSERT
ON tickets_ticket
FOR EACH ROW WHEN (NEW.status IN ('entering', 'active', 'paid')) EXECUTE FUNCTION tickets_record_stay();

CREATE TRIGGER tickets_ticket_event_changed
AFTER UPDATE OF status, plate, spot_id, level_id, spot_type, entry_at, reservation_id, held_pass_id
ON tickets_ticket
FOR EACH ROW WHEN (
    (OLD.status IN ('entering', 'active', 'paid')) IS DISTINCT FROM (NEW.status IN ('entering', 'active', 'paid'))
    OR NEW.status IN ('entering', 'active', 'paid')
    AND ((OLD.status = 'paid') IS DISTINCT FROM (NEW.status = 'paid') OR OLD.plate IS DISTINCT FROM NEW.plate
        OR OLD.spot_id IS DISTINCT FROM NEW.spot_id OR OLD.level_id IS DISTINCT FROM NEW.level_id
        OR OLD.spot_type IS DISTINCT FROM NEW.spot_type OR OLD.entry_at <> NEW.entry_at
        OR OLD.reservation_id IS DISTINCT FROM NEW.reservation_id OR OLD.held_pass_id IS DISTINCT FROM NEW.held_pass_id)
) EXECUTE FUNCTION tickets_record_stay();
