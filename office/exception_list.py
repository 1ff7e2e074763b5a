"""One list of everything at the lanes that a person should look at, by lot, lane, attendant, day and kind."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Count, F, Func, Q, QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role, User
from analytics.flags import FLAGS, flag_meaning
from analytics.scope import Scope, scope_of
from common.web.htmx import page_response
from common.web.paging import page_of
from gates.feed import activities
from gates.models import GateEvent
from lots.models import Gate
from office.days import on_days
from office.money.objections import objections_at
from office.unkept_bookings import reports_at, without_place_at

CLOCK_OFF = "skew"
"""The kind of an event whose device's clock was off; all other kinds are flags."""


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
        people = User.objects.filter(
            memberships__merchant=None, memberships__operator__lots__in=[lot.pk for lot in scope.lots]
        ).distinct()
        self._offer("gate", gates, _("All lanes"))
        self._offer("by", people.order_by("email"), _("Anybody"))

    def _offer(self, name: str, rows: QuerySet[Any], everything: Any) -> None:
        field = self.fields[name]
        field.queryset, field.empty_label = rows, everything  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many of the exceptions are of one kind."""

    kind: str
    label: str
    count: int


@require_safe
@role_required(Role.ADMIN)
def exceptions(request: PersonRequest) -> HttpResponse:
    """List the exceptions at the lanes, newest first, each with its stay, and count them by kind."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    form = ExceptionsFilter(request.GET, scope=scope)
    is_valid = form.is_valid()
    asked = form.cleaned_data if is_valid else {}
    events = _events(scope, asked)
    page = page_of(_of_kind(events, asked.get("flag", "")), request)
    context = {
        "scope": scope,
        "form": form,
        "page": page,
        "feed": activities(page.object_list),
        "kinds": _counts(events),
        "total": events.count(),
        "kind": asked.get("flag", ""),
        "day": asked.get("day"),
        "without_place": without_place_at(request).filter(lot__in=scope.ids)[:MOST_BOOKINGS],
        "reports": reports_at(request).for_a_person().filter(booking__lot__in=scope.ids)[:MOST_BOOKINGS],
        "objections": objections_at(request).waiting().filter(payment__charge__lot__in=scope.ids)[:MOST_OBJECTIONS],
    }
    return page_response(request, "office/exceptions.html#rows", context, status=200 if is_valid else 422)


def kind_meaning(kind: str) -> str:
    """Return what a kind of exception means."""
    return str(_("Clocks were off")) if kind == CLOCK_OFF else flag_meaning(kind)


def _events(scope: Scope, asked: dict[str, Any]) -> QuerySet[GateEvent]:
    """Return the exceptions of all kinds at a lane, by an attendant, on a day of each lot."""
    day = asked.get("day")
    events = GateEvent.objects.filter(_OF_ANY_KIND, on_days(scope, "at", day, day))
    if asked.get("gate"):
        events = events.filter(gate=asked["gate"])
    if asked.get("by"):
        events = events.filter(person=asked["by"])
    return events.select_related("lot", "gate", "person", "ticket__charge").order_by("-at", "-id")


_OF_ANY_KIND = ~Q(flags=[]) | Q(skew_seconds__isnull=False)


def _of_kind(events: QuerySet[GateEvent], kind: str) -> QuerySet[GateEvent]:
    if not kind:
        return events
    return events.filter(skew_seconds__isnull=False) if kind == CLOCK_OFF else events.filter(flags__contains=[kind])


def _counts(events: QuerySet[GateEvent]) -> list[KindCount]:
    """Count the events by kind, the most frequent first; two queries."""
    flag = Func(F("flags"), function="jsonb_array_elements_text", set_returning=True)
    flagged = events.order_by().select_related(None).values(flag=flag).annotate(count=Count("pk", distinct=True))
    counted = {row["flag"]: row["count"] for row in flagged if row["flag"] in FLAGS}
    counted[CLOCK_OFF] = _of_kind(events, CLOCK_OFF).count()
    rows = [KindCount(kind, kind_meaning(kind), count) for kind, count in counted.items() if count]
    return sorted(rows, key=lambda row: (-row.count, row.label))
