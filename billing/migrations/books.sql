-- Every change of money is posted by the statement that makes it. A worker places postings in the books and adds them up.

-- The tax inside an amount, rounded half up on the net as `billing.pricing.tax_within`, in whole numbers.
CREATE FUNCTION billing_tax_within(gross bigint, percent numeric) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT gross - div(2 * gross * 1000000::numeric + (1000000 + percent * 10000), 2 * (1000000 + percent * 10000))::bigint
$$;

-- What of a payment is taxed, when `kept` of it was not given back: all but `untaxed`, which is its rounding in cash and
-- the change that was kept, and is given back last.
CREATE FUNCTION billing_taxed_part(kept bigint, untaxed bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN kept = 0 THEN 0 ELSE greatest(kept - untaxed, 0) END
$$;

CREATE FUNCTION billing_kept_of(payment billing_payment) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT payment.captured_amount - coalesce(sum(amount), 0)::bigint FROM billing_refund WHERE payment_id = payment.id
$$;

-- What of the net takings of a charge is taxed.
CREATE FUNCTION billing_taxed(charge billing_charge) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN charge.rounding_amount = 0 AND charge.kept_amount = 0
        THEN charge.captured_amount - charge.refunded_amount
        ELSE (
            SELECT coalesce(sum(billing_taxed_part(billing_kept_of(payment), payment.rounding_amount + payment.kept_amount)),
                0)::bigint
            FROM billing_payment payment WHERE payment.charge_id = charge.id AND payment.captured_amount <> 0
        ) END
$$;

-- The tax of a charge's net takings: of each payment that of what was taxed with it less that of what was before it.
-- Where nothing was given back, that is the tax of all.
CREATE FUNCTION billing_tax_of(charge billing_charge) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(
        billing_tax_within(payment.taxed_before + billing_taxed_part(billing_kept_of(payment),
            payment.rounding_amount + payment.kept_amount), charge.tax_percent)
        - billing_tax_within(payment.taxed_before, charge.tax_percent)), 0)::bigint
    FROM billing_payment payment WHERE payment.charge_id = charge.id AND payment.captured_amount <> 0
$$;

-- A payment notes what was taxed before it: of its charge, and of others that were paid in the same go at the same rate,
-- so that the tax of what is paid together is rounded once. What is given back of it takes back exactly its own tax.
CREATE FUNCTION billing_note_taxed_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT billing_taxed(charge) INTO STRICT NEW.taxed_before FROM billing_charge charge WHERE id = NEW.charge_id;
    IF NEW.together IS NOT NULL THEN
        NEW.taxed_before := NEW.taxed_before + (
            SELECT coalesce(sum(other.captured_amount - other.rounding_amount - other.kept_amount), 0)
            FROM billing_payment other JOIN billing_charge its ON its.id = other.charge_id
            WHERE other.together = NEW.together AND other.charge_id <> NEW.charge_id AND other.captured_amount <> 0
                AND its.tax_percent = (SELECT tax_percent FROM billing_charge WHERE id = NEW.charge_id)
        );
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER billing_payment_taken BEFORE INSERT ON billing_payment
FOR EACH ROW WHEN (NEW.captured_amount <> 0) EXECUTE FUNCTION billing_note_taxed_before();

CREATE TRIGGER billing_payment_captured BEFORE UPDATE OF captured_amount ON billing_payment
FOR EACH ROW WHEN (OLD.captured_amount = 0 AND NEW.captured_amount <> 0) EXECUTE FUNCTION billing_note_taxed_before();

-- A due amount that changes without being assessed changes now.
CREATE FUNCTION billing_post_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO billing_posting (lot_id, charge_id, currency, kind, amount, tax, stays, method, tariff_id, at)
        VALUES (NEW.lot_id, NEW.id, NEW.currency, 'charged', NEW.due_amount, 0, 0, '', NEW.tariff_id, NEW.created_at);
    ELSE
        INSERT INTO billing_posting (lot_id, charge_id, currency, kind, amount, tax, stays, method, tariff_id, at)
        VALUES (
            NEW.lot_id, NEW.id, NEW.currency, 'charged', NEW.due_amount - OLD.due_amount,
            CASE WHEN NEW.tax_percent = OLD.tax_percent THEN 0 ELSE billing_tax_of(NEW) - billing_tax_of(OLD) END,
            0, '', NEW.tariff_id,
            CASE WHEN NEW.assessed_at <> OLD.assessed_at THEN NEW.assessed_at ELSE now() END
        );
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_charge_posted AFTER INSERT ON billing_charge
FOR EACH ROW WHEN (NEW.due_amount <> 0) EXECUTE FUNCTION billing_post_charge();

