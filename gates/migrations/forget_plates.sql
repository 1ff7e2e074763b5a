-- What happened at a gate stays, and is only ever added to; but plates and images run out, and take nothing else with them.

CREATE OR REPLACE FUNCTION gates_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    runs_out CONSTANT text[] := ARRAY['plate', 'plate_normalised', 'body_hash', 'read', 'answer'];
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - runs_out = to_jsonb(OLD) - runs_out
        AND (NEW.plate IS NULL OR NEW.plate = OLD.plate)
        AND (NEW.plate_normalised IS NOT DISTINCT FROM OLD.plate_normalised
            OR NEW.plate IS NULL AND OLD.plate_normalised NOT LIKE '~%' AND NEW.plate_normalised LIKE '~%')
        AND (NEW.body_hash = OLD.body_hash OR NEW.plate IS NULL)
        AND OLD.read @> NEW.read
        AND (NEW.answer = OLD.answer OR NEW.answer = jsonb_set(OLD.answer, '{ticket,plate}', 'null'))
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'gate events are only ever added' USING ERRCODE = 'restrict_violation';
END $$;
