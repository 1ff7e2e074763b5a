"""API endpoints by which the programs of merchants lower the fee of their customers."""

from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from accounts.models import User
from api.auth import people_auth, person_of
from api.idempotency import IdempotencyKey, stored_key
from api.stay_examples import VALIDATE, VALIDATION_TYPES, WITHDRAW_VALIDATION
from api.tickets import PublicFeeOut, fee_answer
from common.errors import ForbiddenError, NotFoundError
from merchants.access import merchants_of
from merchants.models import GivenHow, Validation, ValidationType
from merchants.named_stays import stay_for
from merchants.services import give_validation, withdraw_validation
from merchants.validation_tries import check_lookup

router = Router(tags=["People"], auth=people_auth)


class ValidationTypeOut(Schema):
    """A validation that you may give; `discount` is `{"free_minutes": n}`, `{"percent": "n"}` or `{"amount": n}`."""

    id: int
    name: str
    merchant: str
    discount: dict[str, Any]


class ValidationIn(Schema):
    """The type to give, by its `id`."""

    type: Annotated[int, Field(strict=True, gt=0, le=2**31)]


@router.get(
    "/validation-types", response=list[ValidationTypeOut], summary="What you may give", openapi_extra=VALIDATION_TYPES
)
def get_types(request: HttpRequest) -> list[dict[str, Any]]:
    """List the validations that you may give to your customers. For the people of merchants."""
    return [
        {"id": kind.pk, "name": kind.name, "merchant": kind.merchant.name, "discount": kind.discount}
        for kind in _types(_validator(request)).order_by("merchant__name", "name")
    ]


@router.post(
    "/tickets/{reference}/validations", response=PublicFeeOut, summary="Validate a stay", openapi_extra=VALIDATE
)
def post_validation(
    request: HttpRequest,
    reference: str,
    body: ValidationIn,
    idempotency_key: IdempotencyKey = "",
) -> dict[str, Any]:
    """Lower the fee of a car that is inside, and return the fee as it is now."""
    person = _validator(request)
    kind = _type(person, body.type)
    check_lookup(request, person)
    ticket = stay_for(kind.merchant, reference, by_plate=False)
    key = stored_key(person, idempotency_key)
    give_validation(kind=kind, ticket=ticket, at=now(), by=person, how=GivenHow.PROGRAM, idempotency_key=key)
    return fee_answer(stay_for(kind.merchant, reference, by_plate=False), reference)


@router.delete(
    "/tickets/{reference}/validations",
    response=PublicFeeOut,
    summary="Withdraw a validation",
    openapi_extra=WITHDRAW_VALIDATION,
)
def delete_validation(
    request: HttpRequest, reference: str, kind_id: Annotated[int, Query(alias="type", gt=0, le=2**31)]
) -> dict[str, Any]:
    """Withdraw your last validation of a type, given within ten minutes, and return the fee as it is now."""
    person = _validator(request)
    kind = _type(person, kind_id)
    check_lookup(request, person)
    ticket = stay_for(kind.merchant, reference, by_plate=False)
    given = Validation.objects.standing().filter(ticket=ticket, type=kind).order_by("-given_at").first()
    if given is None:
        raise NotFoundError(_("This stay has no such validation."))
    withdraw_validation(given=given, at=now(), by=person)
    return fee_answer(stay_for(kind.merchant, reference, by_plate=False), reference)


def _validator(request: HttpRequest) -> User:
    person = person_of(request)
    if not merchants_of(person).exists():
        raise ForbiddenError(_("Only the people of merchants can validate stays."))
    return person


def _types(person: User) -> QuerySet[ValidationType]:
    own = merchants_of(person)
    return ValidationType.objects.offered().filter(merchant__in=own).select_related("merchant")


def _type(person: User, pk: int) -> ValidationType:
    found = _types(person).filter(pk=pk).first()
    if found is None:
        raise NotFoundError(_("There is no such validation type."))
    return found