CREATE TRIGGER billing_charge_reposted AFTER UPDATE OF due_amount, tax_percent ON billing_charge
FOR EACH ROW WHEN (
    NEW.due_amount <> OLD.due_amount
    OR NEW.tax_percent <> OLD.tax_percent AND NEW.captured_amount <> NEW.refunded_amount
) EXECUTE FUNCTION billing_post_charge();

CREATE FUNCTION billing_post_credit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint;
BEGIN
    change := CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE NEW.amount END - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD.amount END;
    IF TG_OP = 'DELETE' THEN
        NEW := OLD;
    END IF;
    INSERT INTO billing_posting (lot_id, charge_id, currency, kind, source, amount, tax, stays, method, tariff_id, cashier_id, at)
    SELECT charge.lot_id, charge.id, charge.currency, 'credited', NEW.id, change, 0, 0, '', charge.tariff_id,
        NEW.granted_by_id, NEW.created_at
    FROM billing_charge charge WHERE charge.id = NEW.charge_id;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_credit_to_books AFTER INSERT OR DELETE OR UPDATE OF amount ON billing_credit
FOR EACH ROW EXECUTE FUNCTION billing_post_credit();

-- Runs after the trigger that sums up the charge (`sums.sql`), as triggers run in the order of their names: the charge
-- has the amount already.
CREATE FUNCTION billing_post_payment() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint;
BEGIN
    change := CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE NEW.captured_amount END
        - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD.captured_amount END;
    IF change = 0 THEN
        RETURN NULL;
    ELSIF TG_OP = 'DELETE' THEN
        NEW := OLD;
    END IF;
    INSERT INTO billing_posting (lot_id, charge_id, currency, kind, source, amount, tax, stays, method, tariff_id, cashier_id, at)
    SELECT charge.lot_id, charge.id, charge.currency, 'captured', NEW.id, change,
        billing_tax_within(NEW.taxed_before + kept.now, charge.tax_percent)
            - billing_tax_within(NEW.taxed_before + kept.before, charge.tax_percent),
        CASE WHEN charge.captured_amount = change THEN 1 WHEN charge.captured_amount = 0 THEN -1 ELSE 0 END,
        NEW.method, charge.tariff_id, NEW.taken_by_id, coalesce(NEW.finished_at, NEW.created_at)
    FROM billing_charge charge CROSS JOIN LATERAL (
        SELECT billing_taxed_part(left_over, untaxed) AS now, billing_taxed_part(left_over - change, untaxed) AS before
        FROM (SELECT CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE billing_kept_of(NEW) END AS left_over,
            NEW.rounding_amount + NEW.kept_amount AS untaxed) payment
    ) kept
    WHERE charge.id = NEW.charge_id;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_payment_to_books AFTER INSERT OR DELETE OR UPDATE OF captured_amount ON billing_payment
FOR EACH ROW EXECUTE FUNCTION billing_post_payment();

CREATE FUNCTION billing_post_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint;
BEGIN
    change := CASE WHEN TG_OP = 'DELETE' THEN 0 ELSE NEW.amount END - CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD.amount END;
    IF TG_OP = 'DELETE' THEN
        NEW := OLD;
    END IF;
    INSERT INTO billing_posting (lot_id, charge_id, currency, kind, source, amount, tax, stays, method, tariff_id, cashier_id, at)
    SELECT charge.lot_id, charge.id, charge.currency, 'refunded', NEW.id, change,
        billing_tax_within(payment.taxed_before + kept.now, charge.tax_percent)
            - billing_tax_within(payment.taxed_before + kept.before, charge.tax_percent),
        0, payment.method, charge.tariff_id, NEW.refunded_by_id, NEW.created_at
    FROM billing_payment payment JOIN billing_charge charge ON charge.id = payment.charge_id
    CROSS JOIN LATERAL (
        SELECT billing_taxed_part(left_over, untaxed) AS now, billing_taxed_part(left_over + change, untaxed) AS before
        FROM (SELECT billing_kept_of(payment) AS left_over, payment.rounding_amount + payment.kept_amount AS untaxed) part
    ) kept
    WHERE payment.id = NEW.payment_id;
    RETURN NULL;
END $$;

CREATE TRIGGER billing_refund_to_books AFTER INSERT OR DELETE OR UPDATE OF amount ON billing_refund
FOR EACH ROW EXECUTE FUNCTION billing_post_refund();

CREATE FUNCTION billing_keep_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Postings are never changed or deleted: a mistake is posted back.';
END $$;

CREATE TRIGGER billing_posting_kept BEFORE DELETE OR UPDATE OF
    lot_id, charge_id, currency, kind, source, amount, tax, stays, method, tariff_id, cashier_id, at, recorded_at
