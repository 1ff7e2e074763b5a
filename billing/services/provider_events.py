"""Webhooks of card providers: kept first, then a reason to ask the provider how things stand.

Nothing is taken from an event itself, so it doesn't matter in which order, how often or how late events come.
"""

from datetime import datetime

import structlog

from billing.models import CardSetup, Payment, ProviderEvent, Refund
from billing.providers import ReceivedEvent
from billing.services.payments import look_at_payment
from billing.services.payments.recording import OVER
from billing.services.refunds import check_refund
from billing.services.saved_cards import finish_card_setup

logger = structlog.get_logger(__name__)


def keep_event(*, provider: str, event: ReceivedEvent, at: datetime) -> ProviderEvent:
    """Store an event, also when what it is about is not known yet; a twin returns the first."""
    kept, _ = ProviderEvent.objects.get_or_create(
        provider=provider,
        event_id=event.event_id,
        defaults={
            "kind": event.kind,
            "reference": event.reference,
            "payload": event.payload,
            "occurred_at": event.occurred_at,
            "received_at": at,
        },
    )
    return kept


def apply_event(*, event: ProviderEvent, at: datetime) -> bool:
    """Ask the provider about what an event is about, record it, and return whether the event is done with.

    It waits while its payment, card set-up or refund does not exist, and while the provider does not answer. Must not
    be called inside a transaction; safe to call twice.
    """
    if event.applied_at is not None:
        return True
    if not _is_recorded(event, at):
        return False
    ProviderEvent.objects.filter(pk=event.pk, applied_at=None).update(applied_at=at)
    return True


def _is_recorded(event: ProviderEvent, at: datetime) -> bool:
    subject = {"provider": event.provider}
    if "refund" in event.kind:
        refund = Refund.objects.filter(idempotency_key=event.reference, payment__provider=event.provider).first()
        return refund is not None and check_refund(refund=refund, at=at)
    payment = Payment.objects.select_related("charge").filter(idempotency_key=event.reference, **subject).first()
    if payment is not None:
        return payment.state in OVER or look_at_payment(payment=payment, at=at) is not None
    setup = CardSetup.objects.filter(reference=event.reference, **subject).first()
    if setup is not None:
        finish_card_setup(setup=setup, at=at)
        return True
    logger.info("provider_event_waits", provider=event.provider, kind=event.kind, reference=event.reference)
    return False
