"""The list of bookings: by plate, code, name, address, state, lot and day."""

from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from analytics.local_days import on_days
from analytics.scope import Scope
from common.errors import DomainError
from common.plates import normalise, skeleton
from common.web.htmx import page_response
from common.web.paging import page_of
from office.bookings.bookings_at_work import scope_asked, shown_bookings
from reservations.booking_codes import parse_booking_code
from reservations.models import ReservationQuerySet, ReservationStatus


class BookingsFilter(forms.Form):
    """The filter of the list of bookings; the days are those of the start, on each lot's clock."""

    q = forms.CharField(label=_("Plate, code, name or email"), required=False, max_length=80)
    status = forms.ChoiceField(label=_("State"), choices=[("", _("Any")), *ReservationStatus.choices], required=False)
    lot = forms.ChoiceField(label=_("Lot"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data)
        lots = [(lot.slug, lot.name) for lot in scope.lots]
        self.fields["lot"].choices = [("", _("All lots")), *lots]  # type: ignore[attr-defined]
        if len(lots) < 2:  # noqa: PLR2004 - nothing to choose between
            self.fields["lot"].widget = forms.HiddenInput()

    def add_prefix(self, field_name: str) -> str:
        """Name the days `from` and `to` in the address, as the API does."""
        return {"since": "from", "until": "to"}.get(field_name, field_name)


@require_safe
@role_required(Role.ATTENDANT)
def bookings(request: PersonRequest) -> HttpResponse:
    """List bookings, the latest start first; those that lapsed only when asked for."""
    scope = scope_asked(request)
    form = BookingsFilter(request.GET, scope)
    valid = form.is_valid()
    page = page_of(find_bookings(scope, form.cleaned_data if valid else {}), request)
    tab = "no_shows" if form["status"].value() == ReservationStatus.NO_SHOW else "list"
    context = {"scope": scope, "form": form, "page": page, "tab": tab}
    return page_response(request, "office/bookings/list.html#rows", context, status=200 if valid else 422)


def find_bookings(scope: Scope, wanted: dict[str, Any]) -> ReservationQuerySet:
    """Return the bookings in the scope that match a valid BookingsFilter."""
    days = (wanted.get("since"), wanted.get("until"))
    # Without days the lots alone, which an index keeps in this order.
    found = shown_bookings().filter(on_days(scope, "starts_at", *days) if any(days) else Q(lot__in=scope.ids))
    if wanted.get("status"):
        found = found.filter(status=wanted["status"])
    else:
        found = found.exclude(status=ReservationStatus.LAPSED)
    if wanted.get("q"):
        found = found.filter(_named(wanted["q"].replace("\0", " ").strip()))
    return found.order_by("-starts_at", "-pk")


def _named(text: str) -> Q:
    """Match a whole code, a part of the plate (confusable characters count as equal), or of a name or address."""
    try:
        return Q(code=parse_booking_code(text))
    except DomainError:
        pass
    person = Q(email__icontains=text) | Q(driver__name__icontains=text)
    try:
        plate = normalise(text)
    except DomainError:
        plate = None
    return person | Q(plate_skeleton__contains=skeleton(plate)) if plate else person
