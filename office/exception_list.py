"""One list of everything at the lanes that a person should look at, by lot, lane, attendant, day and kind."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role, User
from analytics.exception_counts import CLOCK_OFF, counts_by_kind, exceptions_at, kind_meaning, of_kind
from analytics.flags import FLAGS
from analytics.scope import Scope, scope_of
from common.web.htmx import page_response
from common.web.paging import page_of
from gates.feed import activities
from gates.models import GateEvent
from lots.models import Gate
from office.money.objections import objections_at
from office.unkept_bookings import reports_at, without_place_at

MOST_OBJECTIONS = MOST_BOOKINGS = 10


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
        kinds = sorted(((kind, kind_meaning(kind)) for kind in (*FLAGS, CLOCK_OFF)), key=lambda pair: pair[1])
        self.fields["flag"].choices = [("", _("Anything")), *kinds]  # type: ignore[attr-defined]
        gates = Gate.objects.filter(lot__in=scope.ids).order_by("code")
        lots = [lot.pk for lot in scope.lots]
        works_here = Q(memberships__lot_ids=None) | Q(memberships__lot_ids__overlap=lots)
        people = User.objects.filter(
            works_here, memberships__merchant=None, memberships__operator__lots__in=lots
        ).distinct()
        self._offer("gate", gates, _("All lanes"))
        self._offer("by", people.order_by("email"), _("Anybody"))

    def _offer(self, name: str, rows: QuerySet[Any], everything: Any) -> None:
        field = self.fields[name]
        field.queryset, field.empty_label = rows, everything  # type: ignore[attr-defined]


@require_safe
@role_required(Role.ADMIN)
def exceptions(request: PersonRequest) -> HttpResponse:
    """List the exceptions at the lanes, newest first, each with its stay, and count them by kind."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    form = ExceptionsFilter(request.GET, scope=scope)
    is_valid = form.is_valid()
    asked = form.cleaned_data if is_valid else {}
    events = _events(scope, asked)
    page = page_of(of_kind(events, asked.get("flag", "")), request)
    context = {
        "scope": scope,
        "form": form,
        "page": page,
        "feed": activities(page.object_list),
        "kinds": counts_by_kind(events),
        "total": events.count(),
        "kind": asked.get("flag", ""),
        "day": asked.get("day"),
        "without_place": without_place_at(request).filter(lot__in=scope.ids)[:MOST_BOOKINGS],
        "reports": reports_at(request).for_a_person().filter(booking__lot__in=scope.ids)[:MOST_BOOKINGS],
        "objections": objections_at(request).waiting().filter(payment__charge__lot__in=scope.ids)[:MOST_OBJECTIONS],
    }
    return page_response(request, "office/exceptions.html#rows", context, status=200 if is_valid else 422)


def find_exceptions(scope: Scope, asked: dict[str, Any]) -> QuerySet[GateEvent]:
    """Return the exceptions that match a valid ExceptionsFilter, newest first."""
    return of_kind(_events(scope, asked), asked.get("flag", ""))


def _events(scope: Scope, asked: dict[str, Any]) -> QuerySet[GateEvent]:
    """Return the exceptions of all kinds at a lane, by an attendant, on a day of each lot."""
    day = asked.get("day")
    events = exceptions_at(scope, day, day)
    if asked.get("gate"):
        events = events.filter(gate=asked["gate"])
    if asked.get("by"):
        events = events.filter(person=asked["by"])
    return events.select_related("lot", "gate", "person", "ticket__charge").order_by("-at", "-id")
