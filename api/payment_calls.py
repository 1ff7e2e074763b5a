"""API endpoints for payments and for giving their money back."""

import re
import secrets
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.models import Role, User
from api.auth import people_auth, person_of
from api.described_calls import described, page_of
from api.idempotency import IdempotencyKey, stored_key
from api.page_numbers import paged
from api.payment_answers import payment_json, refund_json, request_json, with_payment_parts, with_refund_parts
from api.payment_examples import PAYMENT, REFUND, REFUND_SENT, REFUSED_REFUNDS, WAITING_REFUND
from api.payment_schemas import (
    ListedPaymentOut,
    PaymentSort,
    PaymentsOut,
    PaymentsQuery,
    RefundIn,
    RefundOut,
    RefundRejectionIn,
)
from billing.models import Payment, Refund, RefundRequest
from billing.services import RefundKeyUsedError, approve_refund, ask_refund, reject_refund, return_refund
from common.errors import ForbiddenError, NotFoundError
from common.time import InvalidInstantError, parse_instant, truncate
from lots.access import lots_visible_to
from tickets.access import (
    load_payment,
    load_refund,
    load_refund_request,
    payments_at_work,
    payments_managed_by,
    payments_of,
    payments_shown_to,
)
from tickets.numbers import InvalidNumberError, parse_number

router = Router(tags=["People"], auth=people_auth)

_ORDERS = {
    PaymentSort.LATEST: ("-pk",),
    PaymentSort.EARLIEST: ("pk",),
    PaymentSort.LARGEST: ("-amount", "-pk"),
    PaymentSort.SMALLEST: ("amount", "pk"),
}
_REFUND_ID = re.compile(r"(w?)([0-9]{1,18})", re.ASCII)


@router.get(
    "/payments",
    response=PaymentsOut,
    summary="List payments",
    openapi_extra=described(
        answers={200: page_of(PAYMENT)},
        errors=[InvalidInstantError],
    ),
)
def get_payments(request: HttpRequest, query: Query[PaymentsQuery]) -> dict[str, Any]:
    """List payments, the latest first: your own, and all at the lots of which you are an admin.

    With the number of a `ticket`, those of a stay; also attendants see those at their lots.
    """
    person = person_of(request)
    found = _filtered(_listed(person, query.ticket), query)
    answer = paged(with_payment_parts(found).order_by(*_ORDERS[query.sort]), query.page, query.page_size)
    works_at = _works_at(person)
    return answer | {
        "items": [payment_json(paid, for_staff=paid.charge.lot_id in works_at) for paid in answer["items"]]
    }


@router.get(
    "/payments/{int:payment_id}",
    response=ListedPaymentOut,
    summary="Describe a payment",
    openapi_extra=described(answers={200: PAYMENT}),
)
def get_payment(request: HttpRequest, payment_id: int) -> dict[str, Any]:
    """Describe a payment of yours, of a stay at a lot where you work, or of any at a lot of which you are an admin."""
    person = person_of(request)
    paid = load_payment(person, payment_id)
    loaded = with_payment_parts(Payment.objects.filter(pk=paid.pk)).get()
    return payment_json(loaded, for_staff=paid.charge.lot_id in _works_at(person))


@router.post(
    "/payments/{int:payment_id}/refunds",
    response={201: RefundOut, 202: RefundOut},
    summary="Give money of a payment back",
    openapi_extra=described(sent=REFUND_SENT, answers={201: REFUND, 202: WAITING_REFUND}, refused=REFUSED_REFUNDS),
)
def post_refund(
    request: HttpRequest,
    payment_id: int,
    body: RefundIn,
    idempotency_key: IdempotencyKey = "",
) -> Status[dict[str, Any]]:
    """Give money back, or ask a second person above the operator's limit: then 202 `waiting_for_approval`.

    For admins, and for attendants of payments of stays. Cash comes out of your open shift. The same `Idempotency-Key`
    with the same body gives back once.
    """
    person, at = person_of(request), truncate(now())
    payment = load_payment(person, payment_id)
    if not payments_at_work(person).filter(pk=payment.pk).exists():
        raise ForbiddenError(_("Your role does not allow this."))
    given = ask_refund(
        payment=payment,
        amount=body.amount,
        reason=body.reason,
        goodwill=body.goodwill,
        idempotency_key=str(stored_key(person, idempotency_key or secrets.token_urlsafe(24))),
        by=person,
        at=at,
    )
    if given.reason != body.reason:
        raise RefundKeyUsedError(_("This idempotency key was already used for another refund."))
    if isinstance(given, Refund):
        return_refund(refund=given, at=at)
        return Status(201, _refund_shown(given))
    return Status(202, _request_shown(given))


