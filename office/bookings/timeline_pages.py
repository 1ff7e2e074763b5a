"""The timeline of one lot and day: its places by its hours, with bookings that can be moved to other bays."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.time import FIRST_YEAR, LAST_YEAR, truncate
from common.translation import translated
from common.web.htmx import page_response
from common.web.paging import page_of
from lots.access import LotName
from lots.models import Level, Lot, Spot, SpotCount
from office.bookings.bay_rows import DayOfPlaces, PlaceRow
from office.bookings.bookings_at_work import get_booking, scope_asked, shown_bookings
from office.bookings.days_of_lots import A_DAY, LotDay
from reservations.models import LIVE, Blackout, ReservationStatus
from reservations.services import BookingChange, change_booking
from tickets.models import Ticket

ROWS = 40
SHOWN = (*LIVE, ReservationStatus.COMPLETED)


class MoveForm(forms.Form):
    """Which booking goes to which bay."""

    booking = forms.IntegerField(required=False, widget=forms.HiddenInput)
    bay = forms.CharField(max_length=32)

    def clean(self) -> dict[str, Any]:
        """Ask for a booking."""
        given = super().clean() or {}
        if not given.get("booking"):
            raise forms.ValidationError(_("Select a booking first."))
        return given


@dataclass(frozen=True, slots=True)
class TimelinePlace:
    """The lot, day and level that a timeline shows."""

    lot: LotName
    day: LotDay
    levels: list[Level]
    level: Level | None

    def address(self, *, days: int) -> str:
        """Return the address of this timeline so many days later."""
        wanted = {"lot": self.lot.slug, "day": f"{self.day.day + days * A_DAY}"}
        wanted |= {"level": str(self.level.number)} if self.level else {}
        return f"{reverse('office:booking_timeline')}?{urlencode(wanted)}"

    @property
    def before(self) -> str:
        """Return the address of the day before."""
        return self.address(days=-1)

    @property
    def after(self) -> str:
        """Return the address of the day after."""
        return self.address(days=1)


@require_safe
@role_required(Role.ATTENDANT)
def timeline(request: PersonRequest) -> HttpResponse:
    """Show the places of a lot by the hours of a day (`?lot=&day=&level=`); without a lot, that of the first one."""
    return _page(request)


@require_POST
@role_required(Role.ATTENDANT)
def move(request: PersonRequest) -> HttpResponse:
    """Move a booking to another bay; others move for it if they may."""
    form, status = MoveForm(request.POST), 422
    if form.is_valid():
        booking = get_booking(request, form.cleaned_data["booking"])
        try:
            change = BookingChange(spot=form.cleaned_data["bay"])
            moved = change_booking(booking=booking, change=change, at=truncate(now()), by_operator=request.user).booking
        except DomainError as error:
            form.add_error(None, translated(error.errors[0].message if error.errors else error.message))
            status = error.status
        else:
            bay = moved.spot.number if moved.spot else ""
            messages.success(request, _("%(plate)s is booked on %(bay)s now.") % {"plate": moved.plate, "bay": bay})
            return redirect(f"{reverse('office:booking_timeline')}?{request.GET.urlencode()}")
    # Only what is swapped in may have another status than 200 or 422.
    return _page(request, form, status=422 if request.htmx else status)  # type: ignore[attr-defined]


def _page(request: PersonRequest, form: MoveForm | None = None, status: int = 200) -> HttpResponse:
    scope, at = scope_asked(request), now()
    context: dict[str, Any] = {"scope": scope, "at": at, "tab": "timeline", "form": form or MoveForm()}
    lot = scope.chosen or next(iter(scope.lots), None)
    if lot is not None:
        context |= _day(request, lot, at)
    return page_response(request, "office/bookings/timeline.html#grid", context, status=status)


def _day(request: PersonRequest, name: LotName, at: datetime) -> dict[str, Any]:
    """Return what is shown of a lot's day: a fixed number of statements, however many bookings there are."""
    lot = Lot.objects.get(pk=name.pk)
    levels = list(lot.levels.order_by("number"))
    level = next((one for one in levels if str(one.number) == request.GET.get("level")), None)
    day = LotDay(_asked_day(request, LotDay.of(name, at)), LotDay.of(name, at).zone)
    page = page_of(_places(lot, levels, level), request, ROWS)
    then = shown_bookings().filter(lot=lot, status__in=SHOWN, starts_at__lt=day.end, ends_at__gt=day.start)
    bookings = list(then.order_by("starts_at", "pk"))
    cars = Ticket.objects.open().filter(lot=lot, reservation=None).exclude(spot=None)
    blackouts = Blackout.objects.filter(lot=lot, lifted_at=None, starts_at__lt=day.end, ends_at__gt=day.start)
    filled = DayOfPlaces(
        day=day,
        bookings=bookings,
        cars=list(cars.filter(entry_at__lt=day.end)) if lot.counts_spots else [],
        blackouts=list(blackouts.order_by("starts_at", "pk")),
        now=at,
    )
    shown = [one for one in bookings if level is None or one.level_id == level.pk]
    return {
        "lot": lot,
        "place": TimelinePlace(name, day, levels, level),
        "page": page,
        "rows": filled.rows(page.object_list),
        "hours": day.marks(),
        "bookings": shown,
        "blackouts": filled.blackouts,
        "without": [one for one in bookings if one.place_lost_at or not (one.spot_id or one.place)],
        "query": request.GET.urlencode(),
    }


def _asked_day(request: PersonRequest, today: LotDay) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today.day
    return asked if FIRST_YEAR < asked.year < LAST_YEAR else today.day


def _places(lot: Lot, levels: list[Level], level: Level | None) -> list[PlaceRow]:
    """Return the bays of a lot in its order, or the numbered places of each level and type."""
    if lot.counts_spots:
        bays = Spot.objects.filter(lot=lot, **({"level": level} if level else {})).order_by("ordinal", "pk")
        named = bays.values_list("number", "level_id", "spot_type", "pk")
        return [PlaceRow(number, level_id, spot_type, pk) for number, level_id, spot_type, pk in named]
    names = {one.pk: one.name for one in levels if level in {None, one}}
    counts = SpotCount.objects.filter(lot=lot, level__in=names, total__gt=0).order_by("level__number", "spot_type")
    return [
        PlaceRow(
            f"{names[row.level_id]} {row.get_spot_type_display()} {number}", row.level_id, row.spot_type, place=number
        )
        for row in counts
        for number in range(1, row.total + 1)
    ]
