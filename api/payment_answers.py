"""How payments and refunds look to programs: money in minor units, instants with the offset of the lot's zone."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, QuerySet

from billing.models import Payment, PaymentState, Refund, RefundRequest, RefundRequestState
from lots.calendar import zone_of

_ASKED = "w"
"""What the id of a refund begins with that a second person decides about: it is that of its request."""
_OF_PAYMENT = ("charge__lot", "charge__ticket", "receipt", "taken_by")
_OF_REFUND = ("request__requested_by", "request__decided_by", "refunded_by", "reversal", "credit_note")


def with_payment_parts(payments: QuerySet[Payment]) -> QuerySet[Payment]:
    """Load what `payment_json` needs with the payments: two statements, however many they are."""
    given = Refund.objects.select_related(*_OF_REFUND).defer("credit_note__content").order_by("pk")
    waiting = RefundRequest.objects.filter(refund=None).select_related("requested_by", "decided_by").order_by("pk")
    loaded = payments.select_related(*_OF_PAYMENT).defer("receipt__content")
    return loaded.prefetch_related(Prefetch("refunds", given), Prefetch("refund_requests", waiting))


def payment_json(payment: Payment, *, for_staff: bool) -> dict[str, Any]:
    """Return a payment with its refunds; who took the money and what is still decided about is told to staff alone."""
    charge, receipt = payment.charge, payment.receipt
    zone, ticket = zone_of(charge.lot), getattr(charge, "ticket", None)
    given = [one for one in payment.refunds.all() if one.reverses_id is None]
    asked = list(payment.refund_requests.all()) if for_staff else []
    return {
        "id": payment.pk,
        "lot": charge.lot.slug,
        "label": charge.label,
        "ticket": ticket.number if ticket else None,
        "method": payment.method,
        "state": payment.state,
        "amount": payment.amount,
        "captured": payment.captured_amount,
        "refunded": payment.refunded_amount,
        "held": payment.authorised_amount if payment.state == PaymentState.AUTHORISED else 0,
        "currency": charge.currency,
        "failure": payment.failure,
        "taken_by": _email(payment.taken_by) if for_staff else None,
        "receipt": receipt.number if receipt else None,
        "created_at": payment.created_at.astimezone(zone),
        "finished_at": _local(payment.finished_at, zone),
        "refunds": [
            *(refund_json(one, payment, for_staff=for_staff) for one in given),
            *(request_json(one, payment) for one in asked),
        ],
    }


def refund_json(refund: Refund, payment: Payment, *, for_staff: bool) -> dict[str, Any]:
    """Return a refund that was given, by the id under which it was asked for; who did it is told to staff alone."""
    zone, asked = zone_of(payment.charge.lot), getattr(refund, "request", None)
    return {
        "id": f"{_ASKED}{asked.pk}" if asked else str(refund.pk),
        "payment": payment.pk,
        "status": _status(refund, payment),
        "amount": refund.amount,
        "currency": payment.charge.currency,
        "reason": refund.reason,
        "goodwill": refund.goodwill,
        "created_at": refund.created_at.astimezone(zone),
        "requested_by": _email(refund.refunded_by) if for_staff else None,
        "decided_by": _email(asked.decided_by) if for_staff and asked else None,
        "decided_at": _local(asked.decided_at, zone) if asked else None,
        "decision_note": asked.decision_note if for_staff and asked else "",
        "returned_at": _local(refund.returned_at, zone),
        "failure": refund.failure if for_staff else "",
        "credit_note": refund.credit_note.number if refund.credit_note else None,
    }


def request_json(asked: RefundRequest, payment: Payment) -> dict[str, Any]:
    """Return a refund that waits for a second person, or was rejected."""
    zone, is_rejected = zone_of(payment.charge.lot), asked.state == RefundRequestState.REJECTED
    return {
        "id": f"{_ASKED}{asked.pk}",
        "payment": payment.pk,
        "status": "rejected" if is_rejected else "waiting_for_approval",
        "amount": asked.amount,
        "currency": payment.charge.currency,
        "reason": asked.reason,
        "goodwill": asked.goodwill,
        "created_at": asked.requested_at.astimezone(zone),
        "requested_by": _email(asked.requested_by),
        "decided_by": _email(asked.decided_by),
        "decided_at": _local(asked.decided_at, zone),
        "decision_note": asked.decision_note,
        "returned_at": None,
        "failure": "",
        "credit_note": None,
    }


def with_refund_parts(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    """Load what `refund_json` needs with the refunds."""
    return refunds.select_related("payment__charge__lot", *_OF_REFUND).defer("credit_note__content")


def _status(refund: Refund, payment: Payment) -> str:
    if getattr(refund, "reversal", None):
        return "taken_back"
    if refund.returned_at:
        return "returned"
    if not payment.provider:
        return "to_hand_over"
    return "stuck" if refund.attempts and refund.next_attempt_at is None else "on_its_way"


def _email(person: Any) -> str | None:
    return str(person.email) if person else None


def _local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone) if at else None
