-- What becomes of a pass is an event, once it has begun. Its holder is not told of.

CREATE FUNCTION passes_record_pass() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    happened CONSTANT text := CASE
        WHEN NEW.status = 'suspended' THEN 'suspended' WHEN NEW.status = 'cancelled' THEN 'cancelled'
        WHEN NEW.status = 'expired' THEN 'ended'
        WHEN TG_OP = 'INSERT' OR OLD.status IN ('draft', 'expired', 'cancelled') THEN 'begun'
        WHEN OLD.status = 'suspended' THEN 'resumed' ELSE 'renewed' END;
BEGIN
    PERFORM lots_record_event('pass.' || happened, 'pass:' || NEW.code, lot.id,
        CASE WHEN NEW.status IN ('suspended', 'cancelled') THEN coalesce(NEW.stopped_at, now())
            WHEN TG_OP = 'INSERT' THEN NEW.created_at ELSE now() END,
        jsonb_build_object('code', NEW.code, 'name', NEW.name, 'kind', NEW.kind, 'status', NEW.status, 'lot', lot.slug,
            'valid_from', NEW.valid_from, 'valid_until', NEW.valid_until, 'price', NEW.price_amount, 'currency', lot.currency,
            'spaces', NEW.spaces, 'entries_left', NEW.entries_left, 'renewal', NEW.renewal))
    FROM lots_lot lot WHERE lot.id = NEW.lot_id;
    RETURN NULL;
END $$;

CREATE TRIGGER passes_pass_event_made AFTER INSERT
ON passes_pass
FOR EACH ROW WHEN (NEW.status <> 'draft') EXECUTE FUNCTION passes_record_pass();

CREATE TRIGGER passes_pass_event_changed AFTER UPDATE OF status, valid_until
ON passes_pass
FOR EACH ROW WHEN (NEW.status <> 'draft' AND (OLD.status <> NEW.status AND NOT (OLD.status = 'draft' AND NEW.status = 'cancelled')
    OR NEW.status = 'active' AND OLD.valid_until < NEW.valid_until)) EXECUTE FUNCTION passes_record_pass();
