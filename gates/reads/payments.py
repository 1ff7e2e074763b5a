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
    """Add to what is due the last payment since the lane asked, and the declines before it; `at` as `asked_since`."""
    if not payments:
        return due
    declines = sum(payment["failure"] == "declined" for payment in payments[:-1])
    last = payments[-1]
    tried_for = at - datetime.fromisoformat(last["created_at"])
    return replace(due, declines_so_far=declines, payment=card_result(last["state"], last["failure"], tried_for))


def card_result(state: str, failure: str, tried_for: timedelta) -> PaymentResult | None:
    """Return what a payment means for the car that waits for it, at a lane or desk.

    None when it brought all that was asked for, or may still do so: a provider that has not answered in time counts as
    down.
    """
    match state, failure:
        case PaymentState.CAPTURED, "partial":
            return PaymentResult(kind=PaymentKind.PARTIAL)
        case PaymentState.FAILED, "declined":
            return PaymentResult(kind=PaymentKind.DECLINED)
        case PaymentState.FAILED, _:
            return PaymentResult(kind=PaymentKind.UNAVAILABLE)
        case PaymentState.PENDING, _ if tried_for > timedelta(seconds=PROVIDER_SECONDS):
            return PaymentResult(kind=PaymentKind.UNAVAILABLE)
    return None
