"""Invariants of money: sums, limits and debts."""

from verification.proof import Invariant

CHARGE_SUMS_EQUAL_ROWS = Invariant(
    5,
    "charge_sums_equal_rows",
    "The sums on a charge equal its payments, refunds and credits.",
    """
    SELECT format('charge %s says captured %s refunded %s credited %s, its rows %s %s %s', charge.id,
        charge.captured_amount, charge.refunded_amount, charge.credited_amount,
        coalesce(paid.captured, 0), coalesce(back.refunded, 0), coalesce(lowered.credited, 0))
    FROM billing_charge charge
    LEFT JOIN (SELECT charge_id, sum(captured_amount) AS captured FROM billing_payment GROUP BY charge_id) paid
        ON paid.charge_id = charge.id
    LEFT JOIN (
        SELECT payment.charge_id, sum(refund.amount) AS refunded
        FROM billing_refund refund JOIN billing_payment payment ON payment.id = refund.payment_id
        GROUP BY payment.charge_id
    ) back ON back.charge_id = charge.id
    LEFT JOIN (SELECT charge_id, sum(amount) AS credited FROM billing_credit GROUP BY charge_id) lowered
        ON lowered.charge_id = charge.id
    WHERE (charge.captured_amount, charge.refunded_amount, charge.credited_amount)
        <> (coalesce(paid.captured, 0), coalesce(back.refunded, 0), coalesce(lowered.credited, 0))
    """,
)

NOBODY_PAYS_TOO_MUCH = Invariant(
    5,
    "nobody_pays_too_much",
    "What was captured and not refunded is not negative, and at most what is due after credits.",
    """
    SELECT format('charge %s: due %s credited %s captured %s refunded %s', id, due_amount, credited_amount,
        captured_amount, refunded_amount)
    FROM billing_charge
    WHERE captured_amount - refunded_amount NOT BETWEEN 0 AND due_amount - credited_amount
    """,
)

REFUNDS_WITHIN_PAYMENTS = Invariant(
    5,
    "refunds_within_payments",
    "No payment is refunded beyond what it captured.",
    """
    SELECT format('payment %s captured %s, refunded %s', payment.id, payment.captured_amount, sum(refund.amount))
    FROM billing_refund refund JOIN billing_payment payment ON payment.id = refund.payment_id
    GROUP BY payment.id HAVING sum(refund.amount) > payment.captured_amount
    """,
)

OPEN_DEBTS_ARE_OWED = Invariant(
    5,
    "open_debts_are_owed",
    "A debt is open exactly while its charge has a balance.",
    """
    SELECT format('debt %s of %s: balance %s, %s', debt.id, debt.plate, charge.balance_amount,
        CASE WHEN debt.settled_at IS NULL THEN 'still open' ELSE 'settled' END)
    FROM billing_debt debt JOIN billing_charge charge ON charge.id = debt.charge_id
    WHERE (debt.settled_at IS NULL) <> (charge.balance_amount > 0)
    """,
)

REFUNDS_ARE_OWED_AGAIN = Invariant(
    4,
    "refunds_are_owed_again",
    "What was refunded is owed again: by a stay that is not paid, or as an open debt of a stay that has ended.",
    """
    SELECT format('charge %s: %s refunded, %s owed, ticket %s is %s without a debt', charge.id, charge.refunded_amount,
        charge.balance_amount, ticket.number, ticket.status)
    FROM billing_charge charge
    JOIN tickets_ticket ticket ON ticket.charge_id = charge.id
    LEFT JOIN billing_debt debt ON debt.charge_id = charge.id AND debt.settled_at IS NULL
    WHERE charge.refunded_amount > 0 AND charge.balance_amount > 0
        AND ticket.status IN ('paid', 'closed', 'void') AND debt.id IS NULL
    """,
)

