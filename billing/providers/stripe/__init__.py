"""Stripe, by its own library. Card data never reaches us: payers enter it on Stripe's page, and we keep tokens.

An intent is created first, which moves no money, and confirmed after its id stands on our row. So what has no id there
can't have been paid, and what has one is looked up by it. See docs/payments.md.
"""

import time
from typing import ClassVar

import stripe
import structlog
from django.conf import settings

from billing.providers.protocol import (
    BadSignatureError,
    CardOutcome,
    CardReference,
    CardRequest,
    Prepared,
    ProviderRefusedError,
    ProviderTimeoutError,
    ReceivedEvent,
    RefundRefusedError,
    SavedCard,
)
from billing.providers.stripe import checkout
from billing.providers.stripe.amounts import as_stripe_counts
from billing.providers.stripe.calls import limited
from billing.providers.stripe.states import moment, outcome_of_intent, outcome_of_session

REPLAY_SECONDS = 300
"""How old a webhook's signature may be."""
EVENTS = frozenset(
    {
        "payment_intent.amount_capturable_updated",
        "payment_intent.canceled",
        "payment_intent.payment_failed",
        "payment_intent.succeeded",
        "checkout.session.completed",
        "checkout.session.expired",
        "setup_intent.succeeded",
        "refund.failed",
        "refund.updated",
        "charge.refund.updated",
    }
)
NEVER_REFUNDED = frozenset({"charge_already_refunded", "charge_disputed", "resource_missing"})
FAILED = frozenset({"failed", "canceled"})
"""The states of refunds whose money is back with us."""
CARD_GONE = frozenset({"lost_or_stolen_card", "expired_or_canceled_card"})
WITH_CHARGE: list[str] = ["latest_charge"]

logger = structlog.get_logger(__name__)


