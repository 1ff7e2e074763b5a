"""What search engines are told about a lot, in the words of schema.org."""

from typing import Any

from billing.offers import PriceFrom
from common.translation import money_said
from lots.boards import LotCounts
from lots.calendar import opening_hours_of
from lots.models import Lot
from lots.opening_hours import OSM_HOLIDAY, osm_rules

CLOSED = " off"


def parking_facility(lot: Lot, counts: LotCounts, price: PriceFrom | None, *, url: str) -> dict[str, Any]:
    """Return a lot as a `ParkingFacility`: where it is, when it opens, what it costs first, and what is free in it."""
    facility: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ParkingFacility",
        "@id": url,
        "url": url,
        "name": lot.name,
        "address": _address(lot),
        "openingHours": _hours(lot),
        "currenciesAccepted": lot.currency,
        "publicAccess": True,
        "maximumAttendeeCapacity": counts.all.total,
        "additionalProperty": [{"@type": "PropertyValue", "name": "freeSpots", "value": counts.all.free}],
    }
    if lot.latitude is not None and lot.longitude is not None:
        facility["geo"] = {"@type": "GeoCoordinates", "latitude": lot.latitude, "longitude": lot.longitude}
    if price is not None:
        amount = money_said(price.amount, lot.currency)
        facility["priceRange"] = f"{amount} / {price.minutes} min" if price.minutes else amount
    if lot.amenities:
        facility["amenityFeature"] = [
            {"@type": "LocationFeatureSpecification", "name": str(amenity), "value": True} for amenity in lot.amenities
        ]
    return facility


def _address(lot: Lot) -> dict[str, str]:
    parts = {
        "streetAddress": lot.address,
        "postalCode": lot.postal_code,
        "addressLocality": lot.city,
        "addressCountry": str(lot.holidays.get("country") or ""),
    }
    return {"@type": "PostalAddress", **{name: part for name, part in parts.items() if part}}


def _hours(lot: Lot) -> list[str]:
    """Return when it opens by weekday; days without hours are closed, and holidays have no word there."""
    rules = osm_rules(opening_hours_of(lot))
    return [rule for rule in rules if not rule.endswith(CLOSED) and not rule.startswith(OSM_HOLIDAY)]
