"""Invariants of automatic payments: somebody had agreed to each."""

from verification.proof import Invariant

AUTOMATIC_PAYMENTS_WERE_AGREED = Invariant(
    5,
    "automatic_payments_were_agreed",
    "An automatic payment that took money has an agreement that stood when it was made, and is within its limit.",
    """
    SELECT format('payment %s of %s %s, made %s: agreement %s stood from %s to %s, up to %s %s', payment.id,
        payment.amount, charge.currency, payment.created_at, coalesce(agreed.id::text, '-'),
        coalesce(agreed.agreed_at::text, '-'), coalesce(agreed.withdrawn_at::text, 'now'),
        coalesce(agreed.limit_amount, 0), coalesce(agreed.currency, '-'))
    FROM billing_payment payment JOIN billing_charge charge ON charge.id = payment.charge_id
    LEFT JOIN billing_automaticpayment agreed ON agreed.id = payment.automatic_id
    WHERE payment.state = 'captured'
        AND (payment.automatic_id IS NOT NULL OR starts_with(payment.idempotency_key, 'automatic-'))
        AND (agreed.id IS NULL OR payment.created_at < agreed.agreed_at OR payment.created_at > agreed.withdrawn_at
            OR payment.amount > agreed.limit_amount OR agreed.currency <> charge.currency)
    """,
)

AUTOMATIC_PAYMENTS_WITHIN_LIMIT = Invariant(
    5,
    "automatic_payments_within_limit",
    "What automatic payments took for a stay and did not give back is within the highest limit of its agreements.",
    """
    SELECT format('charge %s: %s charged automatically, agreed up to %s', taken.charge_id, taken.amount, taken.most)
    FROM (
        SELECT payment.charge_id, max(agreed.limit_amount) AS most,
            sum(payment.captured_amount - coalesce(back.amount, 0)) AS amount
        FROM billing_payment payment JOIN billing_automaticpayment agreed ON agreed.id = payment.automatic_id
        LEFT JOIN (SELECT payment_id, sum(amount) AS amount FROM billing_refund GROUP BY payment_id) back
            ON back.payment_id = payment.id
        GROUP BY payment.charge_id
    ) taken
    WHERE taken.amount > taken.most
    """,
)

INVARIANTS = (AUTOMATIC_PAYMENTS_WERE_AGREED, AUTOMATIC_PAYMENTS_WITHIN_LIMIT)
