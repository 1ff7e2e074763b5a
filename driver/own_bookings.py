"""Bookings for those who made them: by the token of the link, or by the code and the account."""

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from accounts.access import signed_in
from accounts.models import User
from common.errors import NotFoundError
from reservations.booking_codes import PREFIX, parse_booking_code
from reservations.models import LIVE, Reservation, ReservationQuerySet, ReservationStatus

MOST_COMING = 5


class BookingNotFoundError(NotFoundError):
    """There is no such booking, or it was made with another address."""

    code = "booking_not_found"


def bookings() -> ReservationQuerySet:
    """Return the bookings with what their pages show."""
    return Reservation.objects.select_related("lot__operator", "tariff", "spot", "level", "charge", "driver")


def is_code(reference: str) -> bool:
    """Return whether a reference is a code, which opens a booking only with its account."""
    return reference.upper().startswith(PREFIX)


def get_booking(request: HttpRequest, reference: str) -> Reservation:
    """Return the booking with this token, or with this code of the signed-in person. Raises Http404."""
    found = bookings().none()
    if is_code(reference):
        driver = signed_in(request)
        found = bookings().filter(code=reference, driver=driver) if driver else found
    elif "\0" not in reference:
        found = bookings().filter(token=reference)
    booking = found.first()
    if booking is None:
        raise Http404("There is no such booking.")
    return booking


def find_booking(code: str, email: str) -> Reservation:
    """Return the booking that was made with an address. Raises BookingNotFoundError, InvalidBookingCodeError."""
    booking = bookings().filter(code=parse_booking_code(code), email=email.strip().lower()).first()
    if booking is None:
        raise BookingNotFoundError(_("No booking has this code and this address. Check both."))
    return booking


def bookings_to_come(driver: User) -> list[Reservation]:
    """Return the bookings of a driver that still hold a place, the next first."""
    return list(bookings().filter(driver=driver, status__in=LIVE).order_by("starts_at", "pk")[:MOST_COMING])


def past_bookings(driver: User) -> ReservationQuerySet:
    """Return the bookings of a driver that are over, latest first."""
    lapsed = ReservationStatus.LAPSED
    over = bookings().filter(driver=driver).exclude(status__in=[*LIVE, lapsed])
    return over.order_by("-starts_at", "-pk")
