"""Bookings for tests: times from one Monday morning on, in a lot of CHF 3.00 an hour."""

import datetime as dt
from typing import Any

from lots.models import Lot
from reservations.booked_time import BookedTime
from reservations.models import Reservation
from reservations.services import BookingWish, book
from tests.factories import make_user

NOW = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def time(start: float, end: float) -> BookedTime:
    """A period in hours from NOW on."""
    return BookedTime(NOW + start * HOUR, NOW + end * HOUR)


def wish(start: float = 24, end: float = 26, plate: str = "ZH 1", **fields: Any) -> BookingWish:
    return BookingWish(time=time(start, end), plate=plate, **fields)


def booked(lot: Lot, start: float = 24, end: float = 26, plate: str = "ZH 1", **fields: Any) -> Reservation:
    """Book by a driver of its own, at NOW."""
    who = {
        name: fields.pop(name)
        for name in ("driver", "email", "booked_by", "idempotency_key", "at", "pay_by")
        if name in fields
    }
    if not who.keys() & {"driver", "email", "booked_by"}:
        who["driver"] = make_user()
    return book(lot=lot, wish=wish(start, end, plate, **fields), **{"at": NOW} | who)


def reloaded(booking: Reservation) -> Reservation:
    return Reservation.objects.select_related("lot", "spot", "charge", "tariff").get(pk=booking.pk)
