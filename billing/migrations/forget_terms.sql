-- What a driver agreed to never changes; once it is withdrawn, its plate may become a hash.

CREATE OR REPLACE FUNCTION billing_keep_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.limit_amount, NEW.currency, NEW.agreed_at) IS DISTINCT FROM (OLD.limit_amount, OLD.currency, OLD.agreed_at)
        OR ((NEW.plate, NEW.plate_normalised) IS DISTINCT FROM (OLD.plate, OLD.plate_normalised)
            AND NOT (OLD.withdrawn_at IS NOT NULL AND NEW.plate = '' AND NEW.plate_normalised LIKE '~%'))
        OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at)
        OR (NEW.driver_id IS NOT NULL AND NEW.driver_id IS DISTINCT FROM OLD.driver_id)
        OR (NEW.vehicle_id IS NOT NULL AND NEW.vehicle_id IS DISTINCT FROM OLD.vehicle_id)
        OR (NEW.saved_method_id IS NOT NULL AND NEW.saved_method_id IS DISTINCT FROM OLD.saved_method_id)
    THEN
        RAISE EXCEPTION 'the terms of automatic payment % never change', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'automatic_payment_terms_never_change';
    END IF;
    RETURN NEW;
END $$;
