"""The layout of a level: where its rows of bays lie, and rows that are added."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.web.forms import carried_out
from common.web.htmx import page_response
from lots.access import get_managed_lot
from lots.drawn_rows import BAY_DEPTH, RowPlace, corners
from lots.models import Level, Lot, Zone
from lots.services import add_places, place_rows
from office.lots.floor import floor_of
from office.lots.pages import get_level, level_tabs, row_of
from office.lots.place_forms import PlacesForm
from office.lots.row_fields import RowForm
from office.lots.words import spots_counted

LANE = 20
"""Decimetres between rows that are laid below each other."""


class NewRowForm(PlacesForm):
    """A row of bays that is added to a level."""

    def __init__(self, level: Level, data: QueryDict | None = None) -> None:
        super().__init__(data, lot=level.lot)
        del self.fields["level"]


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def level_layout(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Show where the rows of a level lie, and move them; add one; lay those below each other that lie nowhere."""
    lot = get_managed_lot(request, slug)
    level = get_level(lot, number)
    zones = row_of(lot, level).zones
    act = request.POST.get("act", "") if request.method == "POST" else None
    new = NewRowForm(level, request.POST if act == "add" else None)
    rows = [RowForm(zone, request.POST if act == "move" else None) for zone in zones]
    status: int | None = 422 if request.method == "POST" else 200
    if act == "add":
        status = carried_out(request, new, lambda: _add(lot, level, new))
    elif act == "lay" or (act == "move" and not [row for row in rows if not row.is_valid()]):
        lies = _below_each_other(zones) if act == "lay" else {row.zone.pk: row.place for row in rows}
        place_rows(level=level, places=lies)
        messages.success(request, _("Layout saved."))
        status = None
    if status is None:
        return redirect("office:level_layout", lot.slug, level.number)
    return page_response(request, "office/lots/layout.html", _context(lot, level, zones, new, rows), status=status)


def _context(lot: Lot, level: Level, zones: list[Zone], new: NewRowForm, rows: list[RowForm]) -> dict[str, Any]:
    return {
        "lot": lot,
        "level": level,
        "floor": floor_of(level, zones),
        "tabs": level_tabs(lot, level, "layout"),
        "new_form": new,
        "rows": rows,
        "has_loose": any(zone.place is None for zone in zones),
    }


def _add(lot: Lot, level: Level, form: NewRowForm) -> str:
    zone = add_places(lot=lot, level_number=level.number, values=form.values())
    return _("%(spots)s added on %(level)s.") % {"spots": spots_counted(zone.count), "level": level.name}


def _below_each_other(zones: list[Zone]) -> dict[int, RowPlace | None]:
    """Return places for the rows that have none: below those that have one, in their order."""
    drawn = [corner for zone in zones if zone.place for corner in corners(zone.place, zone.count)]
    top = round(max((y for _x, y in drawn), default=-LANE))
    loose = [zone for zone in zones if zone.place is None]
    return {zone.pk: RowPlace(0, top + LANE + place * (BAY_DEPTH + LANE), 0) for place, zone in enumerate(loose)}
