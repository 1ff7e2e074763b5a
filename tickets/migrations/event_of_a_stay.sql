-- What a stay's event names is looked up by key: see the same change of spots' events.

CREATE OR REPLACE FUNCTION tickets_record_stay() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_open CONSTANT boolean := TG_OP = 'UPDATE' AND OLD.status IN ('entering', 'active', 'paid');
    is_open CONSTANT boolean := NEW.status IN ('entering', 'active', 'paid');
    lot record;
    spot text;
    level integer;
    booking text;
    pass text;
BEGIN
    SELECT slug, operator_id INTO lot FROM lots_lot WHERE id = NEW.lot_id;
    IF NEW.spot_id IS NOT NULL THEN
        SELECT number INTO spot FROM lots_spot WHERE id = NEW.spot_id;
    END IF;
    IF NEW.level_id IS NOT NULL THEN
        SELECT number INTO level FROM lots_level WHERE id = NEW.level_id;
    END IF;
    IF NEW.reservation_id IS NOT NULL THEN
        SELECT code INTO booking FROM reservations_reservation WHERE id = NEW.reservation_id;
    END IF;
    IF NEW.held_pass_id IS NOT NULL THEN
        SELECT code INTO pass FROM passes_pass WHERE id = NEW.held_pass_id;
    END IF;
    INSERT INTO events_event (kind, subject, operator_id, lot, at, data)
    VALUES (CASE WHEN NOT is_open THEN 'stay.closed' WHEN was_open THEN 'stay.changed' ELSE 'stay.opened' END,
        'stay:' || NEW.number, lot.operator_id, lot.slug, NEW.changed_at,
        jsonb_build_object('number', NEW.number, 'status', NEW.status, 'plate', NEW.plate, 'vehicle_type', NEW.vehicle_type,
            'entry_time', NEW.entry_at, 'exit_time', NEW.exit_at,
            'spot', spot, 'level', level, 'spot_type', NEW.spot_type, 'reservation', booking, 'pass', pass,
            'charge', NEW.charge_id, 'reason', nullif(NEW.closed_reason, '')));
    RETURN NULL;
END $$;
