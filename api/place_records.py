"""API endpoints by which operators' people and programs keep a lot's levels and the zones on them."""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from accounts.models import Role
from api.auth import people_auth, person_of
from api.bodies import ObjectIn, PlainText
from api.gate_records import LevelNumber
from api.idempotency import IdempotencyKey, answered_once
from api.place_examples import ADD_LEVEL, ADD_ZONE, CHANGE_LEVEL, CHANGE_ZONE, DELETE_LEVEL, DELETE_ZONE, LEVEL, LEVELS
from api.records import FieldsQuery, RecordsQuery, listed, shown, unless_changed
from common.errors import NotFoundError
from lots.access import load_lot
from lots.checks import HIGHEST_LEVEL, LARGEST_NUMBER, LOWEST_LEVEL
from lots.compatibility import SpotType
from lots.drawn_rows import FARTHEST, FULL_TURN
from lots.models import Level, Zone
from lots.services import (
    ZoneValues,
    add_level,
    add_zone,
    change_level,
    change_zone,
    lock_lot,
    remove_level,
    remove_zone,
)
from lots.services.zones import LARGEST_STEP, MOST_SPOTS_PER_LOT

router = Router(tags=["Operators"], auth=people_auth)
Metres = Annotated[int, Field(strict=True, ge=0, le=LARGEST_NUMBER)]
Decimetres = Annotated[int, Field(strict=True, ge=0, le=FARTHEST)]
Degrees = Annotated[int, Field(strict=True, ge=0, lt=FULL_TURN)]
_SORTS = {"number": "number", "name": "name"}


class ZoneOut(Schema):
    """Part of a level: spots of one type, named `prefix` + number from `start` on, by `step`; distances in metres.

    On the plan its row of bays begins at `left` and `top`, in decimetres, and is turned clockwise by `angle` degrees.
    """

    id: int
    name: str
    spot_type: str
    count: int
    prefix: str
    start: int
    step: int
    distance: int | None
    elevator_distance: int | None
    left: int | None
    top: int | None
    angle: int


class LevelOut(Schema):
    """A floor, 0 is the ground, with its zones in their order."""

    number: int
    name: str
    zones: list[ZoneOut]


class LevelsOut(Schema):
    """A page of levels."""

    items: list[LevelOut]
    total: int
    page: int
    page_size: int


class LevelIn(ObjectIn):
    """A level to add; without a name it is called after its number."""

    number: LevelNumber
    name: PlainText = Field("", max_length=60)


class LevelChangeIn(ObjectIn):
    """What to change; what is left out stays."""

    number: LevelNumber = 0
    name: PlainText = Field("", max_length=60)


class ZoneIn(ObjectIn):
    """A zone to add at the end of a level; where spots are tracked, with its spots."""

    name: PlainText = Field(min_length=1, max_length=60, examples=["A"])
    spot_type: SpotType = SpotType.REGULAR
    count: Annotated[int, Field(strict=True, ge=0, le=MOST_SPOTS_PER_LOT)]
    prefix: PlainText = Field("", max_length=20, examples=["A-"])
    start: Metres = 1
    step: Annotated[int, Field(strict=True, ge=1, le=LARGEST_STEP)] = 1
    distance: Metres | None = None
    elevator_distance: Metres | None = None
    left: Decimetres | None = None
    top: Decimetres | None = None
    angle: Degrees = 0


class ZoneChangeIn(ObjectIn):
    """What to change; what is left out stays. Count and type change only where cars are only counted."""

    name: PlainText = Field("A", min_length=1, max_length=60)
    spot_type: SpotType = SpotType.REGULAR
    count: Annotated[int, Field(strict=True, ge=0, le=MOST_SPOTS_PER_LOT)] = 0
    distance: Metres | None = None
    elevator_distance: Metres | None = None
    left: Decimetres | None = None
    top: Decimetres | None = None
    angle: Degrees = 0


@router.get("/lots/{slug}/levels", response=LevelsOut, summary="List a lot’s levels", openapi_extra=LEVELS)
def get_levels(request: HttpRequest, slug: str, asked: Query[RecordsQuery]) -> HttpResponse:
    """List a lot's levels with their zones. For its admins."""
    levels = load_lot(person_of(request), slug, Role.ADMIN).levels.prefetch_related("zones")
    return listed(levels, asked, _SORTS, lambda rows: [tell_level(level) for level in rows])


@router.post("/lots/{slug}/levels", response={201: LevelOut}, summary="Add a level", openapi_extra=ADD_LEVEL)
def post_level(request: HttpRequest, slug: str, body: LevelIn, idempotency_key: IdempotencyKey = "") -> HttpResponse:
    """Add a level. Answers 409 when the lot has one of this number."""

    def add() -> HttpResponse:
        lot = load_lot(person_of(request), slug, Role.ADMIN)
        return shown(request, tell_level(add_level(lot=lot, number=body.number, name=body.name)), status=201)

    return answered_once(request, idempotency_key, add)


