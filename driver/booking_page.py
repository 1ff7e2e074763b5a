"""A booking's own page: when, where, the price, and what it costs to change one's mind now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from common.errors import DomainError
from common.time import truncate
from common.web.client_address import client_network
from common.web.qr import qr_svg
from common.web.rate_limits import check_rate
from driver.book_page import payment_page_of
from driver.booking_forms import FindBookingForm
from driver.lot_facts import directions_to
from driver.own_bookings import find_booking, get_booking, is_code
from gates.services import CAME_IN_WITHIN
from reservations.booking_links import BookingLinkGoneError, booking_link, booking_to_confirm
from reservations.booking_mails import paying_words
from reservations.calendar_files import calendar_facts, calendar_file, calendar_type, is_in_calendars
from reservations.models import NotParkedReport, Reservation, ReservationStatus
from reservations.offering import policy_of_booking
from reservations.policy import cancel_fee
from reservations.services import confirm_address, may_report, miss_if_due
from reservations.services.no_shows import UNCONFIRMED_FOR

FINDS_PER_MINUTE = 20


@dataclass(frozen=True, slots=True)
class BookingStage:
    """Where a booking stands: what its page says, and what can be done.

    `name`: address (a guest has to confirm it), paying, to_come, parked, over, cancelled, missed or lapsed.
    """

    name: str

    @property
    def may_change(self) -> bool:
        """Return whether it can be changed or extended."""
        return self.name in {"to_come", "parked"}

    @property
    def is_live(self) -> bool:
        """Return whether what it would cost to change one's mind is still of interest."""
        return self.name in {"address", "paying", "to_come", "parked"}


def stage_of(booking: Reservation) -> BookingStage:
    """Return where a booking stands for who booked it."""
    names = {
        ReservationStatus.CONFIRMED: "to_come",
        ReservationStatus.ACTIVE: "parked",
        ReservationStatus.COMPLETED: "over",
        ReservationStatus.CANCELLED: "cancelled",
        ReservationStatus.NO_SHOW: "missed",
        ReservationStatus.LAPSED: "lapsed",
        ReservationStatus.PENDING: "paying" if booking.charge_id else "address",
    }
    return BookingStage(names[ReservationStatus(booking.status)])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def find_booking_page(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a booking and the address that it was made with, and lead to it."""
    form = FindBookingForm(
        request.POST if request.method == "POST" else None, initial={"code": request.GET.get("code")}
    )
    if form.is_valid():
        try:
            check_rate("booking-code", client_network(request), per_minute=FINDS_PER_MINUTE)
            found = find_booking(form.cleaned_data["code"], form.cleaned_data["email"])
        except DomainError as error:
            form.add_error("code", error.message)
        else:
            return redirect("driver:booking", found.token)
    return render(request, "driver/booking/find.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@never_cache
def booking_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a booking to who has its link, or is signed in as who made it."""
    if is_code(reference) and signed_in(request) is None:
        return redirect("driver:bookings")
    booking, at = get_booking(request, reference), truncate(now())
    if miss_if_due(booking=booking, at=at):
        booking = get_booking(request, reference)
    return render(request, "driver/booking.html", booking_context(booking, reference, at))


@require_safe
@never_cache
def calendar(request: HttpRequest, reference: str) -> HttpResponse:
    """Send a booking's calendar file."""
    booking = get_booking(request, reference)
    facts = calendar_facts(booking, at=truncate(now()))
    name = f'attachment; filename="{booking.code}.ics"'
    kind = f"{calendar_type(facts)}; charset=utf-8"
    return HttpResponse(calendar_file(facts), content_type=kind, headers={"Content-Disposition": name})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def confirm_booking(request: HttpRequest, signed: str) -> HttpResponse:
    """Let a guest confirm the address of a booking by the mailed link; only the button does, as robots open links."""
    try:
        booking = booking_to_confirm(signed)
        if request.method == "POST":
            confirm_address(booking=booking, at=truncate(now()))
            messages.success(request, _("Thank you. Your place is booked."))
            return redirect("driver:booking", booking.token)
    except BookingLinkGoneError as error:
        return render(request, "driver/booking/confirm.html", {"gone": error.message}, status=error.status)
    except DomainError as error:
        context = {"gone": error.message, "lot": booking.lot}
        return render(request, "driver/booking/confirm.html", context, status=error.status)
    if booking.status != ReservationStatus.PENDING:
        return redirect("driver:booking", booking.token)
    return render(request, "driver/booking/confirm.html", {"booking": booking, "lot": booking.lot})


def booking_context(booking: Reservation, reference: str, at: datetime) -> dict[str, Any]:
    """Return what the page of a booking shows."""
    stage = stage_of(booking)
    charge = booking.charge
    report = NotParkedReport.objects.filter(booking=booking).first()
    return {
        "booking": booking,
        "lot": booking.lot,
        "reference": reference,
        "stage": stage,
        "policy": policy_of_booking(booking) if stage.is_live and booking.place_lost_at is None else None,
        "paying": paying_words(booking),
        "cancel_fee": cancel_fee_of(booking, at),
        "returned": charge.refunded_amount if charge else 0,
        "confirm_until": booking.created_at + UNCONFIRMED_FOR,
        "payment_page": payment_page_of(booking) if stage.name == "paying" else "",
        "place": place_words(booking),
        "has_calendar": is_in_calendars(booking) and stage.name not in {"address", "paying"},
        "directions": directions_to(booking.lot),
        "report": report,
        "decided_from": report.turned_away_at + CAME_IN_WITHIN if report and report.turned_away_at else None,
        "may_report": report is None and may_report(booking, at),
        "starts_in": max(booking.starts_at - at, timedelta()),
        "qr": qr_svg(booking_link(booking)),
        "at": at,
    }


def cancel_fee_of(booking: Reservation, at: datetime) -> int:
    """Return what cancelling a booking costs now: nothing when it has no place."""
    if booking.place_lost_at is not None:
        return 0
    return cancel_fee(booking.price_amount, booking.late_cancel_percent, booking.cancel_free_until, at=at)


def place_words(booking: Reservation) -> str:
    """Return which spot a driver was promised: others may still be moved, and are not named before they are held."""
    spot = booking.spot
    is_fixed = booking.asked_for or booking.status == ReservationStatus.ACTIVE or (spot and spot.hold == booking.pk)
    if spot is None or not is_fixed:
        return ""
    level = booking.level.name if booking.level else ""
    return f"{spot.number}, {level}" if level else spot.number
