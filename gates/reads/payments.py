"""How paying went at a lane since it first asked for the money."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from billing.models import PaymentState
from billing.queries import PROVIDER_SECONDS
from gates.decision import Due, PaymentKind, PaymentResult, Reason
from tickets.fees import Fee

ROUNDING = timedelta(seconds=2)
"""Waiting times and payments are kept in whole seconds; a decline in the second of the first ask still counts."""


def due_of(fee: Fee) -> Due:
    """Return a fee as the decision sees it."""
    return Due(amount=fee.owed, why_free=Reason(fee.why_free) if fee.why_free else None)


def asked_since(waited_seconds: int | None, at: datetime) -> datetime:
    """Return from when on payments count as made at the lane; `at` is the server's clock, which times them."""
    return at if waited_seconds is None else at - timedelta(seconds=waited_seconds) - ROUNDING


def with_payments(due: Due, payments: list[dict[str, Any]], at: datetime) -> Due:
    """Add to what is due the declines since the lane asked, and the last payment when it did not bring all.

    A provider that has not answered in time counts as down.
    """
    declines = sum(payment["failure"] == "declined" for payment in payments)
    return replace(due, declines_so_far=declines, payment=_result_of(payments[-1], at) if payments else None)


def _result_of(payment: dict[str, Any], at: datetime) -> PaymentResult | None:
    if payment["failure"] == "partial":
        return PaymentResult(kind=PaymentKind.PARTIAL)
    if payment["state"] == PaymentState.PENDING:
        tried_for = at - datetime.fromisoformat(payment["created_at"])
        return PaymentResult(kind=PaymentKind.UNAVAILABLE) if tried_for > timedelta(seconds=PROVIDER_SECONDS) else None
    failed = payment["state"] == PaymentState.FAILED and payment["failure"] != "declined"
    return PaymentResult(kind=PaymentKind.UNAVAILABLE) if failed else None
