"""Invariants of payments at providers: what they reported, and how long they hold money."""

from verification.proof import Invariant

PAYMENTS_ARE_AS_REPORTED = Invariant(
    5,
    "payments_are_as_reported",
    "A payment is in a state that the events of its provider that were applied to it allow.",
    """
    SELECT format('payment %s of %s is %s, but %s reported %s', payment.id, payment.provider_reference, payment.state,
        event.provider, event.kind)
    FROM billing_providerevent event
    JOIN billing_payment payment ON payment.provider = event.provider AND payment.idempotency_key = event.reference
    JOIN (VALUES
        ('payment_intent.succeeded', '{captured}'),
        ('payment_intent.canceled', '{failed,voided}'),
        ('payment_intent.amount_capturable_updated', '{authorised,captured,voided}'),
        ('checkout.session.expired', '{failed}'),
        ('checkout.session.completed', '{pending,authorised,captured,voided}')
    ) allowed (kind, states) ON allowed.kind = event.kind
    WHERE event.applied_at IS NOT NULL AND NOT payment.state = ANY (allowed.states::text[])
    """,
)

NO_HOLD_IS_FORGOTTEN = Invariant(
    5,
    "no_hold_is_forgotten",
    "No payment is held beyond the instant until which its provider holds it.",
    """
    SELECT format('payment %s holds %s until %s', id, authorised_amount, capture_before)
    FROM billing_payment WHERE state = 'authorised' AND capture_before < now()
    """,
)

ONE_REFERENCE_A_PAYMENT = Invariant(
    5,
    "one_reference_a_payment",
    "No two payments have the same reference at a provider.",
    """
    SELECT format('payments %s share %s of %s', string_agg(id::text, ', ' ORDER BY id), provider_reference, provider)
    FROM billing_payment WHERE provider_reference <> ''
    GROUP BY provider, provider_reference HAVING count(*) > 1
    """,
)

INVARIANTS = (PAYMENTS_ARE_AS_REPORTED, NO_HOLD_IS_FORGOTTEN, ONE_REFERENCE_A_PAYMENT)
