"""What a driver should know of a lot before driving there."""

from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext_lazy as _

from common.translation import metres_said, translated
from lots.calendar import opening_hours_of
from lots.lot_search import COVERED
from lots.models import Lot
from lots.opening_hours import describe

MAP = "https://www.openstreetmap.org"
AMENITIES = {
    COVERED: _("Covered"),
    "cctv": _("Video surveillance"),
    "charging": _("Charging"),
    "ev": _("Charging"),
    "lift": _("Lift"),
    "shuttle": _("Shuttle bus"),
    "toilet": _("Toilet"),
    "wc": _("Toilet"),
}
"""The usual words for what a lot has; an operator's own are shown as they are written."""


def facts_of(lot: Lot) -> dict[str, Any]:
    """Return the lot's hours, amenities, height limit in metres, entrance and a link to directions, for its page."""
    return {
        "hours": [(translated(days), translated(times)) for days, times in describe(opening_hours_of(lot))],
        "amenities": [_words(str(amenity)) for amenity in lot.amenities],
        "metres": metres_said(lot.max_height_cm) if lot.max_height_cm else "",
        "directions": directions_to(lot),
        "entrance": getattr(lot, "entrance", None),
    }


def directions_to(lot: Lot) -> str:
    """Return a map link to the lot's position, else to its address, else empty."""
    if lot.latitude is not None and lot.longitude is not None:
        return f"{MAP}/directions?{urlencode({'to': f'{lot.latitude},{lot.longitude}'})}"
    words = " ".join(part for part in (lot.address, lot.postal_code, lot.city) if part)
    return f"{MAP}/search?{urlencode({'query': words})}" if words else ""


def _words(amenity: str) -> str:
    return str(AMENITIES.get(amenity.lower(), amenity.replace("_", " ").capitalize()))
