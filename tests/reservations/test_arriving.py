"""From the lanes: a booked car gets its place and pays what was agreed to, whatever happens on the way."""

import datetime as dt

import pytest

from billing.models import Charge
from lots.models import Spot
from reservations.booked_time import BookedTime
from reservations.models import Reservation
from reservations.offering import policy_of_booking
from reservations.services import BookingWish, book, expect_again, hold_due_spots, mark_no_shows
from tests.factories import make_reservation, make_ticket, make_user
from tests.gates.lanes import Lanes
from tests.invariants import broken
from tests.reservations.bookings import HOUR, MINUTE, reloaded
from tickets.fees import fee_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("tracking", ["spots", "levels"])


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def book_soon(lanes: Lanes, plate: str = "ZH 1", minutes: float = 1, hours: float = 2) -> Reservation:
    """Book from a moment ahead on."""
    start = now() + minutes * MINUTE
    wish = BookingWish(time=BookedTime(start, start + hours * HOUR), plate=plate)
    return book(lot=lanes.lot, wish=wish, driver=make_user(), at=now())


def owed(booking: Reservation, at: dt.datetime) -> int:
    return fee_of(Ticket.objects.get(reservation=booking), at).owed


@BOTH
def test_booked_car_comes_in_on_its_place_and_pays_the_agreed_price_at_the_exit(tracking):
    lanes = Lanes(tracking=tracking, spots={"regular": 2})
    booking = book_soon(lanes)
    hold_due_spots(at=now())

    assert lanes.entry.read("ZH 1")["reason"] == "reservation"

    parked = reloaded(booking)
    assert (parked.status, parked.spot_id, parked.place) == ("active", booking.spot_id, booking.place)
    assert not lanes.lot.spots.exclude(hold=None).exists()
    lanes.lot.late_grace_minutes = 0  # what was agreed to stays
    lanes.lot.save()
    assert owed(booking, booking.ends_at - MINUTE) == booking.price_amount == 600
    assert owed(booking, booking.ends_at + 10 * MINUTE) == 600
    for example in policy_of_booking(parked).overstay:
        assert owed(booking, booking.ends_at + example.minutes * MINUTE) == 600 + example.fee
    assert broken() == []


@BOTH
def test_car_that_leaves_early_gives_its_place_back_and_nothing_of_the_price(tracking):
    lanes = Lanes(tracking=tracking, spots={"regular": 1})
    booking = book_soon(lanes)
    lanes.entry.read("ZH 1")

    answer = lanes.exit.read("ZH 1", minute=30)
    assert (answer["action"], answer["fee"]["amount"]) == ("pay", 600)
    lanes.exit.read("ZH 1", minute=33)
    assert reloaded(booking).status == "completed"

    assert book_soon(lanes, "ZH 2", minutes=20).status == "confirmed"


@BOTH
def test_who_comes_late_after_a_no_show_pays_the_rest(tracking):
    lanes = Lanes(tracking=tracking, spots={"regular": 1}, no_show_percent=50)
    booking = book_soon(lanes)
    Reservation.objects.update(starts_at=now() - 20 * MINUTE)
    booking = reloaded(booking)
    mark_no_shows(at=now())
    assert Charge.objects.get().due_amount == 300

    assert lanes.entry.read("ZH 1")["reason"] == "reservation"

    assert reloaded(booking).status == "active"
    assert owed(booking, booking.ends_at) == 300
    assert broken() == []


def test_spot_that_a_late_driver_finds_promised_to_another_stays_the_others():
    lanes = Lanes(spots={"regular": 1})
    spot = lanes.lot.spots.get()
    late = make_reservation(
        lanes.lot, "ZH 1", now() - HOUR, now() + 2 * HOUR, spot=spot, status="no_show", missed_at=now() - 45 * MINUTE
    )
    other = make_reservation(lanes.lot, "ZH 2", now() + HOUR, now() + 3 * HOUR, spot=spot)

    assert lanes.entry.read("ZH 1")["reason"] == "reservation"

    assert (reloaded(late).status, reloaded(late).spot_id) == ("active", None)
    assert reloaded(other).spot_id == spot.pk
    assert Ticket.objects.get().spot_id == spot.pk
    assert broken() == []


def test_counted_place_that_was_promised_to_another_meanwhile_stays_the_others():
    lanes = Lanes(tracking="levels", spots={"regular": 2})
    level = lanes.lot.levels.get()
    times = {"level": level, "place": 1}
    late = make_reservation(
        lanes.lot, "ZH 1", now() - HOUR, now() + HOUR, status="no_show", missed_at=now() - 45 * MINUTE, **times
    )
    make_reservation(lanes.lot, "ZH 2", now(), now() + HOUR, **times)

    assert lanes.entry.read("ZH 1")["reason"] == "reservation"

    assert (reloaded(late).status, reloaded(late).place) == ("active", None)
    assert broken() == []


def test_booking_keeps_its_own_spot_when_the_car_has_to_stand_on_one_promised_to_another():
    lanes = Lanes(spots={"regular": 2})
    own, free = lanes.lot.spots.all()
    booking = make_reservation(lanes.lot, "ZH 1", now(), now() + 3 * HOUR, spot=own)
    other = make_reservation(lanes.lot, "ZH 2", now() + 2 * HOUR, now() + 4 * HOUR, spot=free)
    make_ticket(lanes.lot, "GE 1", now() - HOUR, spot=own)

    assert lanes.entry.read("ZH 1")["spot"]["number"] == free.number

    assert (reloaded(booking).status, reloaded(booking).spot_id) == ("active", own.pk)
    assert reloaded(other).spot_id == free.pk
    hold_due_spots(at=now() + 1.5 * HOUR)  # the first car stands on it: none is left
    assert reloaded(other).place_lost_at is not None


def test_wrong_car_that_was_taken_for_a_driver_who_had_missed_it_leaves_a_no_show():
    lanes = Lanes(spots={"regular": 2})
    spot = lanes.lot.spots.first()
    missed = {"status": "active", "missed_at": now() - HOUR}
    booking = make_reservation(lanes.lot, "ZH 1", now() - HOUR, now() + HOUR, spot=spot, **missed)
    fresh = make_reservation(lanes.lot, "ZH 2", now(), now() + HOUR, spot=Spot.objects.last(), status="active")

    for one in (booking, fresh):
        expect_again(reservation_id=one.pk)

    assert (reloaded(booking).status, reloaded(fresh).status) == ("no_show", "confirmed")


def test_walk_in_leaves_room_for_a_guest_whose_address_is_not_confirmed_yet():
    lanes = Lanes(spots={"regular": 1})
    start = now() + HOUR
    wish = BookingWish(time=BookedTime(start, start + HOUR), plate="ZH 1")
    book(lot=lanes.lot, wish=wish, email="guest@example.com", at=now())

    assert lanes.entry.read("GE 1")["reason"] == "full"
    assert lanes.entry.read("ZH 1", minute=60)["reason"] == "full"  # not before it is confirmed
