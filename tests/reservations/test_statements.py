"""How many statements PostgreSQL gets from what drivers do with a booking, those of transactions among them."""

from collections.abc import Callable

import pytest

from reservations.models import Reservation
from reservations.offering import offer_booking
from reservations.services import (
    BookingChange,
    cancel_booking,
    change_booking,
    hold_due_spots,
    mark_no_shows,
    preview_change,
)
from tests.actions import listen
from tests.factories import make_lot, make_user
from tests.reservations.bookings import HOUR, NOW, booked, reloaded, time

pytestmark = pytest.mark.django_db(transaction=True)
LATER = BookingChange(end=NOW + 28 * HOUR)


def booking_in(lot) -> Reservation:
    return booked(lot, 24, 26, "ZH 9")


def an_offer(lot):
    return lambda: offer_booking(lot, "regular", time(24, 26), at=NOW)


def a_booking(lot):
    driver = make_user()
    return lambda: booked(lot, driver=driver, idempotency_key="a key")


def a_preview(lot):
    booking = booking_in(lot)
    return lambda: preview_change(booking=booking, change=LATER, at=NOW)


def a_change(lot):
    booking = booking_in(lot)
    return lambda: change_booking(booking=booking, change=LATER, at=NOW)


def a_cancellation(lot):
    booking = booking_in(lot)
    return lambda: cancel_booking(booking=booking, at=NOW)


def a_late_cancellation(lot):
    booking = booking_in(lot)
    return lambda: cancel_booking(booking=booking, at=NOW + 23.9 * HOUR)


def a_hold(lot):
    booking_in(lot)
    return lambda: hold_due_spots(at=NOW + 23.9 * HOUR)


def a_no_show(lot):
    booking_in(lot)
    return lambda: mark_no_shows(at=NOW + 25 * HOUR)


MOST: dict[Callable[..., Callable[[], object]], int] = {
    an_offer: 3,
    a_booking: 12,
    a_preview: 5,
    a_change: 9,
    a_cancellation: 6,
    a_late_cancellation: 9,
    a_hold: 12,
    a_no_show: 9,
}


@pytest.mark.parametrize("prepare", MOST)
def test_bookings_take_no_more_statements_than_they_need(prepare):
    lot = make_lot(spots={"regular": 3})
    act = prepare(lot)

    statements = listen(act)

    assert len(statements) <= MOST[prepare], "\n".join(" ".join(one.split())[:160] for one in statements)


def test_many_bookings_take_as_many_statements_as_few():
    lot = make_lot(spots={"regular": 30})
    few = len(listen(a_booking(lot)))
    Reservation.objects.all().delete()
    for number in range(25):
        booked(lot, plate=f"GE {number}")
    assert len(listen(a_booking(lot))) == few
    assert reloaded(Reservation.objects.latest("pk")).is_live
