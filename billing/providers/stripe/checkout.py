"""Stripe's own pages (Checkout), or its form embedded in ours: for a payment, and to save a card."""

import datetime as dt

import stripe
from django.conf import settings
from django.utils.timezone import now

from billing.providers.protocol import CardRequest, Prepared, SavedCard
from billing.providers.stripe.amounts import as_stripe_counts
from billing.providers.stripe.states import moment, page_of

PAGE = "cs_"
"""How the ids of Stripe's pages begin."""
PAGE_OPEN = dt.timedelta(minutes=31)
"""How long a payment page is open; Stripe allows no less than 30 minutes."""


def payment_page(client: stripe.StripeClient, request: CardRequest) -> Prepared:
    """Open a page on which a payer enters a card, or pays with a wallet; once a reference."""
    intent: stripe.params.checkout.SessionCreateParamsPaymentIntentData = {
        "metadata": {"reference": request.reference},
        "description": request.label,
    }
    if request.hold:
        intent["capture_method"] = "manual"
    session = client.v1.checkout.sessions.create(
        {
            "mode": "payment",
            "allowed_payment_method_types": ["card"],
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": request.currency.lower(),
                        "unit_amount": as_stripe_counts(request.amount, request.currency),
                        "product_data": {"name": request.label},
                    },
                }
            ],
            "payment_intent_data": intent,
            "metadata": {"reference": request.reference},
            "expires_at": int(((request.started_at or now()) + PAGE_OPEN).timestamp()),
            **_ways_back(request.return_url, left=f"{request.return_url}?left"),
        },
        {"idempotency_key": f"{request.reference}:page"},
    )
    return _page(session)


def saving_page(client: stripe.StripeClient, reference: str, *, return_url: str, owner: str) -> Prepared:
    """Open a page on which a person saves a card, once a reference; who does gets a customer for this card alone."""
    session = client.v1.checkout.sessions.create(
        {
            "mode": "setup",
            "allowed_payment_method_types": ["card"],
            "customer_creation": "always",
            "setup_intent_data": {"metadata": {"reference": reference, "owner": owner}},
            "metadata": {"reference": reference},
            **_ways_back(return_url, left=return_url),
        },
        {"idempotency_key": f"{reference}:page"},
    )
    return _page(session)


def retrieved(client: stripe.StripeClient, page: str) -> stripe.checkout.Session:
    """Return a payment page with its intent and charge."""
    return client.v1.checkout.sessions.retrieve(page, {"expand": ["payment_intent.latest_charge"]})


def retrieved_setup(client: stripe.StripeClient, page: str) -> stripe.checkout.Session:
    """Return a page that saves a card, with the card."""
    return client.v1.checkout.sessions.retrieve(page, {"expand": ["setup_intent.payment_method"]})


def card_of(session: stripe.checkout.Session) -> SavedCard | None:
    """Return the card that was saved on a page; None while there is none."""
    intent = session.setup_intent
    if not isinstance(intent, stripe.SetupIntent) or intent.status != "succeeded":
        return None
    method = intent.payment_method
    if not isinstance(method, stripe.PaymentMethod) or method.card is None:
        return None
    return SavedCard(f"{session.customer}/{method.id}", f"{method.card.brand.title()} ending {method.card.last4}")


def parts_of(token: str) -> tuple[str, str]:
    """Return the customer ('' when there is none) and the card of a token of ours."""
    customer, _, card = token.rpartition("/")
    return customer, card


def _ways_back(return_url: str, *, left: str) -> stripe.params.checkout.SessionCreateParams:
    if settings.STRIPE_PUBLISHABLE_KEY:
        return {"ui_mode": "embedded_page", "return_url": return_url}
    return {"success_url": return_url, "cancel_url": left}


def _page(session: stripe.checkout.Session) -> Prepared:
    return Prepared(session.id, page_of(session), moment(session.expires_at))
