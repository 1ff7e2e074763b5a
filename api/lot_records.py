"""API endpoints by which operators' people and programs keep lots: list, add, read, change, archive."""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Body, Query, Router

from accounts.access import load_operator
from accounts.models import Role, User
from api.auth import people_auth, person_of
from api.idempotency import IdempotencyKey, answered_once
from api.lot_settings import STATES, LotSettingsOut, LotsSettingsOut, read_lot_values, tell_lot
from api.lots import router as public_router
from api.people_examples import ADD_LOT, ARCHIVE_LOT, CHANGE_LOT, LOTS, SETTINGS
from api.records import FieldsQuery, RecordsQuery, listed, shown, unless_changed
from common.errors import FieldError, ForbiddenError, InvalidValueError
from gates.services import publish_lot
from lots.access import load_lot, lots_visible_to
from lots.models import Lot
from lots.services import create_lot, lock_lot, restore_lot, update_lot
from tickets.services import archive_lot

router = Router(tags=["Operators"], auth=people_auth)
# A path belongs to one router: these two are also public.
_by_operators: dict[str, Any] = {"tags": ["Operators"], "auth": people_auth}
LotBody = Annotated[dict[str, Any], Body()]
_SORTS = {"name": "name", "slug": "slug", "city": "city", "created_at": "created_at"}


@router.get("/lot-settings", response=LotsSettingsOut, summary="List your lots with their settings", openapi_extra=LOTS)
def get_lots_settings(request: HttpRequest, asked: Query[RecordsQuery], *, archived: bool = False) -> HttpResponse:
    """List the lots that you manage, also those that are not public; the archived ones with `archived`."""
    lots = lots_visible_to(person_of(request), Role.ADMIN).select_related("operator")
    lots = lots.exclude(archived_at=None) if archived else lots.in_use()
    return listed(lots, asked, _SORTS, lambda rows: [tell_lot(lot) for lot in rows])


@router.get("/lots/{slug}/settings", response=LotSettingsOut, summary="A lot’s settings", openapi_extra=SETTINGS)
def get_lot_settings(request: HttpRequest, slug: str, asked: Query[FieldsQuery]) -> HttpResponse:
    """Return a lot's settings, with the ETag that a change may name in `If-Match`. For its admins."""
    return shown(request, tell_lot(load_lot(person_of(request), slug, Role.ADMIN)), asked.fields_)


@public_router.post(
    "/lots", **_by_operators, response={201: LotSettingsOut}, summary="Add a lot", openapi_extra=ADD_LOT
)
def post_lot(request: HttpRequest, body: LotBody, idempotency_key: IdempotencyKey = "") -> HttpResponse:
    """Add a lot, which is not public; add its levels, gates and tariff, then publish it. For admins.

    `operator` is needed by who manages several.
    """
    person = person_of(request)

    def add() -> HttpResponse:
        operator = load_operator(person, _text(body.get("operator", ""), "operator"))
        if _is_of_chosen_lots(person):
            raise ForbiddenError(_("This key is for chosen lots: it can't add one."))
        values = read_lot_values(body, also=("operator",))
        _require(body, ("slug", "name", "timezone"))
        if values.pop("published", False):
            raise InvalidValueError(_("A lot is published once it has spots, gates and a tariff."), path="published")
        return shown(request, tell_lot(create_lot(operator=operator, values=values, at=now())), status=201)

    return answered_once(request, idempotency_key, add)


@public_router.patch(
    "/lots/{slug}",
    **_by_operators,
    response=LotSettingsOut,
    summary="Change a lot’s settings",
    openapi_extra=CHANGE_LOT,
)
def patch_lot(request: HttpRequest, slug: str, body: LotBody) -> HttpResponse:
    """Change the settings that are sent. `published` shows or hides it, `closed` turns walk-ins away.

    An archived lot is restored by `archived` false. With `If-Match`, answers 412 when it was changed meanwhile.
    """
    lot = load_lot(person_of(request), slug, Role.ADMIN)
    values = read_lot_values(body, also=STATES)
    published = values.pop("published", None)
    if body.get("archived"):
        raise InvalidValueError(_("Delete the lot to archive it."), path="archived")
    with unless_changed(request, _locked(lot), tell_lot) as row:
        changed = restore_lot(lot=row) if "archived" in body and row.archived_at is not None else row
        changed = update_lot(lot=changed, values=values | ({"published": False} if published is False else {}))
        if published and not changed.published:
            changed = publish_lot(lot=changed, at=now())
    return shown(request, tell_lot(changed))


@public_router.delete(
    "/lots/{slug}", **_by_operators, response=LotSettingsOut, summary="Archive a lot", openapi_extra=ARCHIVE_LOT
)
def delete_lot(request: HttpRequest, slug: str) -> HttpResponse:
    """Archive a lot: nothing of its past is deleted. Answers 409 while a car is inside. Idempotent."""
    lot = load_lot(person_of(request), slug, Role.ADMIN)
    with unless_changed(request, _locked(lot), tell_lot) as row:
        archived = archive_lot(lot=row, at=now())
    return shown(request, tell_lot(archived))


def _locked(lot: Lot) -> Callable[[], Lot]:
    def load() -> Lot:
        lock_lot(lot.pk)
        return Lot.objects.select_related("operator").get(pk=lot.pk)

    return load


def _is_of_chosen_lots(person: User) -> bool:
    return person.is_program and person.api_key.lot_ids is not None


def _require(body: dict[str, Any], names: tuple[str, ...]) -> None:
    missing = [FieldError(name, _("This is missing.")) for name in names if name not in body]
    if missing:
        error = InvalidValueError(missing[0].message, path=missing[0].path)
        error.errors = tuple(missing)
        raise error


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise InvalidValueError(_("This must be a text."), path=path)
    return value
