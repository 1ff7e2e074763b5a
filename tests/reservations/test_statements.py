"""What PostgreSQL gets from what drivers do with a booking: how many statements, and locks in one order."""

from collections.abc import Callable

import pytest

from billing.services import PayBy
from lots.models import Lot
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
from tests.actions import listen, transactions
from tests.factories import make_lot, make_user
from tests.project.test_lock_order import in_order, locks_of
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
    a_booking: 14,
    a_preview: 5,
    a_change: 11,
    a_cancellation: 7,
    a_late_cancellation: 10,
    a_hold: 12,
    a_no_show: 10,
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


def a_paid_booking(lot):
    Lot.objects.filter(pk=lot.pk).update(prepay="capture")
    driver = make_user()
    return lambda: booked(lot, driver=driver, pay_by=PayBy(token="tok_ok"))


def a_paid_cancellation(lot):
    booking = a_paid_booking(lot)()
    return lambda: cancel_booking(booking=booking, at=NOW + 23.9 * HOUR)


def a_paid_change(lot):
    booking = a_paid_booking(lot)()
    return lambda: change_booking(booking=booking, change=LATER, at=NOW, pay_by=PayBy(token="tok_ok"))


@pytest.mark.parametrize("prepare", [*MOST, a_paid_booking, a_paid_cancellation, a_paid_change])
def test_locks_are_taken_in_the_order_of_all(prepare):
    act = prepare(make_lot(spots={"regular": 3}))

    taken = [locks_of(one) for one in transactions(listen(act))]

    assert [locks for locks in taken if not in_order(locks)] == []
    assert prepare in {an_offer, a_preview} or next(locks for locks in taken if locks)[:1] == ["lot"]


def test_money_of_a_late_cancellation_is_locked_after_the_lot():
    act = a_paid_cancellation(make_lot(spots={"regular": 3}))
    assert locks_of(transactions(listen(act))[0]) == ["lot", "charge", "ticket"]
