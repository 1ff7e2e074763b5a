"""Queries of charges, payments and what providers reported about them."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from billing.models import CardSetup, Charge, Payment, PaymentState, ProviderEvent, Refund

PROVIDER_SECONDS = 3.0
"""How long a person or lane waits for a provider."""

_ANSWER_TIME = timedelta(seconds=4 * PROVIDER_SECONDS)


CAPTURED_AHEAD = timedelta(hours=6)
"""How long before a provider lets go of a hold it is captured at the latest."""


def pending_amount(charge: Charge) -> int:
    """Return the amount that pending payments may still capture, in minor units, less those waiting for their payer."""
    pending = charge.payments.filter(state=PaymentState.PENDING, page_url="")
    return int(pending.aggregate(total=Sum("amount"))["total"] or 0)


def is_running(payment: Payment, at: datetime) -> bool:
    """Return whether a process may still be waiting for the provider of a pending payment.

    After four times the provider's limit (the request, the query of its outcome, and as much again) the process is
    gone, and another may conclude the payment.
    """
    return payment.state == PaymentState.PENDING and at - payment.created_at < _ANSWER_TIME


def abandoned_payments(at: datetime) -> QuerySet[Payment]:
    """Return the pending payments that no process is waiting for, and no payer any more, oldest first."""
    left = Payment.objects.filter(state=PaymentState.PENDING, created_at__lte=at - _ANSWER_TIME)
    return left.filter(Q(page_url="") | Q(page_until__lte=at)).order_by("created_at")


def payments_on_pages(at: datetime) -> QuerySet[Payment]:
    """Return the payments whose payers may be on a page of the provider, oldest first."""
    return Payment.objects.filter(state=PaymentState.PENDING, page_until__gt=at).exclude(page_url="").order_by("pk")


def holds_to_settle(at: datetime) -> QuerySet[Payment]:
    """Return the holds about which was decided, and those that have to be captured now, by their deadline."""
    held = Payment.objects.filter(state=PaymentState.AUTHORISED)
    due = Q(settling_amount__isnull=False) | Q(capture_before__lte=at + CAPTURED_AHEAD)
    return held.filter(due).order_by("capture_before")


def events_to_apply() -> QuerySet[ProviderEvent]:
    """Return the webhooks that were not applied although what they are about exists, oldest first."""
    about = {"provider": OuterRef("provider")}
    payment = Payment.objects.filter(idempotency_key=OuterRef("reference"), **about)
    setup = CardSetup.objects.filter(reference=OuterRef("reference"), **about)
    refund = Refund.objects.filter(idempotency_key=OuterRef("reference"), payment__provider=OuterRef("provider"))
    known = Exists(payment) | Exists(setup) | Exists(refund)
    return ProviderEvent.objects.filter(known, applied_at=None).order_by("received_at")
