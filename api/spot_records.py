"""API endpoints for the spots of a lot: what stands there now, out of use, and what a sensor or person has seen."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema
from pydantic import StrictBool

from accounts.models import Role
from api.auth import people_auth, person_of
from api.bodies import ObjectIn, PlainText
from api.place_examples import CHANGE_SPOT, SPOT, SPOTS
from api.records import FieldsQuery, RecordsQuery, listed, shown, unless_changed
from common.errors import InvalidValueError, NotFoundError
from common.notes import LONGEST_NOTE
from common.time import parse_instant
from lots.access import load_lot
from lots.checks import HIGHEST_LEVEL, LOWEST_LEVEL
from lots.models import Spot, SpotStatus
from lots.observations import Observation, Source
from lots.services import lock_lot, observe_spot, set_maintenance
from reservations.services import open_bays
from tickets.models import Ticket

router = Router(tags=["Operators"], auth=people_auth)
_SORTS = {"ordinal": "ordinal", "number": "number", "level": "level__number", "type": "spot_type", "status": "status"}
_PARTS = ("lot", "level", "zone")


class Watcher(StrEnum):
    """Who has seen whether a spot is taken."""

    SENSOR = "sensor"
    PERSON = "person"


class PresentStayOut(Schema):
    """The stay whose car is in a spot."""

    number: str
    plate: str | None
    entry_time: datetime


class ObservationOut(Schema):
    """The last believed observation of a spot."""

    occupied: bool
    source: str
    confidence: float
    at: datetime


class SpotOut(Schema):
    """A spot. `status` is available, occupied, reserved or maintenance; `stay` is that of the car in it, if any."""

    number: str
    level: int
    level_name: str
    zone: str
    type: str
    status: str
    maintenance: bool
    note: str
    maintenance_until: datetime | None
    observation: ObservationOut | None
    stay: PresentStayOut | None


class SpotsOut(Schema):
    """A page of spots."""

    items: list[SpotOut]
    total: int
    page: int
    page_size: int


class SpotsQuery(RecordsQuery):
    """Filters of the list of spots."""

    level: Annotated[int, Field(ge=LOWEST_LEVEL, le=HIGHEST_LEVEL)] | None = None
    status: str = ""


class ObservationIn(ObjectIn):
    """Whether a car was seen in a spot, `at` an instant (without it: now)."""

    occupied: StrictBool
    source: Watcher = Watcher.SENSOR
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    at: str | None = Field(None, json_schema_extra={"format": "date-time"})


class SpotChangeIn(ObjectIn):
    """Take a spot out of use with a note, put it back, or say what was seen there. What is left out stays."""

    maintenance: StrictBool | None = None
    note: PlainText = Field("", max_length=LONGEST_NOTE)
    observation: ObservationIn | None = None


@router.get(
    "/lots/{slug}/spots", response=SpotsOut, summary="List a lot’s spots and the cars in them", openapi_extra=SPOTS
)
def get_spots(request: HttpRequest, slug: str, asked: Query[SpotsQuery]) -> HttpResponse:
    """List a lot's spots, each with the stay whose car is in it; only those of a `level`, or of a `status`."""
    spots = load_lot(person_of(request), slug, Role.ADMIN).spots.select_related(*_PARTS)
    if asked.status and asked.status not in SpotStatus.values:
        message = _("The status must be one of %(statuses)s.") % {"statuses": ", ".join(SpotStatus.values)}
        raise InvalidValueError(message, path="status")
    spots = spots if asked.level is None else spots.filter(level__number=asked.level)
    return listed(spots.filter(status=asked.status) if asked.status else spots, asked, _SORTS, tell_spots)


@router.get("/lots/{slug}/spots/{path:number}", response=SpotOut, summary="Describe a spot", openapi_extra=SPOT)
def get_spot(request: HttpRequest, slug: str, number: str, asked: Query[FieldsQuery]) -> HttpResponse:
    """Describe a spot, with the ETag that a change may name in `If-Match`."""
    return shown(request, tell_spot(_spot(request, slug, number)), asked.fields_)


@router.patch(
    "/lots/{slug}/spots/{path:number}",
    response=SpotOut,
    summary="Take a spot out of use, or observe it",
    openapi_extra=CHANGE_SPOT,
)
def patch_spot(request: HttpRequest, slug: str, number: str, body: SpotChangeIn) -> HttpResponse:
    """Take a spot out of use or put it back; a parked car stays. An observation never ends a stay.

    Answers 412 when `If-Match` does not fit.
    """
    at, spot = now(), _spot(request, slug, number)
    sighting = _sighting(body.observation, at) if body.observation else None
    with unless_changed(request, _locked(spot), tell_spot) as row:
        if body.maintenance:
            set_maintenance(lot=row.lot, numbers=[row.number], on=True, note=body.note)
        elif body.maintenance is not None:
            open_bays(lot=row.lot, numbers=[row.number], by=person_of(request), at=at)
        if sighting is not None:
            observe_spot(spot=row, sighting=sighting)
    return shown(request, tell_spot(_spot(request, slug, number)))


def tell_spot(spot: Spot) -> SpotOut:
    """Return a spot, loaded with its lot, level and zone, as answers show it."""
    return tell_spots([spot])[0]


def tell_spots(spots: list[Spot]) -> list[SpotOut]:
    """Return spots as answers show them, with the stays of the cars in them; one query."""
    stays = Ticket.objects.in_bulk([spot.stay for spot in spots if spot.stay is not None])
    return [_told(spot, stays.get(spot.stay or 0)) for spot in spots]


def _told(spot: Spot, stay: Ticket | None) -> SpotOut:
    return SpotOut(
        number=spot.number,
        level=spot.level.number,
        level_name=spot.level.name,
        zone=spot.zone.name,
        type=spot.spot_type,
        status=spot.status,
        maintenance=spot.maintenance,
        note=spot.maintenance_note,
        maintenance_until=spot.maintenance_until,
        observation=_observation(spot),
        stay=PresentStayOut(number=stay.number, plate=stay.plate, entry_time=stay.entry_at) if stay else None,
    )


def _observation(spot: Spot) -> ObservationOut | None:
    if spot.observed_at is None or spot.observed_source is None:
        return None
    known: dict[str, Any] = {"occupied": bool(spot.observed_occupied), "confidence": spot.observed_confidence or 0.0}
    return ObservationOut(source=Source(spot.observed_source).name.lower(), at=spot.observed_at, **known)


def _sighting(given: ObservationIn, at: datetime) -> Observation:
    seen_at = at if given.at is None else parse_instant(given.at, path="observation.at")
    if seen_at > at:
        raise InvalidValueError(_("This is in the future."), path="observation.at")
    source = Source.SENSOR if given.source == Watcher.SENSOR else Source.PERSON
    return Observation(occupied=given.occupied, source=source, confidence=given.confidence, at=seen_at)


def _spot(request: HttpRequest, slug: str, number: str) -> Spot:
    lot = load_lot(person_of(request), slug, Role.ADMIN)
    spot = lot.spots.select_related(*_PARTS).filter(number=number).first() if "\0" not in number else None
    if spot is None:
        raise NotFoundError(_("There is no such spot."))
    return spot


def _locked(spot: Spot) -> Callable[[], Spot]:
    def load() -> Spot:
        lock_lot(spot.lot_id)
        found = Spot.objects.select_related(*_PARTS).filter(pk=spot.pk).first()
        if found is None:
            raise NotFoundError(_("There is no such spot."))
        return found

    return load
