"""Public API endpoints for lots and their availability."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from api.lot_examples import AVAILABILITY, FIND_LOTS, LOT
from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize
from common.errors import FieldError, InvalidValueError
from common.time import parse_instant, truncate
from lots.availability import CACHE_CONTROL, availability, tell_availability
from lots.calendar import is_open
from lots.checks import LARGEST_NUMBER
from lots.compatibility import SpotType
from lots.known_lots import known_public_lot
from lots.lot_search import LotSearch
from lots.models import Lot
from lots.positions import FARTHEST_METRES, Position
from lots.queries import LONGEST_QUERY
from reservations.booked_time import USUAL_TIME, BookedTime, InvalidPeriodError, check_period
from reservations.lot_offers import FoundLot, Wanted, find
from reservations.ranking import SortBy

router = Router(tags=["Public"])


class FindLots(Schema):
    """Search terms: words, a position (`lat` and `lng`) and a distance from it, a period, and what a lot must have.

    `from` and `to` are instants with an offset; without them the period is the next two hours.
    """

    q: str = Field("", max_length=LONGEST_QUERY)
    spot_type: SpotType | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lng: Annotated[float, Field(ge=-180, le=180)] | None = None
    radius_m: Annotated[float, Field(gt=0, le=FARTHEST_METRES)] | None = None
    from_: str | None = Field(None, alias="from", json_schema_extra={"format": "date-time"})
    to: str | None = Field(None, json_schema_extra={"format": "date-time"})
    electric: bool = False
    accessible: bool = False
    covered: bool = False
    open_then: bool = False
    height_cm: Annotated[int, Field(gt=0, le=LARGEST_NUMBER)] | None = None
    sort: SortBy = SortBy.NEAR
    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE


class LotOut(Schema):
    """A lot. `free` counts the requested spot type, or all; `distance_m` is null without both positions."""

    slug: str
    name: str
    address: str
    postal_code: str
    city: str
    latitude: float | None
    longitude: float | None
    timezone: str
    currency: str
    tracking: str
    open: bool
    max_height_cm: int | None
    amenities: list[Any]
    total: int
    free: int
    free_by_type: dict[str, int]
    distance_m: float | None = None


class FoundOut(LotOut):
    """A lot over the period asked for, on the spots asked for, else on those any car may use.

    `price` is of that period, in minor units, null without one. `left` counts the places that may still be booked all
    of it, null where nothing can be promised. `walk_minutes` is null without a distance.
    """

    from_: datetime | None = Field(None, alias="from")
    to: datetime | None = None
    priced_as: str
    price: int | None
    left: int | None
    open_then: bool
    walk_minutes: int | None


class LotDetail(LotOut):
    """A lot with its opening hours (an empty object means always open) and its levels."""

    opening_hours: dict[str, Any]
    levels: list[dict[str, Any]]


class LotsOut(Schema):
    """A page of lots."""

    items: list[FoundOut]
    total: int
    page: int
    page_size: int


class CountOut(Schema):
    """Spots by state."""

    total: int
    free: int
    occupied: int
    reserved: int
    maintenance: int


class AvailabilityOut(CountOut):
    """A lot's spots by state: in total, by level number and by spot type."""

    lot: str
    as_of: datetime
    by_level: dict[str, CountOut]
    by_type: dict[str, CountOut]


@router.get("/lots", response=LotsOut, summary="Find lots", by_alias=True, openapi_extra=FIND_LOTS)
def get_lots(request: HttpRequest, asked: Query[FindLots]) -> dict[str, Any]:  # noqa: ARG001  the framework passes it
    """List lots with price and places over a period: nearest first when a position is given, else by name.

    By price (`sort=cheap`) or overall (`best`), and with `open_then`, the nearest 200 are compared.
    """
    at = now()
    time = _time(asked, at)
    search = LotSearch(
        query=asked.q,
        near=_position(asked),
        radius_m=asked.radius_m,
        spot_type=asked.spot_type or "",
        electric=asked.electric,
        accessible=asked.accessible,
        covered=asked.covered,
        height_cm=asked.height_cm,
    )
    wanted = Wanted(lots=search, time_in=lambda _zone: time, sort=asked.sort, open_then=asked.open_then)
    found = find(wanted, first=(asked.page - 1) * asked.page_size, limit=asked.page_size, at=at)
    items = [_found(offer, asked.spot_type, at) for offer in found.lots]
    return {"items": items, "total": found.total, "page": asked.page, "page_size": asked.page_size}


