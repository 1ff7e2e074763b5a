"""The list of everything at the gates: columns, filter, and what it finds."""

from dataclasses import replace
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role, User
from analytics.local_days import on_days
from analytics.scope import Scope, scope_of
from common.web.listing import ListColumn, Listing, Sought
from gates.feed import activities, events_of
from gates.models import EventKind
from lots.models import Gate
from office.lane_fields import add_lanes_and_people
from office.list_filters import LotsFilter, choices_with
from office.list_pages import list_response
from office.stays_sought import plate_or_none

ACTIVITY = Listing(
    "activity",
    _("Activity"),
    columns=(
        ListColumn("car", _("Car"), "plate_normalised"),
        ListColumn("what", _("What"), "action", style="cell-what"),
        ListColumn("lot", _("Lot"), "lot__name"),
        ListColumn("lane", _("Lane"), "gate__code"),
        ListColumn("person", _("Attendant"), "person__name"),
        ListColumn("when", _("When"), "at", style="number cell-key", falls=True),
    ),
    usual="-when",
    along="when",
    part="gate",
    row="office/events/_row.html",
    url="office:events",
    noun=_("events"),
    none=_("Nothing here"),
    hint=_("What happens at your gates is listed here, newest first."),
    exported="events",
)


class ActivityFilter(LotsFilter):
    """Which events to list; the lanes and attendants are those of the lots in scope."""

    q = forms.CharField(label=_("Plate"), required=False, max_length=40)
    gate = forms.ModelChoiceField(Gate.objects.none(), label=_("Lane"), required=False, to_field_name="code")
    by = forms.ModelChoiceField(User.objects.none(), label=_("Attendant"), required=False)
    kind = forms.ChoiceField(label=_("What"), choices=choices_with(_("Anything"), EventKind.choices), required=False)
    field_order = ["q", "lot", "gate", "by", "kind", "since", "until"]

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data, scope)
        add_lanes_and_people(self, scope)


@require_safe
@role_required(Role.ADMIN)
def events(request: PersonRequest) -> HttpResponse:
    """List everything that happened at the gates, by plate, lot, lane, attendant, kind and day."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    form = ActivityFilter(request.GET, scope)
    page = ACTIVITY.page(find_events(scope, form.cleaned_data if form.is_valid() else {}), request.GET)
    page.object_list = activities(page.object_list)
    return list_response(request, "office/events.html", page, form=form, context={"scope": scope, "zone": scope.zone})


def find_events(scope: Scope, wanted: dict[str, Any]) -> Sought:
    """Return the events in the scope that match a valid ActivityFilter; the days are by each lot's clock."""
    gates = [wanted["gate"].pk] if wanted.get("gate") else _gates_of(scope)
    days = on_days(scope, "at", wanted.get("since"), wanted.get("until"))
    sought = Sought(events_of(scope.ids).filter(days, gate__in=gates), parts=gates)
    if wanted.get("by"):
        sought = replace(sought, sieve=sought.sieve & Q(person=wanted["by"]))
    if wanted.get("kind"):
        sought = replace(sought, sieve=sought.sieve & Q(kind=wanted["kind"]))
    if text := wanted.get("q"):
        plate = plate_or_none(text)
        named = Q(plate_normalised__contains=plate) if plate else Q(pk=None)
        whole = Q(plate_normalised=plate) & sought.sieve if plate else Q()
        sought = replace(sought, sieve=sought.sieve & named, anywhere=whole)
    return sought


def _gates_of(scope: Scope) -> list[int]:
    return list(Gate.objects.filter(lot__in=scope.ids).order_by("pk").values_list("pk", flat=True))
