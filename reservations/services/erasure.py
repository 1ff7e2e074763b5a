"""Taking a person out of bookings that are over; periods, prices and fees stay."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import F, Func, JSONField, Q, Value

from accounts.models import User
from reservations.models import LIVE, BookingAct, NotParkedReport, Reservation, ReservationQuerySet


def bookings_of(person: User, addresses: Collection[str]) -> ReservationQuerySet:
    """Return the bookings of an account, and those that were made without it with one of its addresses."""
    return Reservation.objects.filter(Q(driver=person) | Q(driver=None, email__in=addresses))


@transaction.atomic
def erase_booker(*, person: User, addresses: Collection[str]) -> None:
    """Remove who booked, the address, the phone and the plate of a person's bookings that are over."""
    _forget(bookings_of(person, addresses).exclude(status__in=LIVE))


@transaction.atomic
def forget_bookers(*, bookings: Collection[int]) -> int:
    """Remove who booked from bookings that are over, as when a person is erased, and return how many. Idempotent."""
    return _forget(Reservation.objects.filter(pk__in=bookings).exclude(status__in=LIVE))


def _forget(over: ReservationQuerySet) -> int:
    over = Reservation.objects.filter(pk__in=list(over.values_list("pk", flat=True)))
    NotParkedReport.objects.filter(booking__in=over.values("pk")).update(word="")
    acts = BookingAct.objects.filter(booking__in=over.values("pk"))
    acts.update(why="", changes=_without(F("changes"), "plate"))
    return over.update(driver=None, email="", phone="", plate="", plate_normalised="", plate_skeleton="")


def _without(column: F, name: str) -> Func:
    """Return a JSON object without one of its names."""
    return Func(column, Value(name), template="%(expressions)s", arg_joiner=" - ", output_field=JSONField())
