-- What was paid, refunded and credited is summed by the database, in the statement that records it.

CREATE FUNCTION billing_sum_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE billing_charge SET captured_amount = captured_amount - OLD.captured_amount WHERE id = OLD.charge_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE billing_charge SET captured_amount = captured_amount + NEW.captured_amount WHERE id = NEW.charge_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_payment_summed AFTER INSERT OR DELETE OR UPDATE OF captured_amount
ON billing_payment
FOR EACH ROW EXECUTE FUNCTION billing_sum_payment();

CREATE FUNCTION billing_sum_refund() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE billing_charge SET refunded_amount = refunded_amount - OLD.amount WHERE id = (SELECT charge_id FROM billing_payment WHERE id = OLD.payment_id);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE billing_charge SET refunded_amount = refunded_amount + NEW.amount WHERE id = (SELECT charge_id FROM billing_payment WHERE id = NEW.payment_id);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_refund_summed AFTER INSERT OR DELETE OR UPDATE OF amount
ON billing_refund
FOR EACH ROW EXECUTE FUNCTION billing_sum_refund();

CREATE FUNCTION billing_sum_credit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE billing_charge SET credited_amount = credited_amount - OLD.amount WHERE id = OLD.charge_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        UPDATE billing_charge SET credited_amount = credited_amount + NEW.amount WHERE id = NEW.charge_id;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_credit_summed AFTER INSERT OR DELETE OR UPDATE OF amount
ON billing_credit
FOR EACH ROW EXECUTE FUNCTION billing_sum_credit();