class StripeProvider:
    """Takes cards by PaymentIntents, on Stripe's page (Checkout) or with a saved card."""

    simulated: ClassVar[bool] = False
    has_pages: ClassVar[bool] = True
    settings_needed: ClassVar[tuple[str, ...]] = ("STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET")

    def prepare(self, request: CardRequest, *, timeout: float) -> Prepared:
        """Create an intent for a card, or a page for a payer without one. Raises ProviderRefusedError."""
        with limited(timeout) as client:
            if not request.token:
                if not request.return_url:
                    raise ProviderRefusedError("Neither a card nor a page to come back to was given.")
                return checkout.payment_page(client, request)
            intent = client.v1.payment_intents.create(
                _intent(request), {"idempotency_key": f"{request.reference}:intent"}
            )
            return Prepared(intent.id)

    def charge(self, request: CardRequest, *, timeout: float) -> CardOutcome:
        """Confirm the intent with the card; a declined card is an answer."""
        try:
            with limited(timeout) as client:
                intent = client.v1.payment_intents.confirm(
                    request.provider_reference,
                    {
                        "payment_method": checkout.parts_of(request.token)[1],
                        "expand": WITH_CHARGE,
                        **_agreeing(request),
                    },
                    {"idempotency_key": f"{request.reference}:confirm"},
                )
        except stripe.CardError as declined:
            logger.info("card_declined", reference=request.reference, code=declined.code)
            return CardOutcome(0, "declined", request.provider_reference)
        except ProviderRefusedError as refused:
            # Confirmed or cancelled before, or a token that Stripe does not know.
            logger.warning("card_not_confirmed", reference=request.reference, why=str(refused))
            known = self.status(CardReference(request.reference, request.provider_reference), timeout=timeout)
            return known or CardOutcome(0, "declined", request.provider_reference)
        outcome = outcome_of_intent(intent)
        if outcome is None:
            raise ProviderTimeoutError(intent.status)
        return outcome

    def status(self, card: CardReference, *, timeout: float) -> CardOutcome | None:
        """Look the intent or page up."""
        with limited(timeout) as client:
            if card.provider_reference.startswith(checkout.PAGE):
                return outcome_of_session(checkout.retrieved(client, card.provider_reference))
            if not card.provider_reference:
                return None
            return outcome_of_intent(
                client.v1.payment_intents.retrieve(card.provider_reference, {"expand": WITH_CHARGE})
            )

    def conclude(self, card: CardReference, *, timeout: float) -> CardOutcome:
        """Cancel what is not paid or held yet. Without an id nothing was confirmed, so nothing can be taken."""
        if not card.provider_reference:
            return CardOutcome(0, "cancelled")
        until = time.monotonic() + timeout
        found = self.status(card, timeout=timeout)
        if found is not None and not found.page_url:
            return found
        try:
            with limited(until - time.monotonic()) as client:
                if card.provider_reference.startswith(checkout.PAGE):
                    client.v1.checkout.sessions.expire(card.provider_reference)
                else:
                    client.v1.payment_intents.cancel(card.provider_reference)
        except ProviderRefusedError:
            # Paid at this very moment, or still at the bank.
            found = self.status(card, timeout=until - time.monotonic())
            if found is None or found.page_url:
                raise ProviderTimeoutError from None
            return found
        return CardOutcome(0, "cancelled", card.provider_reference)

    def capture(self, card: CardReference, amount: int, *, timeout: float) -> CardOutcome:
        """Capture a held intent; Stripe lets go of the rest. Raises ProviderRefusedError."""
        with limited(timeout) as client:
            intent = client.v1.payment_intents.capture(
                card.provider_reference,
                {"amount_to_capture": as_stripe_counts(amount, card.currency), "expand": WITH_CHARGE},
                {"idempotency_key": f"{card.reference}:capture"},
            )
        return _decided(intent)

    def void(self, card: CardReference, *, timeout: float) -> CardOutcome:
        """Cancel a held intent. Raises ProviderRefusedError."""
        with limited(timeout) as client:
            intent = client.v1.payment_intents.cancel(
                card.provider_reference, {"expand": WITH_CHARGE}, {"idempotency_key": f"{card.reference}:void"}
            )
        return _decided(intent)

    def refund(self, card: CardReference, refund_reference: str, amount: int, *, timeout: float) -> None:
        """Refund a part of an intent. Raises RefundRefusedError."""
        try:
            with limited(timeout) as client:
                refund = client.v1.refunds.create(
                    {
                        "payment_intent": card.provider_reference,
                        "amount": as_stripe_counts(amount, card.currency),
                        "metadata": {"reference": refund_reference},
                    },
                    {"idempotency_key": f"{refund_reference}:refund"},
                )
        except ProviderRefusedError as refused:
            raise RefundRefusedError(refused.code, is_final=refused.code in NEVER_REFUNDED) from refused
        if refund.status in FAILED:
            raise RefundRefusedError(refund.failure_reason or "failed", is_final=True)

    def check_refund(self, card: CardReference, refund_reference: str, *, timeout: float) -> None:
        """Look the refund up among those of its intent. Raises RefundRefusedError."""
        with limited(timeout) as client:
            listed = client.v1.refunds.list({"payment_intent": card.provider_reference, "limit": 100}).data
        own = [one for one in listed if one.metadata and one.metadata.to_dict().get("reference") == refund_reference]
        if own and all(one.status in FAILED for one in own):
            reason = own[0].failure_reason or "failed"
            raise RefundRefusedError(reason, is_final=reason in CARD_GONE)

    def start_saving(self, reference: str, *, return_url: str, owner: str, timeout: float) -> Prepared:
        """Open a page of Stripe that saves a card for charges without its owner."""
        with limited(timeout) as client:
            return checkout.saving_page(client, reference, return_url=return_url, owner=owner)

    def saved_card(self, card: CardReference, *, timeout: float) -> SavedCard | None:
        """Return the card that was saved on a page."""
        if not card.provider_reference:
            return None
        with limited(timeout) as client:
            return checkout.card_of(checkout.retrieved_setup(client, card.provider_reference))

    def forget(self, token: str, *, timeout: float) -> None:
        """Delete a saved card's customer, who has only this card, and the card with it; without one detach the card."""
        customer, card = checkout.parts_of(token)
        try:
            with limited(timeout) as client:
                if customer:
                    client.v1.customers.delete(customer)
                else:
                    client.v1.payment_methods.detach(card)
        except ProviderRefusedError as refused:
            logger.info("card_dropped_before", why=str(refused))

    def read_event(self, body: bytes, signature: str) -> ReceivedEvent | None:
        """Check the signature and its age, and return what concerns a payment, set-up or refund of ours."""
        try:
            event = stripe.Webhook.construct_event(
                body, signature, settings.STRIPE_WEBHOOK_SECRET, tolerance=REPLAY_SECONDS
            )
        except (stripe.SignatureVerificationError, ValueError) as error:
            raise BadSignatureError(str(error)) from error
        told = event.to_dict()
        reference = (told["data"]["object"].get("metadata") or {}).get("reference", "")
        if event.type not in EVENTS or not reference:
            return None
        return ReceivedEvent(event.id, event.type, reference, moment(event.created), told)


def _intent(request: CardRequest) -> "stripe.params.PaymentIntentCreateParams":
    params: stripe.params.PaymentIntentCreateParams = {
        "amount": as_stripe_counts(request.amount, request.currency),
        "currency": request.currency.lower(),
        "capture_method": "manual" if request.hold else "automatic",
        "allowed_payment_method_types": ["card"],
        "description": request.label,
        "metadata": {"reference": request.reference},
    }
    if customer := checkout.parts_of(request.token)[0]:
        params["customer"] = customer
    return params


def _agreeing(request: CardRequest) -> "stripe.params.PaymentIntentConfirmParams":
    """Return how the owner can agree at their bank: not at all when they are away, or on a page that leads back."""
    if request.off_session:
        return {"off_session": True}
    return {"return_url": request.return_url} if request.return_url else {"error_on_requires_action": True}


def _decided(intent: stripe.PaymentIntent) -> CardOutcome:
    outcome = outcome_of_intent(intent)
    if outcome is None:
        raise ProviderTimeoutError(intent.status)
    return outcome
