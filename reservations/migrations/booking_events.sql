-- What becomes of a booking is an event, once it is confirmed: one that lapses before was none.

CREATE FUNCTION reservations_record_booking() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    happened CONSTANT text := CASE
        WHEN NEW.status = 'cancelled' THEN 'cancelled' WHEN NEW.status = 'no_show' THEN 'no_show'
        WHEN TG_OP = 'INSERT' OR OLD.status = 'pending' THEN 'created' ELSE 'changed' END;
BEGIN
    PERFORM lots_record_event('reservation.' || happened, 'reservation:' || NEW.code, lot.id,
        CASE happened WHEN 'cancelled' THEN NEW.cancelled_at WHEN 'no_show' THEN NEW.missed_at
            WHEN 'created' THEN greatest(NEW.created_at, NEW.email_confirmed_at) ELSE now() END,
        jsonb_build_object('id', NEW.id, 'code', NEW.code, 'status', NEW.status, 'lot', lot.slug,
            'spot', (SELECT spot.number FROM lots_spot spot WHERE spot.id = NEW.spot_id),
            'level', (SELECT level.number FROM lots_level level WHERE level.id = NEW.level_id),
            'spot_type', NEW.spot_type, 'start', NEW.starts_at, 'end', NEW.ends_at, 'plate', NEW.plate,
            'vehicle_type', NEW.vehicle_type, 'price', NEW.price_amount, 'fee', NEW.fee_amount, 'currency', lot.currency,
            'charge', NEW.charge_id))
    FROM lots_lot lot WHERE lot.id = NEW.lot_id;
    RETURN NULL;
END $$;

CREATE TRIGGER reservations_reservation_event_made AFTER INSERT
ON reservations_reservation
FOR EACH ROW WHEN (NEW.status NOT IN ('pending', 'lapsed')) EXECUTE FUNCTION reservations_record_booking();

CREATE TRIGGER reservations_reservation_event_changed
AFTER UPDATE OF status, spot_id, level_id, spot_type, starts_at, ends_at, plate, vehicle_type, price_amount
ON reservations_reservation
FOR EACH ROW WHEN (NEW.status NOT IN ('pending', 'lapsed') AND (OLD.status <> NEW.status
    OR OLD.spot_id IS DISTINCT FROM NEW.spot_id OR OLD.level_id IS DISTINCT FROM NEW.level_id
    OR OLD.spot_type <> NEW.spot_type OR OLD.starts_at <> NEW.starts_at OR OLD.ends_at <> NEW.ends_at
    OR OLD.plate <> NEW.plate OR OLD.vehicle_type <> NEW.vehicle_type OR OLD.price_amount <> NEW.price_amount
)) EXECUTE FUNCTION reservations_record_booking();
