"""ParkAPI: version 1, by city, as apps that show free places read it; version 3, of sites, as aggregators pull it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse
from django.utils.text import slugify

from api.feeds.counted import CountedLot
from lots.boards import Count
from lots.compatibility import SpotType

ELSEWHERE = "elsewhere"
"""The city of lots without one."""
SERVER_VERSION = "1"
REFERENCE = "https://github.com/offenesdresden/ParkAPI"
AUDIENCES = {SpotType.HANDICAP: "DISABLED", SpotType.EV: "CHARGING"}
"""The spot types that version 3 tells apart by who may use them."""


def index_document(lots: Sequence[CountedLot]) -> dict[str, Any]:
    """Return the cities with lots, and the ids of their documents."""
    cities = {one.lot.city or ELSEWHERE.title(): city_id(one) for one in lots}
    return {
        "api_version": "1.0",
        "server_version": SERVER_VERSION,
        "reference": REFERENCE,
        "cities": dict(sorted(cities.items())),
    }


def city_id(one: CountedLot) -> str:
    """Return the id of a lot's city."""
    city = one.lot.city
    return slugify(city) or slugify(city, allow_unicode=True) or ELSEWHERE


def city_document(lots: Sequence[CountedLot], *, site: str, at: datetime) -> dict[str, Any]:
    """Return the lots of a city; times are in UTC, without an offset."""
    return {
        "last_downloaded": _naive(at),
        "last_updated": _naive(max(one.counted_at for one in lots)),
        "data_source": site,
        "lots": [_lot(one, site) for one in lots],
    }


def sites_document(lots: Sequence[CountedLot], *, site: str) -> dict[str, Any]:
    """Return the lots with a position, which version 3 needs."""
    items = [_site(one, site) for one in lots if one.has_position]
    return {"items": items, "total_count": len(items)}


def _lot(one: CountedLot, site: str) -> dict[str, Any]:
    lot = one.lot
    return {
        "id": lot.slug,
        "name": lot.name,
        "address": one.address or None,
        "coords": {"lat": lot.latitude, "lng": lot.longitude} if one.has_position else None,
        "forecast": False,
        "free": one.whole.free,
        "total": one.whole.total,
        "state": "open" if one.is_open else "closed",
        "lot_type": _german_type(one),
        "region": None,
        "opening_hours": one.opening_hours,
        "url": site + reverse("driver:lot", args=[lot.slug]),
    }


def _german_type(one: CountedLot) -> str:
    """Return the type of a lot in the words of ParkAPI's version 1, which are German."""
    if one.is_underground:
        return "Tiefgarage"
    return "Parkhaus" if one.is_covered else "Parkplatz"


def _site(one: CountedLot, site: str) -> dict[str, Any]:
    lot, whole = one.lot, one.whole
    return {
        "uid": lot.slug,
        "name": lot.name,
        "operator_name": lot.operator.name,
        "address": one.address or None,
        "lat": f"{lot.latitude:.7f}",
        "lon": f"{lot.longitude:.7f}",
        "purpose": "CAR",
        "type": _site_type(one),
        "public_url": site + reverse("driver:lot", args=[lot.slug]),
        "is_covered": one.is_covered,
        "max_height": lot.max_height_cm,
        "opening_hours": one.opening_hours,
        "has_realtime_data": True,
        "static_data_updated_at": _instant(lot.created_at),
        "realtime_data_updated_at": _instant(one.at),
        "realtime_opening_status": "OPEN" if one.is_open else "CLOSED",
        "capacity": whole.total,
        "realtime_capacity": one.usable,
        "realtime_free_capacity": whole.free,
        "restrictions": [
            _restriction(AUDIENCES[kind], count) for kind, count in one.by_type.items() if kind in AUDIENCES
        ],
    }


def _site_type(one: CountedLot) -> str:
    if one.is_underground:
        return "UNDERGROUND"
    return "CAR_PARK" if one.is_covered else "OFF_STREET_PARKING_GROUND"


def _restriction(audience: str, count: Count) -> dict[str, Any]:
    return {
        "type": audience,
        "capacity": count.total,
        "realtime_capacity": count.total - count.maintenance,
        "realtime_free_capacity": count.free,
    }


def _naive(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()


def _instant(at: datetime) -> str:
    return f"{_naive(at)}Z"