@router.get("/lots/{slug}/levels/{number}", response=LevelOut, summary="Describe a level", openapi_extra=LEVEL)
def get_level(request: HttpRequest, slug: str, number: int, asked: Query[FieldsQuery]) -> HttpResponse:
    """Describe a level, with the ETag that a change may name in `If-Match`."""
    return shown(request, tell_level(_level(request, slug, number)), asked.fields_)


@router.patch("/lots/{slug}/levels/{number}", response=LevelOut, summary="Change a level", openapi_extra=CHANGE_LEVEL)
def patch_level(request: HttpRequest, slug: str, number: int, body: LevelChangeIn) -> HttpResponse:
    """Renumber or rename a level. Answers 412 when `If-Match` does not fit."""
    level, given = _level(request, slug, number), body.model_fields_set
    with unless_changed(request, _locked(level), tell_level) as row:
        changed = change_level(
            level=row,
            number=body.number if "number" in given else row.number,
            name=body.name if "name" in given else row.name,
        )
    return shown(request, tell_level(changed))


@router.delete(
    "/lots/{slug}/levels/{number}", response={204: None}, summary="Delete a level", openapi_extra=DELETE_LEVEL
)
def delete_level(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Delete a level with its zones and spots; answers 409 when one was ever used."""
    with unless_changed(request, _locked(_level(request, slug, number)), tell_level) as row:
        remove_level(level=row)
    return HttpResponse(status=204)


@router.post(
    "/lots/{slug}/levels/{number}/zones",
    response={201: LevelOut},
    summary="Add a zone with its spots",
    openapi_extra=ADD_ZONE,
)
def post_zone(
    request: HttpRequest, slug: str, number: int, body: ZoneIn, idempotency_key: IdempotencyKey = ""
) -> HttpResponse:
    """Add a zone and answer with its level. Answers 409 for a name or a spot that the lot has."""

    def add() -> HttpResponse:
        level = _level(request, slug, number)
        add_zone(level=level, values=ZoneValues(**body.model_dump()))
        return shown(request, tell_level(_level(request, slug, number)), status=201)

    return answered_once(request, idempotency_key, add)


@router.patch("/lots/{slug}/zones/{int:zone_id}", response=ZoneOut, summary="Change a zone", openapi_extra=CHANGE_ZONE)
def patch_zone(request: HttpRequest, slug: str, zone_id: int, body: ZoneChangeIn) -> HttpResponse:
    """Change a zone's name, distances and place on the plan; where cars are only counted, its count and type too."""
    zone = _zone(request, slug, zone_id)
    with unless_changed(request, _locked_zone(zone), tell_zone) as row:
        kept: dict[str, Any] = {name: getattr(row, name) for name in ZoneValues.__slots__}
        changed = change_zone(zone=row, values=ZoneValues(**kept | body.model_dump(exclude_unset=True)))
    return shown(request, tell_zone(changed))


@router.delete(
    "/lots/{slug}/zones/{int:zone_id}", response={204: None}, summary="Delete a zone", openapi_extra=DELETE_ZONE
)
def delete_zone(request: HttpRequest, slug: str, zone_id: int) -> HttpResponse:
    """Delete a zone with its spots; answers 409 when one was ever used."""
    with unless_changed(request, _locked_zone(_zone(request, slug, zone_id)), tell_zone) as row:
        remove_zone(zone=row)
    return HttpResponse(status=204)


def tell_level(level: Level) -> LevelOut:
    """Return a level as answers show it."""
    zones = [tell_zone(zone) for zone in level.zones.all()]
    return LevelOut(number=level.number, name=level.name, zones=zones)


def tell_zone(zone: Zone) -> ZoneOut:
    """Return a zone as answers show it."""
    return ZoneOut(**{name: getattr(zone, name) for name in ZoneOut.model_fields})


def _level(request: HttpRequest, slug: str, number: int) -> Level:
    lot = load_lot(person_of(request), slug, Role.ADMIN)
    within = LOWEST_LEVEL <= number <= HIGHEST_LEVEL
    level = lot.levels.select_related("lot").filter(number=number).first() if within else None
    if level is None:
        raise NotFoundError(_("There is no such level."))
    return level


def _zone(request: HttpRequest, slug: str, zone_id: int) -> Zone:
    lot = load_lot(person_of(request), slug, Role.ADMIN)
    zone = Zone.objects.select_related("level__lot").filter(level__lot=lot, pk=zone_id).first()
    if zone is None:
        raise NotFoundError(_("There is no such zone."))
    return zone


def _locked(level: Level) -> Callable[[], Level]:
    def load() -> Level:
        lock_lot(level.lot_id)
        found = Level.objects.select_related("lot").filter(pk=level.pk).first()
        if found is None:
            raise NotFoundError(_("There is no such level."))
        return found

    return load


def _locked_zone(zone: Zone) -> Callable[[], Zone]:
    def load() -> Zone:
        lock_lot(zone.level.lot_id)
        found = Zone.objects.select_related("level__lot").filter(pk=zone.pk).first()
        if found is None:
            raise NotFoundError(_("There is no such zone."))
        return found

    return load
