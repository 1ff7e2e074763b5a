"""How a card did, at a lane or at a desk, and how paying went at a lane since it first asked for the money."""

from dataclasses import replace
from datetime import datetime, timedelta

from billing.models import Payment, PaymentState
from billing.queries import PROVIDER_SECONDS
from gates.decision import Due, PaymentKind, PaymentResult

ROUNDING = timedelta(seconds=2)
"""Waiting times and payments are kept in whole seconds; a decline in the second of the first ask still counts."""


def card_result(payment: Payment, at: datetime) -> PaymentResult | None:
    """Return what a payment means for the car that waits for it; None when it brought all, or may still answer.

    `at` is the server's clock, as payments are timed by it. A provider that has not answered in time counts as down.
    """
    match payment.state, payment.failure:
        case PaymentState.CAPTURED, "partial":
            return PaymentResult(kind=PaymentKind.PARTIAL)
        case PaymentState.FAILED, "declined":
            return PaymentResult(kind=PaymentKind.DECLINED)
        case PaymentState.FAILED, _:
            return PaymentResult(kind=PaymentKind.UNAVAILABLE)
        case PaymentState.PENDING, _ if at - payment.created_at > timedelta(seconds=PROVIDER_SECONDS):
            return PaymentResult(kind=PaymentKind.UNAVAILABLE)
    return None


def with_payments_at_lane(due: Due, charge_id: int | None, *, waited_seconds: int | None, at: datetime) -> Due:
    """Add to what is due the last payment since this lane asked, and the declines before it; `at` as `card_result`."""
    if charge_id is None or waited_seconds is None:
        return due
    since = at - timedelta(seconds=waited_seconds) - ROUNDING
    attempts = list(Payment.objects.filter(charge=charge_id, created_at__gte=since).order_by("created_at", "id"))
    if not attempts:
        return replace(due, declines_so_far=0, payment=None)
    declines = sum(attempt.failure == "declined" for attempt in attempts[:-1])
    return replace(due, declines_so_far=declines, payment=card_result(attempts[-1], at))
