"""One list of everything at the lanes that a person should look at, by lot, lane, attendant, days and kind."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role, User
from analytics.exception_counts import CLOCK_OFF, counted_by_kind, exceptions_at, is_of_kind, kind_meaning
from analytics.flags import FLAGS
from analytics.scope import Scope, scope_of
from common.web.listing import Listing, Sought
from gates.feed import activities
from lots.models import Gate
from office.lane_fields import add_lanes_and_people
from office.list_filters import LotsFilter, choices_with
from office.list_pages import list_response
from office.money.objections import objections_at
from office.stays.activity_list import ACTIVITY
from office.unkept_bookings import reports_at, without_place_at

MOST_OBJECTIONS = MOST_BOOKINGS = 10
EXCEPTIONS = Listing(
    "exceptions",
    _("Exceptions"),
    columns=ACTIVITY.columns,
    usual="-when",
    along="when",
    part="lot",
    row=ACTIVITY.row,
    url="office:exceptions",
    noun=_("exceptions"),
    none=_("Nothing to look at"),
    hint=_("What somebody should look at is listed here, newest first."),
    exported="events",
)


class ExceptionsFilter(LotsFilter):
    """Which exceptions a list shows; the choices are those of the lots in scope. A `day` is the first and the last."""

    gate = forms.ModelChoiceField(Gate.objects.none(), label=_("Lane"), required=False, to_field_name="code")
    by = forms.ModelChoiceField(User.objects.none(), label=_("Attendant"), required=False)
    flag = forms.ChoiceField(label=_("What"), required=False)
    field_order = ["lot", "gate", "by", "flag", "since", "until"]

    def __init__(self, data: Any, scope: Scope) -> None:
        day = data.get("day")
        super().__init__({**data.dict(), "from": day, "to": day} if day else data, scope)
        kinds = sorted(((kind, kind_meaning(kind)) for kind in (*FLAGS, CLOCK_OFF)), key=lambda pair: pair[1])
        self.fields["flag"].choices = choices_with(_("Anything"), kinds)  # type: ignore[attr-defined]
        add_lanes_and_people(self, scope)


@require_safe
@role_required(Role.ADMIN)
def exceptions(request: PersonRequest) -> HttpResponse:
    """List the exceptions at the lanes, newest first, each with its stay, and count them by kind."""
    scope = scope_of(request.user, request.GET.get("lot", ""))
    form = ExceptionsFilter(request.GET, scope)
    asked = form.cleaned_data if form.is_valid() else {}
    page = EXCEPTIONS.page(find_exceptions(scope, asked), request.GET)
    page.object_list = activities(page.object_list)
    kinds, total = counted_by_kind(find_exceptions(scope, asked | {"flag": ""}).everything)
    since, until = asked.get("since"), asked.get("until")
    context = {
        "scope": scope,
        "zone": scope.zone,
        "exceptions": "on",
        "rows_head": "office/exceptions/_head.html",
        "kinds": kinds,
        "total": total,
        "kind": asked.get("flag", ""),
        "day": since if since == until else None,
        "all_days": not since and not until,
        "without_place": without_place_at(request).filter(lot__in=scope.ids)[:MOST_BOOKINGS],
        "reports": reports_at(request).for_a_person().filter(booking__lot__in=scope.ids)[:MOST_BOOKINGS],
        "objections": objections_at(request).waiting().filter(payment__charge__lot__in=scope.ids)[:MOST_OBJECTIONS],
    }
    return list_response(request, "office/exceptions.html", page, form=form, context=context)


def find_exceptions(scope: Scope, asked: dict[str, Any]) -> Sought:
    """Return the exceptions that match a valid ExceptionsFilter; the days are by each lot's clock."""
    events = exceptions_at(scope, asked.get("since"), asked.get("until"))
    sieve = is_of_kind(asked.get("flag", ""))
    for name, field in (("gate", "gate"), ("by", "person")):
        if asked.get(name):
            sieve &= Q(**{field: asked[name]})
    return Sought(events.select_related("lot", "gate", "person", "ticket__charge"), sieve, parts=scope.ids)