@router.get("/lots/{slug}", response=LotDetail, summary="Describe a lot", openapi_extra=LOT)
def get_lot(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001  the framework passes it
    """Describe a lot."""
    lot, at = known_public_lot(slug), now()
    counts = availability(lot, at=at)
    free = {kind: row["free"] for kind, row in counts["by_type"].items()}
    levels = [{"number": level.number, "name": level.name} for level in lot.levels.all()]
    detail = {"opening_hours": lot.opening_hours, "levels": levels}
    return _lot(lot, at) | _places(counts["total"], counts["free"], free) | detail


@router.get(
    "/lots/{slug}/availability", response=AvailabilityOut, summary="What is free in a lot", openapi_extra=AVAILABILITY
)
def get_availability(request: HttpRequest, slug: str) -> HttpResponse:
    """Count a lot's spots by state. With `If-None-Match`, answers 304 while nothing has changed."""
    etag, told = tell_availability(slug, if_none_match=request.headers.get("If-None-Match", ""), at=now())
    headers = {"ETag": etag, "Cache-Control": CACHE_CONTROL}
    if told is None:
        return HttpResponseNotModified(headers=headers)
    return HttpResponse(told, content_type="application/json", headers=headers)


def _position(asked: FindLots) -> Position | None:
    if asked.lat is not None and asked.lng is not None:
        return Position(asked.lat, asked.lng)
    if asked.lat is not None or asked.lng is not None:
        raise InvalidValueError(_("Give both lat and lng, or neither."), path="lng" if asked.lng is None else "lat")
    if asked.radius_m is not None:
        raise InvalidValueError(_("A radius needs lat and lng."), path="radius_m")
    return None


def _time(asked: FindLots, at: datetime) -> BookedTime:
    """Return the period asked for; two hours from the start, which is now unless given. Raises InvalidPeriodError."""
    start = parse_instant(asked.from_, path="from") if asked.from_ else truncate(at)
    time = BookedTime(start, parse_instant(asked.to, path="to") if asked.to else start + USUAL_TIME)
    try:
        check_period(time, at=at)
    except InvalidPeriodError as error:
        paths = {"start": "from", "end": "to"}
        errors = [FieldError(paths[one.path], one.message) for one in error.errors]
        raise InvalidPeriodError(error.message, errors=errors) from error
    return time


def _found(offer: FoundLot, spot_type: str | None, at: datetime) -> dict[str, Any]:
    time, counts = offer.time, offer.counts
    shown = [counts[kind] for kind in counts if spot_type in {None, kind}]
    free = {kind: count.free for kind, count in counts.items()}
    return (
        _lot(offer.lot, at)
        | _places(sum(count.total for count in shown), sum(count.free for count in shown), free)
        | {"distance_m": offer.distance_m, "walk_minutes": offer.walk_minutes, "open_then": offer.is_open_then}
        | {"from": time and time.start, "to": time and time.end, "priced_as": offer.kind}
        | {"price": offer.price, "left": offer.left}
    )


def _places(total: int, free: int, by_type: dict[str, int]) -> dict[str, Any]:
    return {"total": total, "free": free, "free_by_type": by_type}


def _lot(lot: Lot, at: datetime) -> dict[str, Any]:
    return {
        "slug": lot.slug,
        "name": lot.name,
        "address": lot.address,
        "postal_code": lot.postal_code,
        "city": lot.city,
        "latitude": lot.latitude,
        "longitude": lot.longitude,
        "timezone": lot.timezone,
        "currency": lot.currency,
        "tracking": lot.tracking,
        "open": is_open(lot, at),
        "max_height_cm": lot.max_height_cm,
        "amenities": lot.amenities,
    }
