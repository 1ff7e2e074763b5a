"""Levels, zones and spots: add, edit, remove and take out of use; the live floor plan."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.htmx import live_response, page_response
from lots.access import get_managed_lot
from lots.models import Level, Lot, Spot, SpotStatus, Zone
from lots.queries import spots_on
from lots.services import (
    add_places,
    change_level,
    change_zone,
    remove_level,
    remove_zone,
    set_maintenance,
)
from office.lots.pages import LevelRow, confirm_page, level_rows, lot_context
from office.lots.place_forms import LevelForm, MaintenanceForm, PlacesForm, ZoneForm
from office.lots.words import spots_counted, spots_with_cars


class DrawnSpot(NamedTuple):
    """A spot on the floor plan."""

    number: str
    status: str
    spot_type: str
    href: str


MOST_NAMED = 8
form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_POST
@role_required(Role.ADMIN)
def places_new(request: PersonRequest, slug: str) -> HttpResponse:
    """Add many spots (or a capacity) at once, and their level if it doesn't exist."""
    lot = get_managed_lot(request, slug)
    form = PlacesForm(request.POST, lot=lot)
    if form.is_valid():
        try:
            zone = add_places(lot=lot, level_number=form.cleaned_data["level"], values=form.values())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(
                request,
                _("%(spots)s added on %(level)s.") % {"spots": spots_counted(zone.count), "level": zone.level.name},
            )
            return redirect("office:lot", lot.slug)
    return page_response(request, "office/lots/lot.html", lot_context(lot, form), status=422)


