"""Levels, zones and spots: add, edit and remove."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.htmx import page_response
from lots.access import get_managed_lot
from lots.models import Lot, SpotStatus, Zone
from lots.services import add_places, change_level, remove_level, remove_zone
from office.lots.pages import confirm_page, get_level, lot_context, row_of
from office.lots.place_forms import LevelForm, PlacesForm, ZoneForm
from office.lots.words import spots_counted, spots_with_cars
from reservations.services import change_row

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


@form_page
@role_required(Role.ADMIN)
def level_settings(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Renumber or rename a level."""
    lot = get_managed_lot(request, slug)
    level = get_level(lot, number)
    initial = {"number": level.number, "name": level.name}
    form = LevelForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            level = change_level(level=level, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Level saved."))
            return redirect("office:level_layout", lot.slug, level.number)
    context = {
        "form": form,
        "lot": lot,
        "title": _("Level %(number)s") % {"number": number},
        "back": _layout_href(lot, number),
    }
    return page_response(request, "office/lots/form.html", context, status=422 if form.errors else 200)


@form_page
@role_required(Role.ADMIN)
def level_removal(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Remove a level that was never used, after confirmation."""
    lot = get_managed_lot(request, slug)
    level = get_level(lot, number)
    if request.method != "POST":
        totals = row_of(lot, level).totals
        spots = spots_with_cars(totals)
        text = _(
            "%(level)s of %(lot)s is removed with its %(spots)s. This can't be undone. "
            "A level with spots that were ever used can't be removed."
        ) % {"level": level.name, "lot": lot.name, "spots": spots}
        back = _layout_href(lot, number)
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
        return redirect("office:level_layout", lot.slug, number)
    messages.success(request, _("%(level)s is removed.") % {"level": level.name})
    return redirect("office:lot", lot.slug)


@form_page
@role_required(Role.ADMIN)
def zone_settings(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Edit a zone: its name, distances, numbers and place on the plan."""
    lot = get_managed_lot(request, slug)
    zone = _zone(lot, pk)
    form = ZoneForm(request.POST or None, lot=lot, zone=zone)
    if request.method == "POST" and form.is_valid():
        try:
            change_row(zone=zone, values=form.values())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zone saved."))
            return redirect("office:level_layout", lot.slug, zone.level.number)
    context = {
        "form": form,
        "lot": lot,
        "title": _("Zone %(zone)s") % {"zone": zone.name},
        "back": _layout_href(lot, zone.level.number),
    }
    return page_response(request, "office/lots/form.html", context, status=422 if form.errors else 200)


@form_page
@role_required(Role.ADMIN)
def zone_removal(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Remove a zone that was never used, after confirmation."""
    lot = get_managed_lot(request, slug)
    zone = _zone(lot, pk)
    back = _layout_href(lot, zone.level.number)
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


def _zone(lot: Lot, pk: int) -> Zone:
    return get_object_or_404(Zone.objects.select_related("level__lot"), level__lot=lot, pk=pk)


def _layout_href(lot: Lot, number: int) -> str:
    return reverse("office:level_layout", args=[lot.slug, number])
