"""The list of bookings: by plate, code, name, address, state, lot, price and day."""

from typing import Any

from django import forms
from django.db.models import Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, has_role, role_required
from accounts.models import Role
from analytics.local_days import on_days
from analytics.scope import Scope
from common.errors import DomainError
from common.plates import skeleton
from common.web.listing import ListColumn, Listing, RowsAct, Sought
from office.bookings.bookings_at_work import scope_asked, shown_bookings
from office.list_filters import AmountsFilter, amounts_asked, choices_with
from office.list_pages import list_response
from office.stays_sought import plate_or_none
from reservations.booking_codes import parse_booking_code
from reservations.models import ReservationStatus

BOOKINGS_LIST = Listing(
    "bookings",
    _("Bookings"),
    columns=(
        ListColumn("plate", _("Plate"), "plate_normalised"),
        ListColumn("code", _("Code"), style="nowrap cell-wide"),
        ListColumn("state", _("State"), "status"),
        ListColumn("lot", _("Lot"), "lot__name"),
        ListColumn("when", _("When"), "starts_at", style="cell-key", falls=True),
        ListColumn("spot", _("Spot")),
        ListColumn("who", _("Who"), Coalesce(NullIf("email", Value("")), "driver__email"), style="cell-wide"),
        ListColumn("price", _("Price"), "price_amount", style="number", falls=True),
    ),
    usual="-when",
    along="when",
    part="lot",
    row="office/bookings/list/_row.html",
    url="office:bookings",
    acts=(RowsAct("office:bulk", _("Cancel…"), "cancel"),),
    noun=_("bookings"),
    none=_("No bookings found"),
    hint=_("Try a part of the plate, another state or more days."),
    exported="reservations",
)


class BookingsFilter(AmountsFilter):
    """The filter of the list of bookings; the days are those of the start, on each lot's clock."""

    q = forms.CharField(label=_("Plate, code, name or email"), required=False, max_length=80)
    status = forms.ChoiceField(
        label=_("State"), choices=choices_with(_("Any"), ReservationStatus.choices), required=False
    )
    field_order = ["q", "status", "lot", "since", "until", "least", "most"]


@require_safe
@role_required(Role.ATTENDANT)
def bookings(request: PersonRequest) -> HttpResponse:
    """List bookings, the latest start first; those that lapsed only when asked for."""
    scope = scope_asked(request)
    form = BookingsFilter(request.GET, scope)
    page = BOOKINGS_LIST.page(find_bookings(scope, form.cleaned_data if form.is_valid() else {}), request.GET)
    tab = "no_shows" if form["status"].value() == ReservationStatus.NO_SHOW else "list"
    context = {"scope": scope, "zone": scope.zone, "tab": tab}
    if not has_role(request.user, Role.ADMIN):
        context |= {"acts": ()}
    return list_response(request, "office/bookings/list.html", page, form=form, context=context)


def find_bookings(scope: Scope, wanted: dict[str, Any]) -> Sought:
    """Return the bookings in the scope that match a valid BookingsFilter; those that lapsed only when asked for."""
    found = shown_bookings().filter(on_days(scope, "starts_at", wanted.get("since"), wanted.get("until")))
    sieve = amounts_asked(wanted, "price_amount", "lot__currency")
    status = wanted.get("status")
    sieve &= Q(status=status) if status else ~Q(status=ReservationStatus.LAPSED)
    text = wanted.get("q", "").replace("\0", " ").strip()
    if not text:
        return Sought(found, sieve, parts=scope.ids)
    code = _code_in(text)
    if code is not None:
        return Sought(found.filter(code=code), sieve, parts=scope.ids)
    plate = plate_or_none(text)
    whole = Q(plate_normalised=plate) & sieve if plate else Q()
    return Sought(found, sieve & _named(text, plate), whole, scope.ids)


def _code_in(text: str) -> str | None:
    try:
        return parse_booking_code(text)
    except DomainError:
        return None


def _named(text: str, plate: str | None) -> Q:
    """Match a part of the plate (confusable characters count as equal), or of a name or address."""
    person = Q(email__icontains=text) | Q(driver__name__icontains=text)
    return person | Q(plate_skeleton__contains=skeleton(plate)) if plate else person
