-- Posts what rows say that were written past the triggers of the books; the worker adds it to the sums. What was due is
-- taken as due from the beginning.

UPDATE billing_charge charge SET tariff_id = coalesce(booking.tariff_id, ticket.tariff_id)
FROM tickets_ticket ticket LEFT JOIN reservations_reservation booking ON booking.id = ticket.reservation_id
WHERE ticket.charge_id = charge.id;

UPDATE billing_payment payment SET taxed_before = coalesce((
    SELECT sum(other.captured_amount - coalesce((
        SELECT sum(refund.amount) FROM billing_refund refund
        WHERE refund.payment_id = other.id AND refund.created_at < coalesce(payment.finished_at, payment.created_at)
    ), 0))
    FROM billing_payment other
    WHERE other.charge_id = payment.charge_id AND other.captured_amount <> 0
        AND (coalesce(other.finished_at, other.created_at), other.id)
            < (coalesce(payment.finished_at, payment.created_at), payment.id)
), 0)
WHERE captured_amount <> 0;

WITH moved AS (
    SELECT charge_id, 'captured' AS kind, id AS source, captured_amount AS amount, taxed_before AS taxed_from,
        taxed_before + captured_amount AS taxed_to, coalesce(finished_at, created_at) AS at, method,
        taken_by_id AS cashier_id, 1 AS turn
    FROM billing_payment WHERE captured_amount <> 0
    UNION ALL
    SELECT payment.charge_id, 'refunded', refund.id, refund.amount, taxed_before + kept, taxed_before + kept - refund.amount,
        refund.created_at, payment.method, refund.refunded_by_id, 2
    FROM billing_refund refund JOIN billing_payment payment ON payment.id = refund.payment_id
    CROSS JOIN LATERAL (
        SELECT payment.captured_amount - coalesce(sum(amount), 0) AS kept FROM billing_refund earlier
        WHERE earlier.payment_id = payment.id AND earlier.id < refund.id
    ) before
), running AS (
    SELECT *, count(*) FILTER (WHERE kind = 'captured') OVER (PARTITION BY charge_id ORDER BY at, turn, source) AS payments
    FROM moved
), posted AS (
    SELECT id AS charge_id, 'charged' AS kind, NULL::bigint AS source, due_amount AS amount, 0 AS tax, 0 AS stays,
        '' AS method, NULL::bigint AS cashier_id, created_at AS at, 0 AS turn
    FROM billing_charge WHERE due_amount <> 0
    UNION ALL
    SELECT charge_id, 'credited', id, amount, 0, 0, '', granted_by_id, created_at, 3 FROM billing_credit
    UNION ALL
    SELECT running.charge_id, kind, source, amount,
        billing_tax_within(taxed_to::bigint, charge.tax_percent)
            - billing_tax_within(taxed_from::bigint, charge.tax_percent),
        CASE WHEN kind = 'captured' AND payments = 1 THEN 1 ELSE 0 END, method, cashier_id, at, turn
    FROM running JOIN billing_charge charge ON charge.id = running.charge_id
)
INSERT INTO billing_posting (lot_id, charge_id, currency, kind, source, amount, tax, stays, method, tariff_id, cashier_id,
    at, recorded_at)
SELECT charge.lot_id, charge.id, charge.currency, kind, source, amount, tax, stays, method, charge.tariff_id, cashier_id,
    at, at
FROM posted JOIN billing_charge charge ON charge.id = posted.charge_id
ORDER BY at, turn, source;
