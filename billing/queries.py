"""Queries of charges and payments."""

from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from billing.models import Charge, Payment, PaymentState

PROVIDER_SECONDS = 3.0
"""How long a person or lane waits for a provider."""

_ANSWER_TIME = timedelta(seconds=4 * PROVIDER_SECONDS)


def pending_amount(charge: Charge) -> int:
    """Return the amount that pending payments may still capture, in minor units."""
    pending = charge.payments.filter(state=PaymentState.PENDING)
    return int(pending.aggregate(total=Sum("amount"))["total"] or 0)


def is_running(payment: Payment, at: datetime) -> bool:
    """Return whether a process may still be waiting for the provider of a pending payment.

    After four times the provider's limit (the request, the query of its outcome, and as much again) the process is
    gone, and another may conclude the payment.
    """
    return payment.state == PaymentState.PENDING and at - payment.created_at < _ANSWER_TIME


def abandoned_payments(at: datetime) -> QuerySet[Payment]:
    """Return the pending payments that no process is waiting for, oldest first."""
    return Payment.objects.filter(state=PaymentState.PENDING, created_at__lte=at - _ANSWER_TIME).order_by("created_at")
