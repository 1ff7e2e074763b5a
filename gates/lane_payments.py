"""How paying went at a lane since it first asked for the money."""

from dataclasses import replace
from datetime import datetime, timedelta

from billing.models import Payment, PaymentState
from billing.queries import PROVIDER_SECONDS
from gates.decision import Due, PaymentKind, PaymentResult

ROUNDING = timedelta(seconds=2)
"""Waiting times and payments are kept in whole seconds; a decline in the second of the first ask still counts."""


def with_payments_at_lane(due: Due, charge_id: int | None, *, waited_seconds: int | None, at: datetime) -> Due:
    """Add to what is due the declines since this lane asked, and the last payment when it did not bring all.

    `at` is the server's clock, as payments are timed by it. A provider that has not answered in time counts as down.
    """
    if charge_id is None or waited_seconds is None:
        return due
    since = at - timedelta(seconds=waited_seconds) - ROUNDING
    attempts = list(Payment.objects.filter(charge=charge_id, created_at__gte=since).order_by("created_at", "id"))
    declines = sum(attempt.failure == "declined" for attempt in attempts)
    result = _result_of(attempts[-1], at) if attempts else None
    return replace(due, declines_so_far=declines, payment=result)


def _result_of(payment: Payment, at: datetime) -> PaymentResult | None:
    if payment.failure == "partial":
        return PaymentResult(kind=PaymentKind.PARTIAL)
    if payment.state == PaymentState.PENDING:
        overdue = at - payment.created_at > timedelta(seconds=PROVIDER_SECONDS)
        return PaymentResult(kind=PaymentKind.UNAVAILABLE) if overdue else None
    failed = payment.state == PaymentState.FAILED and payment.failure != "declined"
    return PaymentResult(kind=PaymentKind.UNAVAILABLE) if failed else None
