"""API endpoints by which operators' people and programs keep a lot's tariffs."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from accounts.models import Role
from api.auth import people_auth, person_of
from api.bodies import ObjectIn, PlainText
from api.idempotency import IdempotencyKey, answered_once
from api.place_examples import ADD_TARIFF, CHANGE_TARIFF, TARIFF, TARIFFS, WITHDRAW_TARIFF
from api.records import FieldsQuery, RecordsQuery, listed, shown, unless_changed
from billing.models import Tariff
from billing.pricing import parse_rules
from billing.services.tariffs import TariffValues, create_tariff, lock_current, revise_tariff, withdraw_tariff
from billing.tariffs import standing_of
from common.errors import NotFoundError
from lots.access import load_lot
from lots.calendar import local_day

router = Router(tags=["Operators"], auth=people_auth)
_SORTS = {"valid_from": "valid_from", "name": "name", "created_at": "created_at"}
_RULES = {
    "tax_percent": "8.1",
    "tax_included": True,
    "plans": [
        {"name": "Hourly", "bands": [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}]},
    ],
}


class TariffOut(Schema):
    """A tariff: its days, both included, and its rules as in the site file.

    `standing` is in force, scheduled, ended or superseded; `revision` counts the versions of the same tariff.
    """

    id: int
    lot: str
    name: str
    valid_from: date
    valid_until: date | None
    rules: dict[str, Any]
    revision: int
    standing: str
    created_at: datetime
    superseded_at: datetime | None


class TariffsOut(Schema):
    """A page of tariffs."""

    items: list[TariffOut]
    total: int
    page: int
    page_size: int


class TariffIn(ObjectIn):
    """A tariff to put in force."""

    name: PlainText = Field("Standard", min_length=1, max_length=80)
    valid_from: date
    valid_until: date | None = None
    rules: dict[str, Any] = Field(examples=[_RULES])


class TariffChangeIn(ObjectIn):
    """What to change; what is left out stays. A `valid_until` in the past or today ends it."""

    name: PlainText = Field("Standard", min_length=1, max_length=80)
    valid_from: date = Field(default_factory=lambda: date.min)
    valid_until: date | None = None
    rules: dict[str, Any] = Field(default_factory=dict, examples=[_RULES])


@router.get("/lots/{slug}/tariffs", response=TariffsOut, summary="List a lot’s tariffs", openapi_extra=TARIFFS)
def get_tariffs(
    request: HttpRequest, slug: str, asked: Query[RecordsQuery], *, superseded: bool = False
) -> HttpResponse:
    """List a lot's tariffs; with `superseded` also versions that price only stays which began with them."""
    lot = load_lot(person_of(request), slug, Role.ADMIN)
    tariffs = Tariff.objects.filter(lot=lot) if superseded else Tariff.objects.filter(lot=lot).current()
    return listed(tariffs.select_related("lot"), asked, _SORTS, lambda rows: [tell_tariff(row) for row in rows])


@router.post(
    "/lots/{slug}/tariffs", response={201: TariffOut}, summary="Put a tariff in force", openapi_extra=ADD_TARIFF
)
def post_tariff(request: HttpRequest, slug: str, body: TariffIn, idempotency_key: IdempotencyKey = "") -> HttpResponse:
    """Put a tariff in force from its first day on. Answers 409 where another one is valid on one of its days."""
    person = person_of(request)

    def add() -> HttpResponse:
        lot = load_lot(person, slug, Role.ADMIN)
        values = TariffValues(body.name, body.valid_from, body.valid_until, _checked(body.rules))
        made = create_tariff(lot=lot, values=values, at=now(), by=person)
        return shown(request, tell_tariff(made), status=201)

    return answered_once(request, idempotency_key, add)


@router.get(
    "/lots/{slug}/tariffs/{int:tariff_id}", response=TariffOut, summary="Describe a tariff", openapi_extra=TARIFF
)
def get_tariff(request: HttpRequest, slug: str, tariff_id: int, asked: Query[FieldsQuery]) -> HttpResponse:
    """Describe a tariff, with the ETag that a change may name in `If-Match`."""
    return shown(request, tell_tariff(_tariff(request, slug, tariff_id)), asked.fields_)


@router.patch(
    "/lots/{slug}/tariffs/{int:tariff_id}",
    response=TariffOut,
    summary="Change a tariff, or put a new version in force",
    openapi_extra=CHANGE_TARIFF,
)
def patch_tariff(request: HttpRequest, slug: str, tariff_id: int, body: TariffChangeIn) -> HttpResponse:
    """Change a tariff, or end it with a `valid_until`. New rules of one that priced a stay become a new version.

    Answers with the version in force, which then has another `id`; 409 for a superseded one, 412 when `If-Match` does
    not fit.
    """
    tariff = _tariff(request, slug, tariff_id)
    given = body.model_fields_set
    with unless_changed(request, _locked(tariff), tell_tariff) as row:
        values = TariffValues(
            name=body.name if "name" in given else row.name,
            valid_from=body.valid_from if "valid_from" in given else row.valid_from,
            valid_until=body.valid_until if "valid_until" in given else row.valid_until,
            rules=_checked(body.rules) if "rules" in given else row.rules,
        )
        changed = revise_tariff(tariff=row, values=values, at=now(), by=person_of(request))
    return shown(request, tell_tariff(changed))


@router.delete(
    "/lots/{slug}/tariffs/{int:tariff_id}",
    response={204: None},
    summary="Withdraw a tariff",
    openapi_extra=WITHDRAW_TARIFF,
)
def delete_tariff(request: HttpRequest, slug: str, tariff_id: int) -> HttpResponse:
    """Withdraw a tariff: it prices no more stays that begin from now on, and those that began with it keep it."""
    tariff = _tariff(request, slug, tariff_id)
    with unless_changed(request, _locked(tariff), tell_tariff) as row:
        withdraw_tariff(tariff=row, at=now(), by=person_of(request))
    return HttpResponse(status=204)


def tell_tariff(tariff: Tariff) -> TariffOut:
    """Return a tariff, loaded with its lot, as answers show it."""
    names = ("id", "name", "valid_from", "valid_until", "rules", "revision", "created_at", "superseded_at")
    values: dict[str, Any] = {name: getattr(tariff, name) for name in names}
    return TariffOut(lot=tariff.lot.slug, standing=standing_of(tariff, local_day(tariff.lot, now())), **values)


def _tariff(request: HttpRequest, slug: str, tariff_id: int) -> Tariff:
    lot = load_lot(person_of(request), slug, Role.ADMIN)
    found = Tariff.objects.filter(lot=lot, pk=tariff_id).select_related("lot").first()
    if found is None:
        raise NotFoundError(_("There is no such tariff."))
    return found


def _locked(tariff: Tariff) -> Callable[[], Tariff]:
    return lambda: lock_current(tariff)


def _checked(rules: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return rules that are right; each mistake is named by its place in the body."""
    parse_rules(rules, "rules")
    return rules
