"""Taking a person out of bookings that are over; periods, prices and fees stay."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from accounts.models import User
from reservations.models import LIVE, Reservation, ReservationQuerySet


def bookings_of(person: User, addresses: Collection[str]) -> ReservationQuerySet:
    """Return the bookings of an account, and those that were made without it with one of its addresses."""
    return Reservation.objects.filter(Q(driver=person) | Q(driver=None, email__in=addresses))


@transaction.atomic
def erase_booker(*, person: User, addresses: Collection[str]) -> None:
    """Remove who booked, the address and the plate of a person's bookings that are over."""
    over = bookings_of(person, addresses).exclude(status__in=LIVE)
    over.update(driver=None, email="", plate="", plate_normalised="", plate_skeleton="")
