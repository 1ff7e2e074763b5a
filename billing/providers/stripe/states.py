"""What Stripe's objects mean to us."""

import datetime as dt

import stripe

from billing.providers.protocol import FORM, CardOutcome
from billing.providers.stripe.amounts import as_we_count

HELD_AT_LEAST = dt.timedelta(days=4, hours=18)
"""The shortest time a card network keeps a hold, for charges that don't tell theirs."""
AGREEMENT_OPEN = dt.timedelta(minutes=15)
"""How long a payer has to agree at their bank."""


def moment(timestamp: int) -> dt.datetime:
    """Return the instant of a timestamp of Stripe."""
    return dt.datetime.fromtimestamp(timestamp, dt.UTC)


def outcome_of_intent(intent: stripe.PaymentIntent) -> CardOutcome | None:
    """Return the result of an intent, with its `latest_charge` expanded; None while nothing is decided."""
    match intent.status:
        case "succeeded":
            return CardOutcome(as_we_count(intent.amount_received, intent.currency), "", intent.id)
        case "requires_capture":
            held = as_we_count(intent.amount_capturable, intent.currency)
            return CardOutcome(0, "", intent.id, held_amount=held, capture_before=_capture_before(intent))
        case "canceled":
            return CardOutcome(0, "cancelled", intent.id)
        case "requires_action":
            return _agreement(intent)
        case "requires_payment_method" if intent.last_payment_error is not None:
            return CardOutcome(0, "declined", intent.id)
    return None


def page_of(session: stripe.checkout.Session) -> str:
    """Return where the payer enters the card: Stripe's page, or ours with its form, whose secret no server is sent."""
    if session.client_secret and session.return_url:
        return f"{session.return_url}{FORM}#{session.client_secret}"
    return session.url or ""


def outcome_of_session(session: stripe.checkout.Session) -> CardOutcome | None:
    """Return the result of a hosted page, with its intent and charge expanded. An open one may still be paid."""
    if session.status == "open":
        return CardOutcome(0, "", session.id, page_url=page_of(session), page_until=moment(session.expires_at))
    if session.status == "expired":
        return CardOutcome(0, "cancelled", session.id)
    return (
        outcome_of_intent(session.payment_intent) if isinstance(session.payment_intent, stripe.PaymentIntent) else None
    )


def _capture_before(intent: stripe.PaymentIntent) -> dt.datetime:
    charge = intent.latest_charge if isinstance(intent.latest_charge, stripe.Charge) else None
    details = charge.payment_method_details if charge else None
    card = details.card if details else None
    told = card.capture_before if card and "capture_before" in card else None
    return moment(told) if told else moment(charge.created if charge else intent.created) + HELD_AT_LEAST


def _agreement(intent: stripe.PaymentIntent) -> CardOutcome | None:
    action = intent.next_action
    redirect = action.redirect_to_url if action and "redirect_to_url" in action else None
    if redirect is None or redirect.url is None:
        return None
    return CardOutcome(0, "", intent.id, page_url=redirect.url, page_until=moment(intent.created) + AGREEMENT_OPEN)
