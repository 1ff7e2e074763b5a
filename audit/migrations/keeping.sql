-- Changes of rules, roles and money are kept by triggers of their tables. Who acts is said by `audit.telling`, for the
-- transaction; a change by anything else names only the database's user.

-- One value as it is told. A secret leaves no trace but that it was there.
CREATE FUNCTION audit_said(kind text, said jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN said IS NULL OR said IN ('null', '""') THEN NULL
        WHEN kind = 'told' THEN said
        WHEN kind = 'hidden' THEN '"***"'
        WHEN kind = 'digest' THEN to_jsonb(encode(sha256(convert_to(said::text, 'UTF8')), 'hex'))
        WHEN kind = 'host' THEN to_jsonb(regexp_replace(said #>> '{}', '^(\w+://)(?:[^/@]*@)?([^/?#]*).*$', '\1\2/…'))
        WHEN said #>> '{}' LIKE '%@%' THEN to_jsonb(left(said #>> '{}', 1) || '…@' || split_part(said #>> '{}', '@', 2))
        ELSE to_jsonb('…' || right(said #>> '{}', least(3, length(said #>> '{}') / 2)))
    END
$$;

CREATE FUNCTION audit_digest(
    salt uuid, subject text, "row" text, shown text, act text, before jsonb, after jsonb, how text, by_id bigint,
    role text, page text, request text
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        salt, subject, "row", shown, act, before, after, how, by_id, role, page, request)::text, 'UTF8')), 'hex')
$$;

CREATE FUNCTION audit_link(
    before text, number bigint, id bigint, operator_id bigint, lot bigint, at timestamptz, digest text
) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(before || ' ' || number || ' ' || id || ' ' || coalesce(operator_id::text, '-')
        || ' ' || coalesce(lot::text, '-') || ' ' || extract(epoch FROM at) || ' ' || digest, 'UTF8')), 'hex')
$$;

-- The operators among whose people somebody is. Of drivers nothing is kept here; of the back office's people without
-- an operator it is kept for nobody's pages.
CREATE FUNCTION audit_operators_of(person bigint, is_of_all boolean) RETURNS bigint[] LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN count(DISTINCT operator_id) > 0 THEN array_agg(DISTINCT operator_id)
        WHEN is_of_all OR EXISTS (SELECT FROM accounts_user WHERE id = person AND (is_staff OR is_superuser))
            THEN ARRAY[NULL::bigint]
        ELSE ARRAY[]::bigint[]
    END FROM accounts_membership WHERE user_id = person
$$;

-- The arguments of its triggers: how its operator is found, the column with its name, and by kind the columns.
CREATE FUNCTION audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was CONSTANT jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    becomes CONSTANT jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    it CONSTANT jsonb := coalesce(becomes, was);
    done CONSTANT text := CASE TG_OP WHEN 'INSERT' THEN 'added' WHEN 'UPDATE' THEN 'changed' ELSE 'removed' END;
    acting CONSTANT jsonb := nullif(current_setting('parking.acting', true), '')::jsonb;
    acted_how CONSTANT text := coalesce(acting ->> 'how', 'database');
    acted_by CONSTANT bigint := (acting ->> 'by')::bigint;
    acted_page CONSTANT text := coalesce(acting ->> 'page', '');
    acted_request CONSTANT text := coalesce(acting ->> 'request', '');
    key text := coalesce(it ->> 'id', it ->> 'operator_id');
    called text := coalesce(it ->> TG_ARGV[1], '');
    person bigint;
    its_lot bigint;
    owners bigint[];
    owner bigint;
    said_before jsonb;
    said_after jsonb;
    new_salt uuid;
