"""Reads over charges and payments."""

from datetime import datetime, timedelta

from django.db.models import QuerySet, Sum

from billing.models import Charge, Payment, PaymentState

PROVIDER_SECONDS = 3.0
"""How long a provider may take before a person or lane stops waiting for it."""

_ANSWER_TIME = timedelta(seconds=4 * PROVIDER_SECONDS)


def pending_amount(charge: Charge) -> int:
    """Return what pending payments may still capture of a charge, in minor units."""
    pending = charge.payments.filter(state=PaymentState.PENDING)
    return int(pending.aggregate(total=Sum("amount"))["total"] or 0)


def is_running(payment: Payment, at: datetime) -> bool:
    """Say whether a process may still be asking the provider about a pending payment.

    Past four times the provider's limit (the request, the question what became of it, and as much again) whoever asked
    is gone, and anyone may take the payment up again.
    """
    return payment.state == PaymentState.PENDING and at - payment.created_at < _ANSWER_TIME


def abandoned_payments(at: datetime) -> QuerySet[Payment]:
    """Return the pending payments that nobody is asking about any more, oldest first."""
    return Payment.objects.filter(state=PaymentState.PENDING, created_at__lte=at - _ANSWER_TIME).order_by("created_at")
