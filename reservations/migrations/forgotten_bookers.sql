-- A booking whose booker is forgotten has not changed: nobody is to be told.
DROP TRIGGER reservations_reservation_event_changed ON reservations_reservation;

CREATE TRIGGER reservations_reservation_event_changed
AFTER UPDATE OF status, spot_id, level_id, spot_type, starts_at, ends_at, plate, vehicle_type, price_amount
ON reservations_reservation
FOR EACH ROW WHEN (NEW.status NOT IN ('pending', 'lapsed') AND (OLD.status <> NEW.status
    OR OLD.spot_id IS DISTINCT FROM NEW.spot_id OR OLD.level_id IS DISTINCT FROM NEW.level_id
    OR OLD.spot_type <> NEW.spot_type OR OLD.starts_at <> NEW.starts_at OR OLD.ends_at <> NEW.ends_at
    OR OLD.plate <> NEW.plate AND NEW.plate <> '' OR OLD.vehicle_type <> NEW.vehicle_type
    OR OLD.price_amount <> NEW.price_amount
)) EXECUTE FUNCTION reservations_record_booking();