ON billing_posting
FOR EACH ROW EXECUTE FUNCTION billing_keep_postings();

-- Where each posting belongs that is not in the books yet: in its local hour, unless that day is closed. Then it counts
-- when it was recorded, and adjusts the closed day. The day of its recording may be closed, too, if nothing was placed
-- for hours.
CREATE VIEW billing_unbooked AS
SELECT posting.id, posting.lot_id, posting.charge_id, posting.currency, posting.kind, posting.source, posting.amount,
    posting.tax, posting.stays, posting.method, posting.tariff_id, posting.cashier_id, posting.at, posting.recorded_at,
    lot.operator_id, placed.day, placed.hour, placed.adjusts
FROM billing_posting posting
JOIN lots_lot lot ON lot.id = posting.lot_id
CROSS JOIN LATERAL (
    SELECT posting.at AT TIME ZONE lot.timezone AS happened, posting.recorded_at AT TIME ZONE lot.timezone AS recorded,
        (SELECT max(day) FROM billing_dailyclose closed WHERE closed.lot_id = posting.lot_id) AS closed_until
) clock
CROSS JOIN LATERAL (
    SELECT happened::date AS day, extract(hour FROM happened)::smallint AS hour, NULL::date AS adjusts
    WHERE closed_until IS NULL OR happened::date > closed_until
    UNION ALL
    SELECT greatest(recorded::date, closed_until + 1),
        CASE WHEN recorded::date > closed_until THEN extract(hour FROM recorded)::smallint ELSE 0 END, happened::date
    WHERE happened::date <= closed_until
) placed
WHERE posting.day IS NULL;

CREATE VIEW billing_bookline AS
SELECT id, lot_id, charge_id, currency, kind, source, amount, tax, stays, method, tariff_id, cashier_id, at, recorded_at,
    day, hour, adjusts
FROM billing_posting WHERE day IS NOT NULL
UNION ALL
SELECT id, lot_id, charge_id, currency, kind, source, amount, tax, stays, method, tariff_id, cashier_id, at, recorded_at,
    day, hour, adjusts
FROM billing_unbooked;

-- Places the oldest `most` postings and adds them to the sums; returns how many they were. Only one at a time keeps the
-- books, so that nobody waits for a row of a sum; whatever commits later is placed later.
CREATE FUNCTION billing_book_postings(most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    placed integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('billing books', 0));
    WITH taken AS MATERIALIZED (
        SELECT * FROM billing_unbooked ORDER BY id LIMIT most
    ), booked AS (
        UPDATE billing_posting posting SET day = taken.day, hour = taken.hour, adjusts = taken.adjusts
        FROM taken WHERE posting.id = taken.id
    ), measured AS MATERIALIZED (
        SELECT lot_id, operator_id, currency, day, hour, method, tariff_id, cashier_id, tax, stays,
            CASE WHEN kind = 'charged' THEN amount ELSE 0 END AS charged,
            CASE WHEN kind = 'credited' THEN amount ELSE 0 END AS credited,
            CASE WHEN kind = 'captured' THEN amount ELSE 0 END AS captured,
            CASE WHEN kind = 'refunded' THEN amount ELSE 0 END AS refunded,
            CASE WHEN kind = 'captured' THEN sign(amount) ELSE 0 END AS payments
        FROM taken
    ), hourly AS (
        INSERT INTO billing_hourlysum AS known (lot_id, currency, day, hour, method, tariff_id, cashier_id,
            charged, credited, captured, refunded, tax, stays, payments)
        SELECT lot_id, currency, day, hour, method, tariff_id, cashier_id,
            sum(charged), sum(credited), sum(captured), sum(refunded), sum(tax), sum(stays), sum(payments)
        FROM measured GROUP BY lot_id, currency, day, hour, method, tariff_id, cashier_id
        ON CONFLICT (lot_id, day, hour, currency, method, tariff_id, cashier_id) DO UPDATE SET
            charged = known.charged + excluded.charged, credited = known.credited + excluded.credited,
            captured = known.captured + excluded.captured, refunded = known.refunded + excluded.refunded,
            tax = known.tax + excluded.tax, stays = known.stays + excluded.stays,
            payments = known.payments + excluded.payments
    ), monthly AS (
        INSERT INTO billing_monthlysum AS known (lot_id, currency, month, method, tariff_id, cashier_id,
            charged, credited, captured, refunded, tax, stays, payments)
        SELECT lot_id, currency, date_trunc('month', day)::date, method, tariff_id, cashier_id,
            sum(charged), sum(credited), sum(captured), sum(refunded), sum(tax), sum(stays), sum(payments)
        FROM measured GROUP BY lot_id, currency, date_trunc('month', day)::date, method, tariff_id, cashier_id
        ON CONFLICT (lot_id, month, currency, method, tariff_id, cashier_id) DO UPDATE SET
            charged = known.charged + excluded.charged, credited = known.credited + excluded.credited,
            captured = known.captured + excluded.captured, refunded = known.refunded + excluded.refunded,
            tax = known.tax + excluded.tax, stays = known.stays + excluded.stays,
            payments = known.payments + excluded.payments
    ), of_operator AS (
        INSERT INTO billing_operatorsum AS known (operator_id, currency, day, hour,
            charged, credited, captured, refunded, tax, stays, payments)
        SELECT operator_id, currency, day, hour,
            sum(charged), sum(credited), sum(captured), sum(refunded), sum(tax), sum(stays), sum(payments)
        FROM measured GROUP BY operator_id, currency, day, hour
        ON CONFLICT (operator_id, day, hour, currency) DO UPDATE SET
            charged = known.charged + excluded.charged, credited = known.credited + excluded.credited,
            captured = known.captured + excluded.captured, refunded = known.refunded + excluded.refunded,
            tax = known.tax + excluded.tax, stays = known.stays + excluded.stays,
            payments = known.payments + excluded.payments
    )
    SELECT count(*) INTO placed FROM taken;
    RETURN placed;
