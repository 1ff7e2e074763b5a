"""Cancelling, not coming, giving back early: what becomes of the place and of the money."""

import datetime as dt

import pytest

from accounts.models import BlockedPlate
from billing.models import Charge, Debt, Document
from lots.models import Lot
from reservations.booking_documents import invoice_bookers
from reservations.models import Reservation
from reservations.offering import offer_booking, policy_of_booking
from reservations.services import (
    BookingStateError,
    cancel_booking,
    hold_due_spots,
    mark_no_shows,
    release_early,
)
from tests.factories import make_lot, make_reservation, make_user
from tests.invariants import broken
from tests.reservations.bookings import HOUR, MINUTE, NOW, booked, reloaded, time

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("tracking", ["spots", "levels"])


@pytest.fixture
def lot():
    return make_lot(spots={"regular": 1})


def free(lot: Lot, start: float, end: float, at: dt.datetime = NOW) -> int:
    return offer_booking(lot, "regular", time(start, end), at=at).available


def owed(booking: Reservation) -> tuple[int, str]:
    debt = Debt.objects.get(charge=reloaded(booking).charge)
    assert debt.amount == debt.charge.due_amount == debt.charge.balance_amount
    return debt.amount, debt.reason


@BOTH
def test_cancelling_in_time_is_free_and_frees_the_place(tracking):
    lot = make_lot(spots={"regular": 1}, tracking=tracking)
    booking = booked(lot, 24, 26)
    until = booking.cancel_free_until

    cancelled = cancel_booking(booking=booking, at=until)

    assert (cancelled.status, cancelled.cancelled_at, cancelled.charge) == ("cancelled", until, None)
    assert free(lot, 24, 26) == 1
    assert Charge.objects.count() == 0
    assert broken() == []


def test_cancelling_late_costs_what_the_preview_said_and_is_invoiced_to_who_booked(lot):
    driver = make_user(name="Ada")
    booking = booked(lot, 24, 26, driver=driver)
    shown = policy_of_booking(booking)
    Lot.objects.update(late_cancel_percent=90, cancel_minutes=6000)  # what was agreed to stays

    for _ in range(2):
        cancelled = cancel_booking(booking=booking, at=NOW + 23 * HOUR + MINUTE)

    assert owed(booking) == (shown.late_cancel_fee, "Late cancellation, 50 %")
    assert (cancelled.charge.due_amount, cancelled.charge.label) == (300, f"Booking {booking.code}")
    assert broken() == []
    [invoice] = invoice_bookers(at=NOW + 24 * HOUR)
    assert (invoice.content["recipient"]["email"], invoice.content["items"][0]["reference"]) == (
        driver.email,
        booking.code,
    )
    assert invoice_bookers(at=NOW + 24 * HOUR) == []


def test_operator_may_let_a_booking_go_free(lot):
    booking = booked(lot, 24, 26)
    assert cancel_booking(booking=booking, at=NOW + 24 * HOUR, free=True).charge is None


def test_cancelling_what_is_inside_or_over_is_refused(lot):
    inside = make_reservation(lot, "ZH 1", NOW - HOUR, NOW + HOUR, spot=lot.spots.get(), status="active")
    with pytest.raises(BookingStateError):
        cancel_booking(booking=inside, at=NOW)


@BOTH
def test_driver_who_has_not_come_in_time_is_a_no_show_who_owes_what_the_preview_said(tracking):
    lot = make_lot(spots={"regular": 1}, tracking=tracking)
    booking = booked(lot, 1, 3)
    shown = policy_of_booking(booking)
    hold_due_spots(at=NOW + 31 * MINUTE)

    assert mark_no_shows(at=shown.no_show_at - MINUTE) == 0
    assert [mark_no_shows(at=shown.no_show_at + late) for late in (MINUTE, 2 * MINUTE)] == [1, 0]

    missed = reloaded(booking)
    assert (missed.status, missed.missed_at) == ("no_show", shown.no_show_at)
    assert owed(booking) == (shown.no_show_fee, "Not shown up, 100 %")
    assert not lot.spots.exclude(hold=None).exists()
    assert free(lot, 2, 3, at=NOW + 2 * HOUR) == 1
    assert broken() == []


def test_missed_runs_are_caught_up_and_a_driver_who_acts_later_is_a_no_show_all_the_same(lot):
    first, second = booked(lot, 1, 2), booked(lot, 3, 4, "ZH 2")
    with pytest.raises(BookingStateError):
        cancel_booking(booking=first, at=NOW + 2 * HOUR)
    assert reloaded(first).status == "no_show"

    assert mark_no_shows(at=NOW + 48 * HOUR) == 1
    assert [reloaded(one).missed_at for one in (first, second)] == [NOW + 75 * MINUTE, NOW + 195 * MINUTE]


def test_shorter_booking_than_the_waiting_time_is_missed_at_its_end(lot):
    lot.no_show_minutes = 60
    lot.save()
    booking = booked(lot, 1, 1.25)
    assert [mark_no_shows(at=NOW + HOUR + minutes * MINUTE) for minutes in (14, 15)] == [0, 1]
    assert reloaded(booking).missed_at == NOW + 75 * MINUTE


def test_no_shows_owe_by_who_booked_and_block_no_plate_that_anybody_may_have_typed(lot):
    for number in range(3):
        booked(lot, 1 + 3 * number, 2 + 3 * number)
    assert mark_no_shows(at=NOW + 24 * HOUR) == 3
    assert Debt.objects.filter(of_booker=True).count() == 3
    assert BlockedPlate.objects.count() == 0


def test_no_show_that_costs_nothing_leaves_no_charge():
    lot = make_lot(no_show_percent=0)
    booking = booked(lot, 1, 2)
    mark_no_shows(at=NOW + 2 * HOUR)
    assert (reloaded(booking).status, reloaded(booking).charge) == ("no_show", None)


def test_place_is_given_back_early_and_the_price_stays(lot):
    spot = lot.spots.get()
    inside = make_reservation(lot, "ZH 1", NOW - HOUR, NOW + 5 * HOUR, spot=spot, status="active")
    assert free(lot, 3, 4) == 0

    for until in (NOW + HOUR, NOW + 2 * HOUR):
        released = release_early(booking=inside, until=until, at=NOW)
        assert released.during.upper == NOW + 75 * MINUTE

    assert (reloaded(inside).price_amount, reloaded(inside).ends_at) == (1800, NOW + 5 * HOUR)
    assert free(lot, 3.5, 4) == 1
    with pytest.raises(BookingStateError):
        release_early(booking=booked(lot, 24, 26, "ZH 2"), until=NOW, at=NOW)


def test_one_failing_booking_keeps_no_other_from_being_marked(lot, monkeypatch):
    from reservations.services import no_shows

    broken_one = booked(lot, 1, 2)
    booked(lot, 3, 4, "ZH 2")
    settle_locked = no_shows.settle_locked

    def fails(booking, **kwargs):
        if booking.pk == broken_one.pk:
            raise RuntimeError
        settle_locked(booking, **kwargs)

    monkeypatch.setattr(no_shows, "settle_locked", fails)
    assert mark_no_shows(at=NOW + 24 * HOUR) == 1
    assert reloaded(broken_one).status == "confirmed"
    monkeypatch.setattr(no_shows, "settle_locked", settle_locked)
    assert mark_no_shows(at=NOW + 24 * HOUR) == 1
    assert Document.objects.count() == 0
