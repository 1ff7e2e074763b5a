-- A payment's state never goes back: what is over stays as it is, and a hold is only captured or voided.

CREATE FUNCTION billing_keep_payment_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('captured', 'failed', 'voided') OR OLD.state = 'authorised' AND NEW.state NOT IN ('captured', 'voided') THEN
        RAISE EXCEPTION 'payment % is %, it can not become %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_state_goes_on';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER billing_payment_state_goes_on BEFORE UPDATE OF state ON billing_payment
FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION billing_keep_payment_state();