END $$;

-- Freezes every day of every lot that ended before its clock showed `closing_hour` of the next morning, and returns how
-- many rows that made. A day has a row for the lot's currency and for each other one in which it ever had money.
CREATE FUNCTION billing_close_days(moment timestamptz, closing_hour integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    made integer;
BEGIN
    PERFORM billing_book_postings(NULL);
    WITH due AS MATERIALIZED (
        SELECT lot.id AS lot_id, lot.currency, until.day AS until_day, last.day AS last_day,
            coalesce(last.day + 1, least(first.day, until.day)) AS from_day
        FROM lots_lot lot
        CROSS JOIN LATERAL (
            SELECT ((moment AT TIME ZONE lot.timezone) - closing_hour * interval '1 hour')::date - 1 AS day
        ) until
        CROSS JOIN LATERAL (SELECT max(day) AS day FROM billing_dailyclose known WHERE known.lot_id = lot.id) last
        CROSS JOIN LATERAL (SELECT min(day) AS day FROM billing_hourlysum known WHERE known.lot_id = lot.id) first
    ), closing AS MATERIALIZED (
        SELECT * FROM due WHERE from_day <= until_day
    ), currencies AS (
        SELECT lot_id, currency FROM closing
        UNION
        SELECT known.lot_id, known.currency FROM billing_monthlysum known JOIN closing USING (lot_id)
    ), summed AS (
        SELECT known.lot_id, known.currency, known.day, sum(charged) AS charged, sum(credited) AS credited,
            sum(captured) AS captured, sum(refunded) AS refunded, sum(tax) AS tax, sum(stays) AS stays,
            sum(payments) AS payments
        FROM billing_hourlysum known JOIN closing USING (lot_id)
        WHERE known.day BETWEEN closing.from_day AND closing.until_day
        GROUP BY known.lot_id, known.currency, known.day
    ), frozen AS (
        INSERT INTO billing_dailyclose (lot_id, day, currency, closed_at, charged, credited, captured, refunded, tax,
            stays, payments, outstanding)
        SELECT closing.lot_id, that.day::date, currencies.currency, moment, coalesce(summed.charged, 0),
            coalesce(summed.credited, 0), coalesce(summed.captured, 0), coalesce(summed.refunded, 0),
            coalesce(summed.tax, 0), coalesce(summed.stays, 0), coalesce(summed.payments, 0), coalesce(before.outstanding, 0) + sum(
                coalesce(summed.charged - summed.credited - summed.captured + summed.refunded, 0)
            ) OVER (PARTITION BY closing.lot_id, currencies.currency ORDER BY that.day)
        FROM closing
        JOIN currencies USING (lot_id)
        CROSS JOIN LATERAL generate_series(closing.from_day, closing.until_day, interval '1 day') that (day)
        LEFT JOIN summed ON summed.lot_id = closing.lot_id AND summed.currency = currencies.currency
            AND summed.day = that.day::date
        LEFT JOIN billing_dailyclose before ON before.lot_id = closing.lot_id AND before.day = closing.last_day
            AND before.currency = currencies.currency
        RETURNING 1
    )
    SELECT count(*) INTO made FROM frozen;
    RETURN made;
END $$;
