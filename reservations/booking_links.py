"""The link of a booking, which shows and changes it, and the one by which a guest confirms the address."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from common.errors import NotFoundError
from reservations.models import Reservation

BOOKINGS_FOLDER = "bookings/"
CONFIRM_FOLDER = f"{BOOKINGS_FOLDER}confirm/"
_signer = Signer(salt="reservations.address")


class BookingLinkGoneError(NotFoundError):
    """The link is forged or cut off."""

    code = "booking_link_gone"


def booking_link(booking: Reservation) -> str:
    """Return the whole address of a booking's page; whoever has it can see and change the booking."""
    return f"{settings.PUBLIC_URL}/{BOOKINGS_FOLDER}{booking.token}/"


def confirming_link(booking: Reservation) -> str:
    """Return the whole address of the page on which a guest confirms the address; it goes to that address alone."""
    return f"{settings.PUBLIC_URL}/{CONFIRM_FOLDER}{_signer.sign_object(booking.pk)}/"


def booking_to_confirm(signed: str) -> Reservation:
    """Return the booking that a confirming link names. Raises BookingLinkGoneError."""
    gone = BookingLinkGoneError(_("This link doesn't work. Open the one in our email, or book again."))
    try:
        pk = _signer.unsign_object(signed)
    except (BadSignature, ValueError):
        raise gone from None
    booking = Reservation.objects.select_related("lot").filter(pk=pk).first()
    if booking is None:
        raise gone
    return booking
