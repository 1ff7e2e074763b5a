-- Posts what happened before there were books; the worker adds it to the sums. What was due is taken as due from the
-- beginning.

UPDATE billing_charge charge SET tariff_id = coalesce(booking.tariff_id, ticket.tariff_id)
FROM tickets_ticket ticket LEFT JOIN reservations_reservation booking ON booking.id = ticket.reservation_id
WHERE ticket.charge_id = charge.id;

WITH moved AS (
    SELECT charge_id, 'captured' AS kind, id AS source, captured_amount AS amount, captured_amount AS net,
        coalesce(finished_at, created_at) AS at, method, taken_by_id AS cashier_id, 1 AS turn
    FROM billing_payment WHERE captured_amount <> 0
    UNION ALL
    SELECT payment.charge_id, 'refunded', refund.id, refund.amount, -refund.amount, refund.created_at, payment.method,
        refund.refunded_by_id, 2
    FROM billing_refund refund JOIN billing_payment payment ON payment.id = refund.payment_id
), running AS (
    SELECT *, sum(net) OVER so_far AS now_net, count(*) FILTER (WHERE kind = 'captured') OVER so_far AS payments
    FROM moved WINDOW so_far AS (PARTITION BY charge_id ORDER BY at, turn, source)
), posted AS (
    SELECT id AS charge_id, 'charged' AS kind, NULL::bigint AS source, due_amount AS amount, 0 AS tax, 0 AS stays,
        '' AS method, NULL::bigint AS cashier_id, created_at AS at, 0 AS turn
    FROM billing_charge WHERE due_amount <> 0
    UNION ALL
    SELECT charge_id, 'credited', id, amount, 0, 0, '', granted_by_id, created_at, 3 FROM billing_credit
    UNION ALL
    SELECT running.charge_id, kind, source, amount,
        billing_tax_within(now_net::bigint, charge.tax_percent)
            - billing_tax_within((now_net - net)::bigint, charge.tax_percent),
        CASE WHEN kind = 'captured' AND payments = 1 THEN 1 ELSE 0 END, method, cashier_id, at, turn
    FROM running JOIN billing_charge charge ON charge.id = running.charge_id
)
INSERT INTO billing_posting (lot_id, charge_id, currency, kind, source, amount, tax, stays, method, tariff_id, cashier_id,
    at, recorded_at)
SELECT charge.lot_id, charge.id, charge.currency, kind, source, amount, tax, stays, method, charge.tariff_id, cashier_id,
    at, at
FROM posted JOIN billing_charge charge ON charge.id = posted.charge_id
ORDER BY at, turn, source;
