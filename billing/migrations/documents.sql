-- Documents are numbered and chained by the database, and never change or go.

CREATE FUNCTION billing_document_number(kind text, year integer, number bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('%s-%s-%s', kind, year, lpad(number::text, greatest(6, length(number::text)), '0'))
$$;

CREATE FUNCTION billing_document_hash(before text, number text, content jsonb) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256(convert_to(before || ' ' || number || ' ' || content::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION billing_keep_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'document % is never deleted', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - 'signature' - 'awaits_signature') <> (to_jsonb(OLD) - 'signature' - 'awaits_signature')
        OR (OLD.signature IS NOT NULL AND NEW.signature IS DISTINCT FROM OLD.signature) THEN
        RAISE EXCEPTION 'document % never changes', OLD.number USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER billing_document_kept BEFORE UPDATE OR DELETE ON billing_document
FOR EACH ROW EXECUTE FUNCTION billing_keep_document();