WAIVED_IS_NOT_PAID = Invariant(
    4,
    "waived_is_not_paid",
    "A stay whose fee a person waived before it ended is closed as waived, never as paid.",
    """
    SELECT format('%s closed as %s, %s of its fee waived by person %s', ticket.number, ticket.closed_reason,
        credit.amount, coalesce(credit.granted_by_id::text, '-'))
    FROM tickets_ticket ticket JOIN billing_credit credit ON credit.charge_id = ticket.charge_id
    WHERE ticket.status = 'closed' AND credit.kind = 'waived' AND credit.created_at <= ticket.changed_at
        AND credit.reverses_id IS NULL AND NOT EXISTS (SELECT FROM billing_credit WHERE reverses_id = credit.id)
        AND ticket.closed_reason NOT IN ('waived', 'owed', 'left_unseen')
    """,
)

REVERSALS_MIRROR_REFUNDS = Invariant(
    5,
    "reversals_mirror_refunds",
    "A refund that was taken back has a negative one of the same payment and amount, and never reached the driver.",
    """
    SELECT format('refund %s takes back %s: %s of payment %s against %s of payment %s, %s', reversal.id, refund.id,
        reversal.amount, reversal.payment_id, refund.amount, refund.payment_id,
        CASE WHEN refund.returned_at IS NULL THEN 'not returned' ELSE 'returned' END)
    FROM billing_refund reversal JOIN billing_refund refund ON refund.id = reversal.reverses_id
    WHERE reversal.amount <> -refund.amount OR reversal.payment_id <> refund.payment_id
        OR reversal.goodwill <> refund.goodwill OR refund.returned_at IS NOT NULL
    """,
)

TWO_PEOPLE_REFUND = Invariant(
    5,
    "two_people_refund",
    "A refund that waited was decided by another person, and gave back exactly what was asked for.",
    """
    SELECT format('request %s of payment %s: %s asked by %s, %s by %s, %s given back', asked.id, asked.payment_id,
        asked.amount, coalesce(asked.requested_by_id::text, '-'), asked.state,
        coalesce(asked.decided_by_id::text, '-'), coalesce(refund.amount::text, 'nothing'))
    FROM billing_refundrequest asked LEFT JOIN billing_refund refund ON refund.id = asked.refund_id
    WHERE asked.decided_by_id = asked.requested_by_id
        OR (asked.state = 'approved') <> (refund.id IS NOT NULL)
        OR (refund.amount, refund.payment_id, refund.goodwill) <> (asked.amount, asked.payment_id, asked.goodwill)
    """,
)

PREPAID_BOOKINGS_ARE_COVERED = Invariant(
    5,
    "prepaid_bookings_are_covered",
    "A prepaid booking's price is captured or held while it is to come or goes on, except what is paid at the exit; "
    "of a lapsed one nothing is.",
    """
    SELECT format('booking %s (%s, %s) costs %s, its charge asks for %s, captured %s, held %s', booking.code,
        booking.prepay, booking.status, booking.price_amount, charge.due_amount, paid.captured, paid.held)
    FROM reservations_reservation booking JOIN billing_charge charge ON charge.id = booking.charge_id
    CROSS JOIN LATERAL (
        SELECT charge.captured_amount - charge.refunded_amount AS captured, coalesce(sum(authorised_amount), 0) AS held
        FROM billing_payment WHERE charge_id = charge.id AND state = 'authorised' AND settling_amount IS DISTINCT FROM 0
    ) paid
    WHERE booking.prepay <> 'none' AND booking.unsettled_since IS NULL AND CASE
        WHEN booking.status IN ('confirmed', 'active') AND booking.missed_at IS NULL
        THEN paid.captured + paid.held + charge.credited_amount < booking.price_amount - booking.at_exit_amount
            OR charge.due_amount <> booking.price_amount - booking.at_exit_amount
        ELSE booking.status = 'lapsed' AND (paid.captured > 0 OR charge.due_amount > 0) END
    """,
)

INVARIANTS = (
    CHARGE_SUMS_EQUAL_ROWS,
    NOBODY_PAYS_TOO_MUCH,
    REFUNDS_WITHIN_PAYMENTS,
    OPEN_DEBTS_ARE_OWED,
    REFUNDS_ARE_OWED_AGAIN,
    WAIVED_IS_NOT_PAID,
    REVERSALS_MIRROR_REFUNDS,
    TWO_PEOPLE_REFUND,
    PREPAID_BOOKINGS_ARE_COVERED,
)
