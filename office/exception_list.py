"""One list of everything at the lanes that a person should look at, by lot, lane, attendant, day and kind."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role, User
from analytics.attention import FLAGS, flag_meaning
from analytics.scope import Scope, scope_of
from common.web.htmx import page_response
from common.web.paging import page_of
from gates.feed import activities
from gates.models import GateEvent
from lots.models import Gate


class ExceptionsFilter(forms.Form):
    """Which exceptions a list shows; the choices are those of the lots in `scope`."""

    lot = forms.ChoiceField(label=_("Lot"), required=False)
    gate = forms.ModelChoiceField(Gate.objects.none(), label=_("Lane"), required=False, to_field_name="code")
    by = forms.ModelChoiceField(User.objects.none(), label=_("Attendant"), required=False)
    flag = forms.ChoiceField(label=_("What"), required=False)
    day = forms.DateField(label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lot"].choices = [("", _("All lots")), *((lot.slug, lot.name) for lot in scope.lots)]  # type: ignore[attr-defined]
        self.fields["flag"].choices = [("", _("Anything")), *((flag, flag_meaning(flag)) for flag in FLAGS)]  # type: ignore[attr-defined]
        gates = Gate.objects.filter(lot__in=scope.ids).order_by("code")
        people = User.objects.filter(memberships__operator__lots__in=[lot.pk for lot in scope.lots]).distinct()
        self._offer("gate", gates, _("All lanes"))
        self._offer("by", people.order_by("email"), _("Anybody"))

    def _offer(self, name: str, rows: QuerySet[Any], everything: Any) -> None:
        field = self.fields[name]
        field.queryset, field.empty_label = rows, everything  # type: ignore[attr-defined]


@require_safe
@role_required(Role.ADMIN)
def exceptions(request: PersonRequest) -> HttpResponse:
    """List the exceptions at the lanes, newest first, each with its stay."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    form = ExceptionsFilter(request.GET, scope=scope)
    is_valid = form.is_valid()
    page = page_of(_events(scope, form.cleaned_data if is_valid else {}), request)
    context = {"scope": scope, "form": form, "page": page, "feed": activities(page.object_list)}
    return page_response(request, "office/exceptions.html#rows", context, status=200 if is_valid else 422)


def _events(scope: Scope, asked: dict[str, Any]) -> QuerySet[GateEvent]:
    events = GateEvent.objects.filter(~Q(flags=[]) | Q(skew_seconds__isnull=False), lot__in=scope.ids)
    if asked.get("gate"):
        events = events.filter(gate=asked["gate"])
    if asked.get("by"):
        events = events.filter(person=asked["by"])
    if asked.get("flag"):
        events = events.filter(flags__contains=[asked["flag"]])
    if asked.get("day"):
        events = events.filter(at__range=_hours(asked["day"], scope))
    return events.select_related("lot", "gate", "person", "ticket__charge").order_by("-at", "-id")


def _hours(day: date, scope: Scope) -> tuple[datetime, datetime]:
    """Return the first and the last moment of a day as the lots' clocks show it; of several zones, of the first."""
    zone = ZoneInfo(scope.zone)
    start = datetime.combine(day, time.min, zone)
    return start, datetime.combine(day + timedelta(days=1), time.min, zone) - timedelta(microseconds=1)
