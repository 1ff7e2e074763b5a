"""Public API endpoints for the fee and payment of a stay, by its number or link."""

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema, Status

from api.bodies import EmailText
from api.idempotency import IdempotencyKey
from api.stay_examples import FEE, PAY
from billing.code_tries import check_code_tries
from billing.documents.issuing import issue_receipts
from billing.models import Payment, PaymentState
from common.errors import InvalidValueError
from common.money import LARGEST_AMOUNT
from common.plates import mask
from common.time import truncate
from common.web.problem import problem
from tickets.fees import leave_by
from tickets.lookups import is_number, look_up
from tickets.models import Ticket
from tickets.paying import pay_ticket
from tickets.to_pay import said_of, stay_owes

router = Router(tags=["Public"])


class PublicTicketOut(Schema):
    """A stay as anyone may see it; `plate` is masked when only the number was given."""

    number: str
    status: str
    lot: str
    plate: str | None
    entry_time: datetime
    exit_time: datetime | None


class PublicFeeOut(Schema):
    """The fee so far (`total`) and what is still owed of it (`amount`), in minor units.

    `tax` is the tax in the total less what was `credited`.
    """

    amount: int
    currency: str
    total: int
    credited: int
    tax: int
    lines: list[dict[str, Any]]
    leave_by: datetime | None
    as_of: datetime
    ticket: PublicTicketOut


class PayIn(Schema):
    """A payment by card. Without an `amount`, it is for all that is owed; a promo code lowers all of it."""

    method: Literal["card", "online"]
    token: str = Field(min_length=1, max_length=200)
    amount: Annotated[int, Field(strict=True, gt=0, le=LARGEST_AMOUNT)] | None = None
    receipt_email: EmailText = Field("", max_length=254)
    promo_code: str | None = Field(None, max_length=40)


class PaymentOut(Schema):
    """The result of a payment: `captured` (perhaps only in part) or `pending`, and what is still owed.

    `amount` is what was kept, `refunded` what was returned at once because the fee had been paid in the meantime.
    """

    status: str
    amount: int
    refunded: int
    currency: str
    owed: int
    failure: str
    receipt_number: str | None
    leave_by: datetime | None
    ticket: PublicTicketOut


@router.get("/tickets/{reference}/fee", response=PublicFeeOut, summary="What a stay costs now", openapi_extra=FEE)
def read_fee(request: HttpRequest, reference: str) -> dict[str, Any]:
    """Return the fee of a stay by its number or token."""
    return fee_answer(look_up(request, reference), reference)


def fee_answer(ticket: Ticket, reference: str) -> dict[str, Any]:
    """Return what a stay costs now, as anyone with its number or token may see it."""
    at = truncate(now())
    fee = stay_owes(ticket, at)
    return {
        **fee.as_json(),
        "total": fee.total,
        "credited": fee.credited,
        "leave_by": leave_by(ticket),
        "as_of": at,
        "ticket": _ticket_json(ticket, reference),
    }


@router.post(
    "/tickets/{reference}/pay", response={200: PaymentOut, 202: PaymentOut}, summary="Pay for a stay", openapi_extra=PAY
)
def pay(
    request: HttpRequest,
    reference: str,
    body: PayIn,
    idempotency_key: IdempotencyKey = "",
) -> HttpResponse | Status[dict[str, Any]]:
    """Take a card payment. Answers 402 when the card was declined, and 202 while the result is unknown."""
    ticket = look_up(request, reference)
    check_code_tries(request, body.promo_code)
    if body.promo_code and body.amount is not None:
        raise InvalidValueError(_("With a code the whole fee is paid: leave the amount out."), path="amount")
    payment = pay_ticket(
        ticket=ticket,
        method=body.method,
        token=body.token,
        amount=body.amount,
        idempotency_key=idempotency_key or uuid.uuid4().hex,
        at=truncate(now()),
        receipt_email=body.receipt_email,
        by_number=is_number(reference),
        promo_code=body.promo_code or "",
    )
    if payment is None:
        return Status(200, _nothing_json(ticket, reference))
    if payment.state == PaymentState.FAILED:
        return problem(402, payment.failure, said_of(payment, owed=payment.charge.balance_amount))
    return Status(202 if payment.state == PaymentState.PENDING else 200, _payment_json(payment, ticket, reference))


def _payment_json(payment: Payment, ticket: Ticket, reference: str) -> dict[str, Any]:
    ticket.refresh_from_db(fields=["status", "paid_at", "exit_at"])
    refunded = payment.refunded_amount
    return {
        "status": payment.state,
        "amount": payment.captured_amount - refunded,
        "refunded": refunded,
        "currency": payment.charge.currency,
        "owed": payment.charge.balance_amount,
        "failure": payment.failure,
        "receipt_number": _receipt_number(payment),
        "leave_by": leave_by(ticket),
        "ticket": _ticket_json(ticket, reference),
    }


def _nothing_json(ticket: Ticket, reference: str) -> dict[str, Any]:
    """Return the answer when a code left nothing to pay."""
    ticket.refresh_from_db(fields=["status", "paid_at", "exit_at"])
    return {
        "status": PaymentState.CAPTURED,
        "amount": 0,
        "refunded": 0,
        "currency": ticket.lot.currency,
        "owed": 0,
        "failure": "",
        "receipt_number": None,
        "leave_by": leave_by(ticket),
        "ticket": _ticket_json(ticket, reference),
    }


def _receipt_number(payment: Payment) -> str | None:
    """Return the number of a captured payment's receipt, which is issued if it has none yet."""
    if not payment.captured_amount:
        return None
    issued = issue_receipts([payment], at=now())
    return issued[0].number if issued else Payment.objects.select_related("receipt").get(pk=payment.pk).receipt_number


def _ticket_json(ticket: Ticket, reference: str) -> dict[str, Any]:
    return {
        "number": ticket.number,
        "status": ticket.status,
        "lot": ticket.lot.name,
        "plate": mask(ticket.plate) if is_number(reference) else ticket.plate,
        "entry_time": ticket.entry_at,
        "exit_time": ticket.exit_at,
    }
