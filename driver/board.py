"""The display board of a lot."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import get_language, override, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.web.htmx import live_response
from lots.boards import LevelCounts, LotCounts, lot_counts
from lots.calendar import is_open, zone_of
from lots.known_lots import known_public_lot
from lots.models import Lot

ROWS_OF_ONE_COLUMN = 5
MOST_LEVELS = 24


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One level on a board."""

    name: str
    free: int
    direction: str
    note: str


@require_safe
def board(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one number per level, full screen, in the lot's language; its live part refreshes itself."""
    lot, at = known_public_lot(slug), now()
    with override(lot.language or get_language()):
        shown = _shown(lot, at)
        context = {"lot": lot, "at": at, **shown}
        response = live_response(request, "driver/board.html#live", context, etag_source=[lot.name, str(shown)])
    response["Content-Language"] = lot.language or get_language()
    return response


def _shown(lot: Lot, at: datetime) -> dict[str, Any]:
    counts = lot_counts(lot)
    lines = [_line(level) for level in counts.levels[:MOST_LEVELS]]
    if len(lines) == 1:
        lines = [replace(lines[0], name=_("Free"), direction="")]
    columns = 1 if len(lines) <= ROWS_OF_ONE_COLUMN else 2 if len(lines) <= 2 * ROWS_OF_ONE_COLUMN else 3
    return {
        "clock": at.astimezone(zone_of(lot)).strftime("%H:%M"),
        "word": _word(counts, opened=is_open(lot, at)),
        "lines": lines,
        "columns": columns,
        "rows": max(1, -(-len(lines) // columns)),
    }


def _word(counts: LotCounts, *, opened: bool) -> str:
    """Return the word shown instead of numbers, or nothing when there are numbers to show."""
    if not opened:
        return _("CLOSED")
    return "" if counts.all.free else _("FULL")


def _line(level: LevelCounts) -> BoardLine:
    note = pgettext("board", "%(free)s EV") % {"free": level.beside.free} if level.beside else level.only_type
    return BoardLine(level.name, level.main.free, level.direction, note)
