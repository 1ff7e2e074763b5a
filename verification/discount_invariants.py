"""Invariants of discounts: stays have what was given to them, within budgets, and uses of codes lower something."""

from verification.proof import Invariant

STAYS_HAVE_WHAT_WAS_GIVEN = Invariant(
    5,
    "stays_have_what_was_given",
    "The discounts of a stay are the validations that stand and the codes that lowered it, each once.",
    """
    SELECT format('ticket %s has %s, was given %s', ticket.number, kept.keys, coalesce(given.keys, '{}'))
    FROM tickets_ticket ticket
    CROSS JOIN LATERAL (
        SELECT coalesce(array_agg(one ->> 'key' ORDER BY one ->> 'key'), '{}') AS keys
        FROM jsonb_array_elements(ticket.discounts) one) kept
    LEFT JOIN LATERAL (
        SELECT array_agg(row.key ORDER BY row.key) AS keys FROM (
            SELECT 'validation-' || validation.id AS key FROM merchants_validation validation
            WHERE validation.ticket_id = ticket.id AND validation.withdrawn_at IS NULL
            UNION ALL
            SELECT 'promo-' || use.id FROM billing_promouse use
            WHERE use.charge_id = ticket.charge_id AND use.lowered_amount IS NOT NULL) row) given ON true
    WHERE (ticket.discounts <> '[]' OR given.keys IS NOT NULL) AND kept.keys <> coalesce(given.keys, '{}')
    """,
)

BUDGETS_ARE_KEPT = Invariant(
    5,
    "budgets_are_kept",
    "A month's budget is used by what was given in it and stands, and never more than its limit.",
    """
    SELECT format('type %s in %s: %s used, %s given, limit %s', budget.type_id, to_char(budget.month, 'YYYY-MM'),
        budget.used, given.worth, budget."limit")
    FROM merchants_validationbudget budget JOIN merchants_validationtype kind ON kind.id = budget.type_id
    CROSS JOIN LATERAL (
        SELECT count(*) * CASE kind.budget_kind WHEN 'amount' THEN (kind.discount ->> 'amount')::bigint ELSE 1 END
            AS worth
        FROM merchants_validation validation
        WHERE validation.type_id = kind.id AND validation.month = budget.month AND validation.withdrawn_at IS NULL
    ) given
    WHERE budget.used > budget."limit" OR budget.used <> given.worth
    """,
)

VALIDATIONS_ARE_NO_MORE_THAN_ALLOWED = Invariant(
    5,
    "validations_are_no_more_than_allowed",
    "A stay has a validation as often as its type says at most, at a lot of the same operator.",
    """
    SELECT format('ticket %s has %s × type %s', ticket.number, count(*), kind.id)
    FROM merchants_validation validation JOIN merchants_validationtype kind ON kind.id = validation.type_id
    JOIN accounts_merchant merchant ON merchant.id = kind.merchant_id
    JOIN tickets_ticket ticket ON ticket.id = validation.ticket_id JOIN lots_lot lot ON lot.id = ticket.lot_id
    WHERE validation.withdrawn_at IS NULL
    GROUP BY ticket.number, kind.id, kind.max_per_stay, lot.operator_id, merchant.operator_id
    HAVING count(*) > kind.max_per_stay OR lot.operator_id <> merchant.operator_id
    """,
)

CODES_ARE_USED_AS_OFTEN_AS_THEY_MAY = Invariant(
    5,
    "codes_are_used_as_often_as_they_may",
    "A promo code has no more standing uses than it may.",
    """
    SELECT format('code %s: %s uses of %s', code.shown, count(*), code.max_uses)
    FROM billing_promocode code JOIN billing_promouse use ON use.code_id = code.id AND use.given_back_at IS NULL
    WHERE code.max_uses IS NOT NULL
    GROUP BY code.id HAVING count(*) > code.max_uses
    """,
)

USES_HAVE_WHAT_THEY_LOWER = Invariant(
    5,
    "uses_have_what_they_lower",
    "A use of a code that stands has its payment, pending or captured, a charge it left nothing of, or a booking.",
    """
    SELECT format('use %s of code %s: payment %s, booking %s', use.id, use.code_id,
        coalesce(payment.state, 'none'), coalesce(booking.status, 'none'))
    FROM billing_promouse use
    LEFT JOIN billing_payment payment ON payment.id = use.payment_id
    LEFT JOIN reservations_reservation booking ON booking.promo_use_id = use.id
    WHERE use.given_back_at IS NULL AND NOT (
        payment.state = 'pending'
        OR payment.state = 'captured' AND use.lowered_amount IS NOT NULL
        OR payment.id IS NULL AND use.charge_id IS NOT NULL AND use.lowered_amount IS NOT NULL
        OR booking.status IS NOT NULL AND booking.status <> 'lapsed'
            AND (booking.status <> 'cancelled' OR booking.fee_amount > 0))
        IS TRUE
    """,
)

VOUCHERS_PAY_ONCE = Invariant(
    5,
    "vouchers_pay_once",
    "A payment by voucher has its voucher, of the same operator and currency, and no more than its amount.",
    """
    SELECT format('payment %s of %s: voucher %s of %s', payment.id, payment.captured_amount,
        coalesce(voucher.code, 'none'), coalesce(voucher.amount, 0))
    FROM billing_payment payment JOIN billing_charge charge ON charge.id = payment.charge_id
    JOIN lots_lot lot ON lot.id = charge.lot_id
    FULL JOIN billing_voucher voucher ON voucher.payment_id = payment.id
    WHERE (payment.method = 'voucher' OR voucher.payment_id IS NOT NULL) AND NOT (
        payment.method = 'voucher' AND payment.state = 'captured' AND voucher.operator_id = lot.operator_id
        AND voucher.currency = charge.currency AND payment.captured_amount <= voucher.amount) IS TRUE
    """,
)

INVARIANTS = (
    STAYS_HAVE_WHAT_WAS_GIVEN,
    BUDGETS_ARE_KEPT,
    VALIDATIONS_ARE_NO_MORE_THAN_ALLOWED,
    CODES_ARE_USED_AS_OFTEN_AS_THEY_MAY,
    USES_HAVE_WHAT_THEY_LOWER,
    VOUCHERS_PAY_ONCE,
)