BEGIN
    SELECT jsonb_object_agg(name, audit_said(kind, was -> name)), jsonb_object_agg(name, audit_said(kind, becomes -> name))
    INTO said_before, said_after
    FROM (VALUES ('told', TG_ARGV[2]), ('masked', TG_ARGV[3]), ('host', TG_ARGV[4]), ('hidden', TG_ARGV[5]),
        ('digest', TG_ARGV[6])) AS given (kind, names), unnest(string_to_array(names, ',')) AS name
    WHERE CASE done WHEN 'changed' THEN (was -> name) IS DISTINCT FROM (becomes -> name)
        ELSE coalesce(it -> name, 'null') NOT IN ('null', '""', '[]', '{}') END;
    IF done = 'changed' AND said_before IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_ARGV[1] = ANY (string_to_array(TG_ARGV[3], ',')) THEN
        called := coalesce(audit_said('masked', it -> TG_ARGV[1]) #>> '{}', '');
    END IF;
    CASE TG_ARGV[0]
        WHEN 'self' THEN owners := ARRAY[(it ->> 'id')::bigint];
        WHEN 'operator' THEN owners := ARRAY[(it ->> 'operator_id')::bigint];
        WHEN 'own_lot' THEN
            its_lot := (it ->> 'id')::bigint;
            owners := ARRAY[(it ->> 'operator_id')::bigint];
        WHEN 'lot' THEN its_lot := (it ->> 'lot_id')::bigint;
        WHEN 'level' THEN SELECT lot_id INTO its_lot FROM lots_level WHERE id = (it ->> 'level_id')::bigint;
        WHEN 'payment' THEN
            SELECT charge.lot_id INTO its_lot FROM billing_payment payment
            JOIN billing_charge charge ON charge.id = payment.charge_id WHERE payment.id = (it ->> 'payment_id')::bigint;
        WHEN 'merchant' THEN
            owners := ARRAY[(SELECT operator_id FROM accounts_merchant WHERE id = (it ->> 'merchant_id')::bigint)];
        WHEN 'validation_type' THEN
            owners := ARRAY[(SELECT merchant.operator_id FROM merchants_validationtype type
                JOIN accounts_merchant merchant ON merchant.id = type.merchant_id
                WHERE type.id = (it ->> 'type_id')::bigint)];
        WHEN 'company' THEN
            owners := ARRAY[(SELECT operator_id FROM passes_company WHERE id = (it ->> 'company_id')::bigint)];
        WHEN 'person' THEN
            person := coalesce(it ->> 'user_id', it ->> 'id')::bigint;
            owners := audit_operators_of(person, TG_TABLE_NAME LIKE 'accounts\_user\_%'
                OR coalesce((was ->> 'is_staff')::boolean, false) OR coalesce((was ->> 'is_superuser')::boolean, false));
    END CASE;
    IF owners IS NULL THEN
        owners := ARRAY[(SELECT operator_id FROM lots_lot WHERE id = its_lot)];
    END IF;
    key := coalesce(person::text, key);
    called := left(called, 200);
    said_before := CASE WHEN done <> 'added' THEN coalesce(said_before, '{}') END;
    said_after := CASE WHEN done <> 'removed' THEN coalesce(said_after, '{}') END;
    FOREACH owner IN ARRAY owners LOOP
        new_salt := gen_random_uuid();
        INSERT INTO audit_auditentry (operator_id, lot, subject, "row", shown, act, before, after, at, how, by_id, role,
            page, request, salt, digest, hash)
        VALUES (owner, its_lot, TG_TABLE_NAME, key, called, done, said_before, said_after,
            coalesce((acting ->> 'at')::timestamptz, now()), acted_how, acted_by, session_user, acted_page,
            acted_request, new_salt, audit_digest(new_salt, TG_TABLE_NAME, key, called, done, said_before, said_after,
                acted_how, acted_by, session_user, acted_page, acted_request), '');
    END LOOP;
    RETURN NULL;
END $$;

-- An entry is added, chained once, and may be erased; nothing else is done to it.
CREATE FUNCTION audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    chained CONSTANT text[] := ARRAY['number', 'hash'];
    erased CONSTANT text[] := ARRAY['shown', 'before', 'after', 'salt', 'erased_at'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.number IS NULL AND NEW.number IS NOT NULL AND to_jsonb(OLD) - chained = to_jsonb(NEW) - chained THEN
            RETURN NEW;
        END IF;
        IF OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL AND NEW.shown = '' AND NEW.before IS NULL
            AND NEW.after IS NULL AND NEW.salt IS NULL AND to_jsonb(OLD) - erased = to_jsonb(NEW) - erased THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'what was changed is not rewritten' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER audit_entry_stays BEFORE UPDATE OR DELETE ON audit_auditentry
FOR EACH ROW EXECUTE FUNCTION audit_guard();

-- Called by one at a time.
CREATE FUNCTION audit_chain(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    entry audit_auditentry;
    head audit_audithead;
    chained integer := 0;
BEGIN
    INSERT INTO audit_audithead (id, last, hash) VALUES (1, 0, '') ON CONFLICT DO NOTHING;
    SELECT * INTO STRICT head FROM audit_audithead WHERE id = 1;
    FOR entry IN SELECT * FROM audit_auditentry WHERE number IS NULL ORDER BY id LIMIT most LOOP
        head.last := head.last + 1;
        head.hash := audit_link(head.hash, head.last, entry.id, entry.operator_id, entry.lot, entry.at, entry.digest);
        UPDATE audit_auditentry SET number = head.last, hash = head.hash WHERE id = entry.id;
        chained := chained + 1;
    END LOOP;
    IF chained > 0 THEN
        UPDATE audit_audithead SET last = head.last, hash = head.hash WHERE id = 1;
    END IF;
    RETURN chained;
END $$;
