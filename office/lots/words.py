"""Texts about lots and spots."""

from collections.abc import Mapping

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common.web.templatetags.look import number
from lots.allocation import Strategy
from lots.models import Lot, SpotStatus

FILLS = {
    Strategy.NEAREST_ENTRANCE: _("fills from the entrance"),
    Strategy.NEAREST_ELEVATOR: _("fills from the lift"),
    Strategy.SPREAD: _("fills its levels evenly"),
    Strategy.COMPACT_FIRST: _("smallest spot that fits first"),
    Strategy.FILL_FROM_TOP: _("fills from the top"),
    Strategy.RANDOM: _("fills at random"),
}
STATES = {
    SpotStatus.AVAILABLE: _("Free"),
    SpotStatus.OCCUPIED: _("Occupied"),
    SpotStatus.RESERVED: _("Reserved"),
    SpotStatus.MAINTENANCE: _("Out of use"),
}


def lot_words(lot: Lot, total: int) -> str:
    """Describe a lot of `total` spots: `Zürich · 400 numbered spots · fills from the entrance`."""
    if lot.counts_spots:
        numbered = ngettext("%(number)s numbered spot", "%(number)s numbered spots", total) % {"number": number(total)}
        parts = [lot.city, numbered, str(FILLS[Strategy(lot.allocation)])]
    else:
        parts = [lot.city, gettext("%(spots)s, cars are only counted") % {"spots": spots_counted(total)}]
    return " · ".join(part for part in parts if part)


def spots_counted(count: int) -> str:
    """Return a number of spots in words: `1 spot`, `400 spots`."""
    return ngettext("%(number)s spot", "%(number)s spots", count) % {"number": number(count)}


def spots_with_cars(totals: Mapping[str, int]) -> str:
    """Return a number of spots with the cars in them: `80 spots (11 occupied)`."""
    spots, cars = totals["total"], totals["occupied"]
    said = spots_counted(spots)
    if not cars:
        return said
    return gettext("%(spots)s (%(occupied)s occupied)") % {"spots": said, "occupied": number(cars)}
