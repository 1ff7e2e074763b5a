"""Public API endpoints for lots and their availability."""

from datetime import datetime
from typing import Annotated, Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize
from common.errors import InvalidValueError
from lots.access import get_public_lot
from lots.availability import CACHE_CONTROL, availability, tell_availability
from lots.calendar import is_open
from lots.compatibility import SpotType
from lots.models import Lot
from lots.queries import LONGEST_QUERY, Position, find_lots, free_by_type

FARTHEST_M = 20_040_000  # half way round the earth

router = Router(tags=["Public"])


class FindLots(Schema):
    """Search terms: words, a spot type, a position (`lat` and `lng`) and a distance from it."""

    q: str = Field("", max_length=LONGEST_QUERY)
    spot_type: SpotType | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lng: Annotated[float, Field(ge=-180, le=180)] | None = None
    radius_m: Annotated[float, Field(gt=0, le=FARTHEST_M)] | None = None
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


class LotDetail(LotOut):
    """A lot with its opening hours (an empty object means always open) and its levels."""

    opening_hours: dict[str, Any]
    levels: list[dict[str, Any]]


class LotsOut(Schema):
    """A page of lots."""

    items: list[LotOut]
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


@router.get("/lots", response=LotsOut, summary="Find lots")
def get_lots(request: HttpRequest, asked: Query[FindLots]) -> dict[str, Any]:  # noqa: ARG001  the framework passes it
    """List lots, nearest first when a position is given, else by name."""
    at = now()
    lots = find_lots(near=_position(asked), radius_m=asked.radius_m, query=asked.q, spot_type=asked.spot_type or "")
    paginator = Paginator(lots, asked.page_size)
    found = list(lots[(asked.page - 1) * asked.page_size : asked.page * asked.page_size])
    free = free_by_type(found)
    items = [
        _lot(lot, at) | _places(lot.total_places, lot.free_places, free[lot.pk]) | {"distance_m": lot.distance_m}
        for lot in found
    ]
    return {"items": items, "total": paginator.count, "page": asked.page, "page_size": asked.page_size}


@router.get("/lots/{slug}", response=LotDetail, summary="Describe a lot")
def get_lot(request: HttpRequest, slug: str) -> dict[str, Any]:  # noqa: ARG001  the framework passes it
    """Describe a lot."""
    lot, at = get_public_lot(slug), now()
    counts = availability(lot, at=at)
    free = {kind: row["free"] for kind, row in counts["by_type"].items()}
    levels = [{"number": level.number, "name": level.name} for level in lot.levels.all()]
    detail = {"opening_hours": lot.opening_hours, "levels": levels}
    return _lot(lot, at) | _places(counts["total"], counts["free"], free) | detail


@router.get("/lots/{slug}/availability", response=AvailabilityOut, summary="What is free in a lot")
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
