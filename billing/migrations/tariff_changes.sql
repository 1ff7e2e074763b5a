-- Every change of a lot's prices is kept, with who made it: the service that changes them says so by
-- `billing.services.price_authors`, for its transaction. A change by anything else names only the database's user.

CREATE FUNCTION billing_keep_tariff_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unsaid CONSTANT text[] := ARRAY['id', 'lot_id', 'revision', 'created_at', 'created_by_id', 'changed_at', 'replaces_id'];
    author CONSTANT jsonb := nullif(current_setting('parking.prices_changed_by', true), '')::jsonb;
    was CONSTANT jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - unsaid END;
    becomes CONSTANT jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - unsaid END;
BEGIN
    IF was IS DISTINCT FROM becomes THEN
        INSERT INTO billing_tariffchange (lot_id, subject, subject_id, before, after, at, by_id, how, role)
        VALUES (
            coalesce(NEW.lot_id, OLD.lot_id), TG_ARGV[0], coalesce(NEW.id, OLD.id), was, becomes,
            coalesce((author ->> 'at')::timestamptz, now()), (author ->> 'by')::bigint,
            CASE WHEN author IS NULL THEN 'database' WHEN author ->> 'by' IS NULL THEN 'site_file' ELSE 'person' END,
            session_user
        );
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_tariff_changes AFTER INSERT OR UPDATE OR DELETE ON billing_tariff
FOR EACH ROW EXECUTE FUNCTION billing_keep_tariff_change('tariff');

CREATE TRIGGER billing_tariffdraft_changes AFTER INSERT OR UPDATE OR DELETE ON billing_tariffdraft
FOR EACH ROW EXECUTE FUNCTION billing_keep_tariff_change('draft');

-- What happened stays as it was written, except that a person's account may go.

CREATE FUNCTION billing_tariff_change_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(OLD) - 'by_id' IS DISTINCT FROM to_jsonb(NEW) - 'by_id' OR NEW.by_id IS NOT NULL THEN
        RAISE EXCEPTION 'the history of prices is not changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER billing_tariffchange_stays BEFORE UPDATE ON billing_tariffchange
FOR EACH ROW EXECUTE FUNCTION billing_tariff_change_stays();
