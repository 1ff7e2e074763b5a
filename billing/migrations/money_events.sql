-- Payments that are over, refunds and debts are events.

CREATE FUNCTION billing_record_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lots_record_event('payment.' || NEW.state, 'payment:' || NEW.id, charge.lot_id,
        coalesce(NEW.finished_at, NEW.created_at),
        jsonb_build_object('id', NEW.id, 'charge', charge.id, 'method', NEW.method, 'status', NEW.state,
            'amount', NEW.amount, 'captured', NEW.captured_amount, 'currency', charge.currency,
            'failure', nullif(NEW.failure, '')))
    FROM billing_charge charge WHERE charge.id = NEW.charge_id;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_payment_event_made AFTER INSERT
ON billing_payment
FOR EACH ROW WHEN (NEW.state IN ('captured', 'failed')) EXECUTE FUNCTION billing_record_payment();

CREATE TRIGGER billing_payment_event_changed AFTER UPDATE OF state
ON billing_payment
FOR EACH ROW WHEN (NEW.state IN ('captured', 'failed') AND OLD.state <> NEW.state)
EXECUTE FUNCTION billing_record_payment();

-- A refund that never reached the driver is taken back by a negative one, which is an event, too: sums come out.
CREATE FUNCTION billing_record_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lots_record_event('payment.refunded', 'payment:' || payment.id, charge.lot_id, NEW.created_at,
        jsonb_build_object('id', payment.id, 'charge', charge.id, 'method', payment.method, 'status', payment.state,
            'captured', payment.captured_amount, 'refund', NEW.id, 'amount', NEW.amount, 'goodwill', NEW.goodwill,
            'reverses', NEW.reverses_id, 'currency', charge.currency,
            'refunded', (SELECT sum(r.amount) FROM billing_refund r WHERE r.payment_id = payment.id)))
    FROM billing_payment payment JOIN billing_charge charge ON charge.id = payment.charge_id
    WHERE payment.id = NEW.payment_id;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_refund_event_made AFTER INSERT
ON billing_refund
FOR EACH ROW EXECUTE FUNCTION billing_record_refund();

CREATE FUNCTION billing_record_debt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM lots_record_event(CASE WHEN NEW.settled_at IS NULL THEN 'debt.opened' ELSE 'debt.settled' END,
        'debt:' || NEW.id, charge.lot_id, coalesce(NEW.settled_at, NEW.created_at),
        jsonb_build_object('id', NEW.id, 'charge', charge.id, 'plate', nullif(NEW.plate, ''), 'amount', NEW.amount,
            'currency', charge.currency, 'reason', NEW.reason, 'created_at', NEW.created_at, 'settled_at', NEW.settled_at))
    FROM billing_charge charge WHERE charge.id = NEW.charge_id;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_debt_event_made AFTER INSERT
ON billing_debt
FOR EACH ROW EXECUTE FUNCTION billing_record_debt();

CREATE TRIGGER billing_debt_event_changed AFTER UPDATE OF settled_at, amount
ON billing_debt
FOR EACH ROW WHEN ((OLD.settled_at IS NULL) IS DISTINCT FROM (NEW.settled_at IS NULL)
    OR NEW.settled_at IS NULL AND OLD.amount <> NEW.amount) EXECUTE FUNCTION billing_record_debt();