@router.get(
    "/refunds/{refund_id}",
    response=RefundOut,
    summary="Describe a refund",
    openapi_extra=described(answers={200: REFUND}),
)
def get_refund(request: HttpRequest, refund_id: str) -> dict[str, Any]:
    """Describe a refund of a payment that you may look at, whether it was given, is waiting or was rejected."""
    person = person_of(request)
    is_asked, number = _parsed(refund_id)
    if is_asked:
        asked = load_refund_request(person, number)
        lot_id = asked.payment.charge.lot_id
        return _request_shown(asked, for_staff=lot_id in _works_at(person))
    given = load_refund(person, number)
    return _refund_shown(given, for_staff=given.payment.charge.lot_id in _works_at(person))


_DECIDING = {
    403: {"forbidden": "You are no admin of the lot.", "own_refund": "You asked for this refund yourself."},
    409: {"refund_decided": "Another person has decided about it, or it was decided otherwise."},
}


@router.post(
    "/refunds/{refund_id}/approve",
    response=RefundOut,
    summary="Approve a refund that waits",
    openapi_extra=described(
        answers={200: REFUND | {"id": "w7", "decided_by": "chief@acme.example"}},
        refused=_DECIDING
        | {
            409: _DECIDING[409] | {"payment_not_captured": "The payment took no money."},
            422: {"refund_exceeds_payment": "Less than that is left of the payment."},
        },
    ),
)
def post_refund_approval(request: HttpRequest, refund_id: str) -> dict[str, Any]:
    """Give back what another person asked for. For admins of the lot; idempotent.

    Cash is then handed over at the desk (`to_hand_over`).
    """
    person, at = person_of(request), now()
    approved = approve_refund(asked=_to_decide(person, refund_id), by=person, at=at)
    if approved.refund:
        return_refund(refund=approved.refund, at=at)
    return _request_shown(approved)


@router.post(
    "/refunds/{refund_id}/reject",
    response=RefundOut,
    summary="Reject a refund that waits",
    openapi_extra=described(
        sent={"why": "The fee was right."}, answers={200: WAITING_REFUND | {"status": "rejected"}}, refused=_DECIDING
    ),
)
def post_refund_rejection(request: HttpRequest, refund_id: str, body: RefundRejectionIn) -> dict[str, Any]:
    """Refuse, with a reason, what another person asked for. For admins of the lot; idempotent."""
    person = person_of(request)
    asked = _to_decide(person, refund_id)
    return _request_shown(reject_refund(asked=asked, by=person, note=body.why, at=now()))


def _listed(person: User, ticket: str) -> QuerySet[Payment]:
    if ticket:
        try:
            return payments_shown_to(person).filter(charge__ticket__number=parse_number(ticket))
        except InvalidNumberError:
            return Payment.objects.none()
    # Evaluated here, so that a driver, who manages nothing, gets a query for their own payments only.
    lots = list(lots_visible_to(person, Role.ADMIN).order_by().values_list("pk", flat=True))
    own = payments_of(person)
    return Payment.objects.filter(Q(pk__in=own.values("pk")) | Q(charge__lot__in=lots)) if lots else own


def _filtered(payments: QuerySet[Payment], query: PaymentsQuery) -> QuerySet[Payment]:
    found = payments.filter(charge__lot__slug=query.lot) if query.lot else payments
    for name in ("method", "state"):
        wanted = getattr(query, name)
        found = found.filter(**{name: wanted}) if wanted else found
    if query.since:
        found = found.filter(created_at__gte=parse_instant(query.since, path="from"))
    if query.until:
        found = found.filter(created_at__lt=parse_instant(query.until, path="to"))
    return found


def _works_at(person: User) -> set[int]:
    """Return the keys of the lots where a person works."""
    return set(lots_visible_to(person).order_by().values_list("pk", flat=True))


def _parsed(refund_id: str) -> tuple[bool, int]:
    """Return whether an id is that of a request, and the number in it. Raises NotFoundError."""
    parts = _REFUND_ID.fullmatch(refund_id)
    if parts is None:
        raise NotFoundError(_("There is no such refund."))
    return bool(parts[1]), int(parts[2])


def _to_decide(person: User, refund_id: str) -> RefundRequest:
    """Return the request that an admin decides about. Raises NotFoundError and ForbiddenError."""
    is_asked, number = _parsed(refund_id)
    if not is_asked:
        load_refund(person, number)
        raise NotFoundError(_("This refund waits for nobody."))
    asked = load_refund_request(person, number)
    if not payments_managed_by(person).filter(pk=asked.payment_id).exists():
        raise ForbiddenError(_("Your role does not allow this."))
    return asked


def _refund_shown(given: Refund, *, for_staff: bool = True) -> dict[str, Any]:
    loaded = with_refund_parts(Refund.objects.filter(pk=given.pk)).get()
    return refund_json(loaded, loaded.payment, for_staff=for_staff)


def _request_shown(asked: RefundRequest, *, for_staff: bool = True) -> dict[str, Any]:
    if asked.refund:
        return _refund_shown(asked.refund, for_staff=for_staff)
    return request_json(asked, asked.payment)
