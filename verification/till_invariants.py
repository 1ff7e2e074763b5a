"""Invariants of tills: every cent of cash is in a shift, and what a count expected is what its rows say."""

from billing.shifts import EXPECTED
from verification.proof import Invariant

CASH_IS_IN_A_SHIFT = Invariant(
    5,
    "cash_is_in_a_shift",
    "Cash is taken and given back by a cashier with a shift of the operator, since the first one there.",
    """
    SELECT format('%s %s of %s, %s', cash.kind, cash.id, cash.amount,
        CASE WHEN shift.id IS NULL THEN 'in no shift' ELSE 'in shift ' || shift.id || ', which is not theirs' END)
    FROM (
        SELECT 'payment' AS kind, id, charge_id, captured_amount AS amount, shift_id, taken_by_id AS by_id, created_at,
            method
        FROM billing_payment WHERE state = 'captured'
        UNION ALL
        SELECT 'refund', refund.id, payment.charge_id, refund.amount, refund.shift_id, refund.refunded_by_id,
            refund.created_at, payment.method
        FROM billing_refund refund JOIN billing_payment payment ON payment.id = refund.payment_id
    ) cash
    JOIN billing_charge charge ON charge.id = cash.charge_id
    JOIN lots_lot lot ON lot.id = charge.lot_id
    LEFT JOIN billing_shift shift ON shift.id = cash.shift_id
    LEFT JOIN lots_lot till ON till.id = shift.lot_id
    WHERE (cash.method = 'cash' OR shift.id IS NOT NULL)
        AND (shift.id IS NULL OR cash.by_id IS DISTINCT FROM shift.person_id OR till.operator_id <> lot.operator_id)
        AND cash.created_at >= (
            SELECT min(first.opened_at) FROM billing_shift first JOIN lots_lot place ON place.id = first.lot_id
            WHERE place.operator_id = lot.operator_id)
    """,
)

COUNTS_EXPECT_WHAT_ROWS_SAY = Invariant(
    5,
    "counts_expect_what_rows_say",
    "What the last count of a shift expected equals its float, sales, refunds and movements.",
    f"""
    SELECT format('shift %s of %s: %s %s expected %s, its rows say %s', shift.id, shift.drawer, count.tender,
        count.currency, count.expected_amount, coalesce(held.amount, 0))
    FROM billing_shiftcount count
    JOIN billing_shift shift ON shift.id = count.shift_id AND shift.round = count.round
    LEFT JOIN ({EXPECTED}) held
        ON (held.shift_id, held.tender, held.currency) = (count.shift_id, count.tender, count.currency)
    WHERE count.expected_amount <> coalesce(held.amount, 0)
    """,  # noqa: S608 only our own text
)

CLOSED_TILLS_ARE_EMPTIED = Invariant(
    5,
    "closed_tills_are_emptied",
    "A closed shift has a count of its cash, all of which went to the safe or the next cashier.",
    """
    SELECT format('shift %s of %s: counted %s, put away %s', shift.id, shift.drawer,
        coalesce(count.counted_amount::text, 'nothing'), coalesce(moved.amount, 0))
    FROM billing_shift shift
    LEFT JOIN billing_shiftcount count ON count.shift_id = shift.id AND count.round = shift.round
        AND count.tender = 'cash' AND count.currency = shift.currency
    LEFT JOIN (
        SELECT shift_id, closes_round, sum(amount) AS amount FROM billing_cashmovement GROUP BY shift_id, closes_round
    ) moved ON moved.shift_id = shift.id AND moved.closes_round = shift.round
    WHERE shift.state = 'closed' AND count.counted_amount IS DISTINCT FROM coalesce(moved.amount, 0)
    """,
)

CASH_ROUNDING_IS_EXPLAINED = Invariant(
    5,
    "cash_rounding_is_explained",
    "Cash rounding, and change that was not given, on a charge equal those of its payments.",
    """
    SELECT format('charge %s says rounding %s and change %s, its payments %s and %s', charge.id, charge.rounding_amount,
        charge.kept_amount, coalesce(cash.rounding, 0), coalesce(cash.kept, 0))
    FROM billing_charge charge LEFT JOIN (
        SELECT charge_id, sum(rounding_amount) AS rounding, sum(kept_amount) AS kept
        FROM billing_payment WHERE state = 'captured' AND (rounding_amount <> 0 OR kept_amount <> 0) GROUP BY charge_id
    ) cash ON cash.charge_id = charge.id
    WHERE (charge.rounding_amount, charge.kept_amount) <> (coalesce(cash.rounding, 0), coalesce(cash.kept, 0))
    """,
)

INVARIANTS = (
    CASH_IS_IN_A_SHIFT,
    COUNTS_EXPECT_WHAT_ROWS_SAY,
    CLOSED_TILLS_ARE_EMPTIED,
    CASH_ROUNDING_IS_EXPLAINED,
)
