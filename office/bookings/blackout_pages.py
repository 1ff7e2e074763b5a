"""Blackouts: which places are closed when and why, who stands in the way, and what becomes of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, has_role, role_required
from accounts.models import Role
from analytics.scope import Scope, scope_of
from common.errors import DomainError
from common.notes import LONGEST_NOTE
from common.time import truncate
from common.web.forms import refuse
from common.web.paging import page_of
from common.web.wall_clock import WallClockField, clear_time
from lots.access import has_role_at
from lots.boards import lot_counts
from lots.calendar import local_day, zone_of
from lots.models import SPOT_LABELS, Lot, Spot
from office.bookings.bookings_at_work import get_blackout, scope_asked
from reservations.booked_time import BookedTime
from reservations.models import Blackout, Reservation, ReservationStatus
from reservations.queries import in_the_way
from reservations.services import (
    ClosingPlan,
    cancel_booking,
    lift_blackout,
    make_blackout,
    preview_blackout,
)

MOST_PLACES = 100_000
MOVE, LEAVE = "move", "leave"
form_page = require_http_methods(["GET", "HEAD", "POST"])


class BlackoutForm(forms.Form):
    """Which places to close, from when until when, why, and what becomes of the bookings there."""

    level = forms.ChoiceField(label=gettext_lazy("Level"), required=False)
    spot_type = forms.ChoiceField(label=gettext_lazy("Kind of spot"), required=False)
    bays = forms.CharField(
        label=gettext_lazy("Single spots"),
        required=False,
        max_length=4_000,
        help_text=gettext_lazy("Numbers with commas between them, such as A-1, A-2. They need no level and kind."),
    )
    places = forms.IntegerField(
        label=gettext_lazy("How many places"),
        required=False,
        min_value=1,
        max_value=MOST_PLACES,
        help_text=gettext_lazy("Empty for all. For some, choose a level and a kind."),
    )
    reason = forms.CharField(label=gettext_lazy("Why?"), max_length=LONGEST_NOTE)
    bookings = forms.ChoiceField(
        label=gettext_lazy("Bookings in the way"),
        choices=[
            (MOVE, gettext_lazy("Move those that may be moved, list the others")),
            (LEAVE, gettext_lazy("Move nobody, list all")),
        ],
        initial=MOVE,
        widget=forms.RadioSelect,
    )

    def __init__(self, lot: Lot, data: Any) -> None:
        """Offer the levels and kinds of the lot."""
        super().__init__(data)
        zone = zone_of(lot)
        times = {
            "start": WallClockField(zone=zone, label=gettext_lazy("From")),
            "end": WallClockField(zone=zone, label=gettext_lazy("Until")),
        }
        self.fields = times | self.fields
        self.levels = {str(level.number): level for level in lot.levels.order_by("number")}
        kinds = [(kind, SPOT_LABELS[kind]) for kind in lot_counts(lot).kinds]
        self.fields["level"].choices = [  # type: ignore[attr-defined]
            ("", gettext_lazy("All levels")),
            *((number, level.name) for number, level in self.levels.items()),
        ]
        self.fields["spot_type"].choices = [("", gettext_lazy("All kinds")), *kinds]  # type: ignore[attr-defined]
        del self.fields["places" if lot.counts_spots else "bays"]

    def clean(self) -> dict[str, Any]:
        """Take single spots alone, and of an hour that the clock shows twice the one that makes sense."""
        given = super().clean() or {}
        if given.get("bays") and (given.get("level") or given.get("spot_type")):
            self.add_error("bays", _("Name single spots, or choose a level or kind, not both."))
        if given.get("start") and given.get("end"):
            given["end"] = clear_time(self["end"], given["end"], after=given["start"], strictly=True)
        return given

    @property
    def plan(self) -> ClosingPlan:
        """Return what is to be closed; call it after `is_valid`."""
        given = self.cleaned_data
        bays = [number.strip() for number in given.get("bays", "").split(",")]
        return ClosingPlan(
            time=BookedTime(given["start"], given["end"]),
            reason=given["reason"],
            level=self.levels.get(given["level"]),
            spot_type=given["spot_type"],
            bays=tuple(filter(None, bays)),
            places=given.get("places"),
            moves=given["bookings"] == MOVE,
        )


class LetGoForm(forms.Form):
    """Which bookings in the way of a blackout are cancelled with everything given back."""

    booking = forms.MultipleChoiceField(required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, data: Any, listed: list[Reservation]) -> None:
        super().__init__(data)
        self.fields["booking"].choices = [(str(one.pk), one.code) for one in listed]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for a booking."""
        given = super().clean() or {}
        if not given.get("booking"):
            raise forms.ValidationError(_("Select at least one booking."))
        return given


