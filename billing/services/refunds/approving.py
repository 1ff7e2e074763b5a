"""Refunds above the operator's limit: one person asks, another one approves or rejects."""

from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Payment, Refund, RefundRequest, RefundRequestState
from billing.services.charges import lock_charge
from billing.services.refunds.giving import (
    RefundOrder,
    earlier_refund,
    give_back_locked,
    key_used,
    require_refundable,
)
from common.db.rows import add_unless_taken
from common.errors import ConflictError, ForbiddenError
from common.money import same_figure


class RefundWaitingError(ConflictError):
    """A refund of this payment waits for a second person."""

    code = "refund_waiting"


class RefundDecidedError(ConflictError):
    """The refund was approved or rejected before."""

    code = "refund_decided"


class OwnRefundError(ForbiddenError):
    """Nobody decides about a refund that they asked for."""

    code = "own_refund"


@transaction.atomic
def ask_refund(  # noqa: PLR0913 - the facts of one row
    *,
    payment: Payment,
    amount: int,
    reason: str,
    idempotency_key: str,
    by: User,
    at: datetime,
    goodwill: bool = False,
) -> Refund | RefundRequest:
    """Give back `amount` minor units of a payment, or ask a second person when that is above the operator's limit.

    What one person gave back of a charge counts together, so that parts don't get around the limit. The same key gives
    the first answer. Raises RefundWaitingError while another refund of the payment waits, and what `refund_payment`
    raises.
    """
    charge = lock_charge(payment.charge)
    order = RefundOrder(
        payment=payment,
        amount=amount,
        reason=reason,
        idempotency_key=idempotency_key,
        at=at,
        by=by,
        goodwill=goodwill,
    )
    earlier = earlier_refund(order) or _earlier_request(order)
    if earlier:
        return earlier
    require_refundable(order)
    if payment.refund_requests.waiting().exists():
        raise RefundWaitingError(_("A refund of this payment is waiting for a second person."))
    limit = refund_limit(charge)
    if limit is None or _given_by_one(charge) + amount <= limit:
        return give_back_locked(charge, order)
    return _ask(order)


@transaction.atomic
def approve_refund(*, asked: RefundRequest, by: User, at: datetime) -> RefundRequest:
    """Give back what was asked for; the same person twice changes nothing.

    Cash is handed over later by `pay_out_refund`, where the till is. Raises OwnRefundError, RefundDecidedError and what
    `refund_payment` raises when the payment has changed meanwhile; then it stays waiting.
    """
    charge, asked, is_decided = _lock_to_decide(asked, by, RefundRequestState.APPROVED)
    if is_decided:
        return asked
    order = RefundOrder(
        payment=asked.payment,
        amount=asked.amount,
        reason=asked.reason,
        idempotency_key=asked.idempotency_key,
        at=at,
        by=asked.requested_by,
        goodwill=asked.goodwill,
    )
    asked.refund = give_back_locked(charge, order, paid_out=False)
    return _decide(asked, RefundRequestState.APPROVED, by, at)


@transaction.atomic
def reject_refund(*, asked: RefundRequest, by: User, note: str, at: datetime) -> RefundRequest:
    """Refuse what was asked for, with a reason; the same person twice changes nothing.

    Raises OwnRefundError and RefundDecidedError.
    """
    _charge, asked, is_decided = _lock_to_decide(asked, by, RefundRequestState.REJECTED)
    if is_decided:
        return asked
    asked.decision_note = note
    return _decide(asked, RefundRequestState.REJECTED, by, at)


def refund_limit(charge: Charge) -> int | None:
    """Return the most that one person may give back of a charge, in its minor units; None for any amount."""
    operator = charge.lot.operator
    if operator.refund_limit is None:
        return None
    return same_figure(operator.refund_limit, operator.currency, charge.currency)


def _given_by_one(charge: Charge) -> int:
    """Return what people gave back of a charge without a second person."""
    alone = Refund.objects.filter(payment__charge=charge, refunded_by__isnull=False, request=None)
    return int(alone.filter(reverses__request=None).aggregate(sum=Sum("amount", default=0))["sum"])


def _earlier_request(order: RefundOrder) -> RefundRequest | None:
    earlier = RefundRequest.objects.filter(idempotency_key=order.idempotency_key).first()
    asked = (order.payment.pk, order.amount, order.goodwill)
    if earlier and (earlier.payment_id, earlier.amount, earlier.goodwill) != asked:
        raise key_used()
    return earlier


def _ask(order: RefundOrder) -> RefundRequest:
    asked = RefundRequest(
        payment=order.payment,
        amount=order.amount,
        reason=order.reason,
        goodwill=order.goodwill,
        idempotency_key=order.idempotency_key,
        requested_by=order.by,
        requested_at=order.at,
    )
    if not add_unless_taken(asked, "idempotency_key"):
        raise key_used()
    return asked


def _lock_to_decide(asked: RefundRequest, by: User, state: str) -> tuple[Charge, RefundRequest, bool]:
    """Lock the charge, which guards its requests too; the last value tells whether the same decision was made."""
    charge = lock_charge(asked.payment.charge)
    asked = RefundRequest.objects.select_related("payment", "requested_by", "refund").get(pk=asked.pk)
    asked.payment.charge = charge
    if asked.requested_by_id == by.pk:
        raise OwnRefundError(_("You asked for this refund, so another person has to decide."))
    if asked.state == RefundRequestState.WAITING:
        return charge, asked, False
    if (asked.state, asked.decided_by_id) == (state, by.pk):
        return charge, asked, True
    raise RefundDecidedError(_("This refund has been decided by %(name)s.") % {"name": asked.decided_by})


def _decide(asked: RefundRequest, state: str, by: User, at: datetime) -> RefundRequest:
    asked.state, asked.decided_by, asked.decided_at = state, by, at
    asked.save(update_fields=["state", "decided_by", "decided_at", "decision_note", "refund"])
    return asked