@require_safe
@role_required(Role.ADMIN)
def level_page(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Show the live floor plan of a level, or its counts where spots are not numbered."""
    lot = get_managed_lot(request, slug)
    level = _level(lot, number)
    row = _row(lot, level)
    states = list(level.spots.order_by("pk").values_list("pk", "status", "zone_id", "number"))

    def context() -> dict[str, Any]:
        return _level_context(lot, row)

    return live_response(request, "office/lots/level.html#plan", context, etag_source=[states, row.totals])


@form_page
@role_required(Role.ADMIN)
def level_settings(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Renumber or rename a level."""
    lot = get_managed_lot(request, slug)
    level = _level(lot, number)
    initial = {"number": level.number, "name": level.name}
    form = LevelForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            level = change_level(level=level, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Level saved."))
            return redirect("office:level", lot.slug, level.number)
    context = {
        "form": form,
        "lot": lot,
        "title": _("Level %(number)s") % {"number": number},
        "back": _level_href(lot, number),
    }
    return page_response(request, "office/lots/form.html", context, status=422 if form.errors else 200)


@form_page
@role_required(Role.ADMIN)
def level_removal(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Remove a level that was never used, after confirmation."""
    lot = get_managed_lot(request, slug)
    level = _level(lot, number)
    if request.method != "POST":
        totals = _row(lot, level).totals
        spots = spots_with_cars(totals)
        text = _(
            "%(level)s of %(lot)s is removed with its %(spots)s. This can't be undone. "
            "A level with spots that were ever used can't be removed."
        ) % {"level": level.name, "lot": lot.name, "spots": spots}
        back = _level_href(lot, number)
        return confirm_page(
            request,
            title=_("Remove %(level)s?") % {"level": level.name},
            text=text,
            submit=_("Remove the level"),
            back=back,
        )
    try:
        remove_level(level=level)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("office:level", lot.slug, number)
    messages.success(request, _("%(level)s is removed.") % {"level": level.name})
    return redirect("office:lot", lot.slug)


@form_page
@role_required(Role.ADMIN)
def zone_settings(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Edit a zone."""
    lot = get_managed_lot(request, slug)
    zone = _zone(lot, pk)
    form = ZoneForm(request.POST or None, lot=lot, zone=zone)
    if request.method == "POST" and form.is_valid():
        try:
            change_zone(zone=zone, values=form.values())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zone saved."))
            return redirect("office:level", lot.slug, zone.level.number)
    context = {
        "form": form,
        "lot": lot,
        "title": _("Zone %(zone)s") % {"zone": zone.name},
        "back": _level_href(lot, zone.level.number),
    }
    return page_response(request, "office/lots/form.html", context, status=422 if form.errors else 200)


@form_page
@role_required(Role.ADMIN)
def zone_removal(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Remove a zone that was never used, after confirmation."""
    lot = get_managed_lot(request, slug)
    zone = _zone(lot, pk)
    back = _level_href(lot, zone.level.number)
    if request.method != "POST":
        spots = zone.spots.values_list("status", flat=True)
        totals = {"total": zone.count, "occupied": sum(status == SpotStatus.OCCUPIED for status in spots)}
        text = _(
            "Zone %(zone)s on %(level)s is removed with its %(spots)s. This can't be undone. "
            "A zone with spots that were ever used can't be removed."
        ) % {"zone": zone.name, "level": zone.level.name, "spots": spots_with_cars(totals)}
        return confirm_page(
            request,
            title=_("Remove zone %(zone)s?") % {"zone": zone.name},
            text=text,
            submit=_("Remove the zone"),
            back=back,
        )
    try:
        remove_zone(zone=zone)
        messages.success(request, _("Zone %(zone)s is removed.") % {"zone": zone.name})
    except DomainError as error:
        messages.error(request, error.message)
    return redirect(back)


@require_POST
@role_required(Role.ADMIN)
def maintenance(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Take spots of a level out of use, or put them back."""
    lot = get_managed_lot(request, slug)
    level = _level(lot, number)
    form = MaintenanceForm(request.POST, level=level)
    if not form.is_valid():
        context = _level_context(lot, _row(lot, level)) | {"maintenance_form": form}
        return page_response(request, "office/lots/level.html", context, status=422)
    on = request.POST.get("on") == "yes"
    names = form.cleaned_data["spots"]
    set_maintenance(lot=lot, numbers=names, on=on, note=form.cleaned_data["note"])
    said = _("%(count)s out of use: %(names)s") if on else _("%(count)s back in use: %(names)s")
    messages.success(request, said % {"count": spots_counted(len(names)), "names": _few(names)})
    if request.POST.get("back") == "spot":
        return redirect("office:spot", lot.slug, get_object_or_404(Spot, lot=lot, number=names[0]).pk)
    return redirect("office:level", lot.slug, number)


def _few(names: list[str]) -> str:
    named, more = ", ".join(names[:MOST_NAMED]), len(names) - MOST_NAMED
    return _("%(names)s and %(more)s more") % {"names": named, "more": more} if more > 0 else named


def _level(lot: Lot, number: int) -> Level:
    return get_object_or_404(Level.objects.select_related("lot"), lot=lot, number=number)


def _zone(lot: Lot, pk: int) -> Zone:
    return get_object_or_404(Zone.objects.select_related("level__lot"), level__lot=lot, pk=pk)


def _row(lot: Lot, level: Level) -> LevelRow:
    row = next((row for row in level_rows(lot) if row.level == level), None)
    if row is None:
        raise Http404
    return row


def _level_context(lot: Lot, row: LevelRow) -> dict[str, Any]:
    spots: dict[int, list[DrawnSpot]] = {}
    for spot in spots_on(row.level):
        bay = DrawnSpot(spot.number, spot.status, spot.spot_type, reverse("office:spot", args=[lot.slug, spot.pk]))
        spots.setdefault(spot.zone_id, []).append(bay)
    zones = [(zone, spots.get(zone.pk, [])) for zone in row.zones]
    form = MaintenanceForm(level=row.level)
    return {"lot": lot, "row": row, "level": row.level, "zones": zones, "at": now(), "maintenance_form": form}


def _level_href(lot: Lot, number: int) -> str:
    return reverse("office:level", args=[lot.slug, number])