@require_safe
@role_required(Role.ATTENDANT)
def blackouts(request: PersonRequest) -> HttpResponse:
    """List the blackouts, the latest start first."""
    scope = scope_asked(request)
    page = page_of(_blackouts(scope), request)
    context = {"scope": scope, "page": page, "at": now(), "tab": "blackouts"}
    context["is_admin"] = has_role(request.user, Role.ADMIN)
    return render(request, "office/bookings/blackouts.html", context)


@form_page
@role_required(Role.ADMIN)
def new_blackout(request: PersonRequest) -> HttpResponse:
    """Close places of a lot (`?lot=`); who stands in the way is shown first."""
    scope, at = scope_of(request.user, request.GET.get("lot", "")), truncate(now())
    name = scope.chosen or next(iter(scope.lots), None)
    if name is None:
        raise Http404
    lot = Lot.objects.select_related("operator").get(pk=name.pk)
    form = BlackoutForm(lot, request.POST or None)
    preview, status = None, 200
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                status = 200
                if "agree" in request.POST:
                    made = make_blackout(lot=lot, plan=form.plan, by=request.user, at=at)
                    messages.success(request, _made_words(len(made.moved), len(made.left)))
                    return redirect("office:blackout", made.blackout.pk)
                preview = preview_blackout(lot=lot, plan=form.plan, by=request.user, at=at)
        except DomainError as error:
            refuse(form, error)
            status = error.status
    context = {"form": form, "lot": lot, "scope": scope, "preview": preview, "tab": "blackouts"}
    return render(request, "office/bookings/new_blackout.html", context, status=status)


@require_safe
@role_required(Role.ATTENDANT)
def blackout(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a blackout with the bookings that still stand in its way."""
    return _page(request, get_blackout(request, pk))


@require_POST
@role_required(Role.ADMIN)
def lift(request: PersonRequest, pk: int) -> HttpResponse:
    """Open the places of a blackout again."""
    lift_blackout(blackout=get_blackout(request, pk, Role.ADMIN), by=request.user, at=now())
    messages.success(request, _("The places are open again."))
    return redirect("office:blackout", pk)


@require_POST
@role_required(Role.ADMIN)
def let_go(request: PersonRequest, pk: int) -> HttpResponse:
    """Cancel bookings that stand in the way of a blackout; everything goes back."""
    row, at = get_blackout(request, pk, Role.ADMIN), truncate(now())
    listed = {str(one.pk): one for one in _listed(row)}
    form = LetGoForm(request.POST, list(listed.values()))
    if not form.is_valid():
        return _page(request, row, form, status=422)
    cancelled = 0
    for number in form.cleaned_data["booking"]:
        try:
            cancel_booking(booking=listed[number], at=at, free=True, by_operator=request.user, why=row.reason)
        except DomainError as error:
            messages.error(request, f"{listed[number].code}: {error.message}")
        else:
            cancelled += 1
    said = ngettext("%(count)s booking is cancelled.", "%(count)s bookings are cancelled.", cancelled)
    messages.success(request, said % {"count": cancelled})
    return redirect("office:blackout", pk)


def _page(request: PersonRequest, row: Blackout, form: LetGoForm | None = None, status: int = 200) -> HttpResponse:
    at, listed = now(), _listed(row)
    context = {
        "blackout": row,
        "lot": row.lot,
        "day": local_day(row.lot, row.starts_at),
        "at": at,
        "form": form or LetGoForm(None, listed),
        "bays": list(Spot.objects.filter(pk__in=row.bays).order_by("ordinal").values_list("number", flat=True)),
        "listed": listed,
        "may_open": has_role_at(request.user, Role.ADMIN, row.lot) and row.lifted_at is None and row.ends_at > at,
    }
    return render(request, "office/bookings/blackout.html", context, status=status)


def _listed(row: Blackout) -> list[Reservation]:
    """Return the bookings in the way of a blackout that is in force; cars that are inside stay there."""
    return [one for one in in_the_way(row) if one.status != ReservationStatus.ACTIVE] if row.lifted_at is None else []


def _blackouts(scope: Scope) -> QuerySet[Blackout]:
    found = Blackout.objects.filter(lot__in=scope.ids).select_related("lot", "level", "made_by")
    return found.order_by("-starts_at", "-pk")


def _made_words(moved: int, left: int) -> str:
    closed = _("The places are closed for new bookings.")
    if not moved and not left:
        return closed
    return f"{closed} {_('Moved: %(moved)s, still in the way: %(left)s.') % {'moved': moved, 'left': left}}"
