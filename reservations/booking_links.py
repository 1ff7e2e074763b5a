"""The link of a booking, which shows and changes it, and the one by which a guest confirms the address."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from common.errors import NotFoundError
from reservations.models import Reservation

BOOKINGS_FOLDER = "bookings/"
CONFIRM_FOLDER = f"{BOOKINGS_FOLDER}confirm/"
BOOKINGS_TO_LOOK_AT = "manage/exceptions/"
"""Where the operator's people find the bookings that need them."""
_signer = Signer(salt="reservations.address")
_paying = Signer(salt="reservations.paying")


class BookingLinkGoneError(NotFoundError):
    """The link is forged or cut off."""

    code = "booking_link_gone"


def booking_link(booking: Reservation) -> str:
    """Return the whole address of a booking's page; who has it can see and change the booking."""
    return f"{settings.PUBLIC_URL}/{BOOKINGS_FOLDER}{booking.token}/"


def confirming_link(booking: Reservation) -> str:
    """Return the whole address of the page on which a guest confirms the address; it goes to that address alone."""
    return f"{settings.PUBLIC_URL}/{CONFIRM_FOLDER}{_signer.sign_object(booking.pk)}/"


def reference_to_pay(idempotency_key: str) -> str:
    """Return what a payer comes back with from the provider's page: nobody else can make it."""
    return _paying.sign_object(idempotency_key)


def booking_paid_back(reference: str) -> Reservation:
    """Return the booking that a payer comes back for. Raises Http404."""
    try:
        key = _paying.unsign_object(reference)
    except (BadSignature, ValueError):
        raise Http404("There is no such booking.") from None
    return get_object_or_404(Reservation, idempotency_key=key)


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
