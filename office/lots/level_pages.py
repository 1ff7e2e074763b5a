"""The live plan of a level, and what is done with the bays that are selected on it."""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role, User
from common.web.forms import carried_out
from common.web.htmx import live_response, page_response
from lots.access import get_managed_lot
from lots.models import Level, Lot
from office.lots.bay_forms import (
    BaysForm,
    CloseBaysForm,
    HoldBaysForm,
    OpenBaysForm,
    RetypeBaysForm,
    asked_bays,
)
from office.lots.finding_bays import FoundBay, find_bay
from office.lots.floor import floor_of
from office.lots.pages import LevelRow, get_level, level_tabs, row_of
from office.lots.words import spots_counted
from reservations.services import close_bays, hold_bays, open_bays, retype_bays

MOST_NAMED = 8
MOST_KEPT = 100
"""How many bays stay selected after an act: they stand in the address."""


@require_safe
@role_required(Role.ADMIN)
def level_page(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Show the live plan of a level, or its counts where spots are not numbered.

    `?find=` focuses the bay that is meant, on whichever level it is; `?bay=` selects bays.
    """
    lot = get_managed_lot(request, slug)
    level = get_level(lot, number)
    found = find_bay(lot, request.GET["find"]) if lot.counts_spots and request.GET.get("find", "").strip() else None
    if found is not None and found.spot is not None and found.spot.level_id != level.pk:
        where = reverse("office:level", args=[lot.slug, found.spot.level.number])
        return redirect(f"{where}?{urlencode({'find': request.GET['find']})}")
    row = row_of(lot, level)
    fields = ("pk", "status", "zone_id", "number", "stay", "spot_type", "maintenance_note")
    states = [
        *level.spots.order_by("ordinal", "pk").values_list(*fields),
        *((zone.pk, zone.place) for zone in row.zones),
    ]

    def context() -> dict[str, Any]:
        return level_context(lot, row, chosen=asked_bays(request.GET), found=found)

    return live_response(request, "office/lots/level.html#plan", context, etag_source=[states, row.totals])


@require_POST
@role_required(Role.ADMIN)
def bays(request: PersonRequest, slug: str, number: int) -> HttpResponse:
    """Take the selected bays of a level out of use, put them back, give them another type, or hold them."""
    lot = get_managed_lot(request, slug)
    level = get_level(lot, number)
    act = request.POST.get("act", "")
    form_class, carry_out = ACTS.get(act, (OpenBaysForm, None))
    form = form_class(level, request.POST)
    if carry_out is None:
        return _open_first(lot, form) if form.is_valid() else _refused(request, lot, level, {act: form}, 422)
    status = carried_out(request, form, lambda: carry_out(lot, form, request.user, now()))
    if status is not None:
        return _refused(request, lot, level, {act: form}, status)
    keys = [spot.pk for spot in form.spots]
    if request.POST.get("back") == "spot":
        return redirect("office:spot", lot.slug, keys[0])
    kept = urlencode({"bay": keys if len(keys) <= MOST_KEPT else keys[:1]}, doseq=True)
    return redirect(f"{reverse('office:level', args=[lot.slug, level.number])}?{kept}")


def level_context(
    lot: Lot,
    row: LevelRow,
    *,
    chosen: Collection[int] = (),
    found: FoundBay | None = None,
    acted: dict[str, BaysForm] | None = None,
) -> dict[str, Any]:
    """Return the context of a level's page; `acted` is the form of the act that was refused."""
    acted = acted or {}
    level = row.level
    keys = {found.spot.pk} if found and found.spot else set(chosen)
    forms = {f"{act}_form": acted.get(act) or made(level) for act, (made, _carry_out) in ACTS.items()}
    return {
        "lot": lot,
        "row": row,
        "level": level,
        "floor": floor_of(level, row.zones, chosen=keys),
        "tabs": level_tabs(lot, level, "plan"),
        "found": found,
        "acted": next(iter(acted), ""),
        "at": now(),
        **forms,
    }


def _refused(request: PersonRequest, lot: Lot, level: Level, acted: dict[str, BaysForm], status: int) -> HttpResponse:
    context = level_context(lot, row_of(lot, level), chosen=asked_bays(request.POST), acted=acted)
    return page_response(
        request, "office/lots/level.html", context | {"acted_form": next(iter(acted.values()))}, status=status
    )


def _open_first(lot: Lot, form: BaysForm) -> HttpResponse:
    return redirect("office:spot", lot.slug, form.spots[0].pk)


def _close(lot: Lot, form: CloseBaysForm, by: User, at: datetime) -> str:
    given = form.cleaned_data
    made = close_bays(lot=lot, numbers=form.numbers, reason=given["reason"], until=given["end"], by=by, at=at)
    said = _named(_("%(count)s out of use: %(names)s"), form.numbers)
    if made is None or not (made.moved or made.left):
        return said
    moved = _("Bookings moved: %(moved)s, still in the way: %(left)s.")
    return f"{said} {moved % {'moved': len(made.moved), 'left': len(made.left)}}"


def _open(lot: Lot, form: BaysForm, by: User, at: datetime) -> str:
    open_bays(lot=lot, numbers=form.numbers, by=by, at=at)
    return _named(_("%(count)s back in use: %(names)s"), form.numbers)


def _retype(lot: Lot, form: RetypeBaysForm, by: User, at: datetime) -> str:  # noqa: ARG001 - as the other acts
    retype_bays(lot=lot, numbers=form.numbers, spot_type=form.cleaned_data["spot_type"])
    return _named(_("%(count)s of another type: %(names)s"), form.numbers)


def _hold(lot: Lot, form: HoldBaysForm, by: User, at: datetime) -> str:
    hold_bays(lot=lot, numbers=form.numbers, plates=form.each_plate, time=form.time, by=by, at=at)
    return _named(_("%(count)s held: %(names)s"), form.numbers)


ACTS: dict[str, tuple[Callable[..., Any], Callable[..., str]]] = {
    "close": (CloseBaysForm, _close),
    "open": (OpenBaysForm, _open),
    "retype": (RetypeBaysForm, _retype),
    "hold": (HoldBaysForm, _hold),
}


def _named(text: str, numbers: list[str]) -> str:
    named, more = ", ".join(numbers[:MOST_NAMED]), len(numbers) - MOST_NAMED
    names = _("%(names)s and %(more)s more") % {"names": named, "more": more} if more > 0 else named
    return text % {"count": spots_counted(len(numbers)), "names": names}
