"""Many drivers want the last places at once: what fits is booked, everybody else is refused."""

import random

import pytest
from django.db import connection
from django.db.utils import DatabaseError

from lots.models import Lot
from reservations.models import Reservation
from reservations.services import (
    NoAvailabilityError,
    booking,
    cancel_booking,
    confirm_address,
    lapse_unconfirmed,
    mark_no_shows,
)
from tests.at_once import at_once, codes_at_once, meeting
from tests.factories import make_lot, make_user
from tests.invariants import broken
from tests.reservations.bookings import HOUR, NOW, booked, reloaded

pytestmark = pytest.mark.django_db(transaction=True)
DRIVERS, PLACES = 40, 5
CONNECTIONS = 100
"""As many drivers call at one instant; the database has no connections for 500 of them."""
FEW_AND_MANY = pytest.mark.parametrize(
    ("drivers", "places"), [(DRIVERS, PLACES), pytest.param(500, 20, marks=pytest.mark.proof)], ids=["few", "many"]
)
BOTH = pytest.mark.parametrize("tracking", ["spots", "levels"])
CONSTRAINTS = ("reservation_spot_never_double_booked", "reservation_place_never_double_booked")


def race(lot: Lot, drivers: int = DRIVERS) -> list[object]:
    """Let all drivers book overlapping periods at the same moment; return the codes of refusals, and the bookings."""
    draw = random.Random(1)
    people = [make_user() for _ in range(drivers)]
    times = [(24 + draw.random(), 26 + draw.random()) for _ in people]

    def call(number: int) -> object:
        try:
            return booked(lot, *times[number], f"ZH {number}", driver=people[number])
        except NoAvailabilityError as error:
            return error.code

    def calls(first: int) -> list[object]:
        return [call(number) for number in range(first, drivers, CONNECTIONS)]

    at_a_time = codes_at_once([lambda first=first: calls(first) for first in range(min(drivers, CONNECTIONS))])
    return [result for results in at_a_time for result in results]


@pytest.fixture
def unlocked(monkeypatch, settings):
    """Take the lot's lock away from who books."""
    settings.ASSERT_LOCKS = False
    monkeypatch.setattr("reservations.services.booking.lock_lot", lambda _lot_id: None)


@pytest.fixture
def unconstrained():
    """Take the database's own check away."""
    with connection.cursor() as cursor:
        found = {}
        for name in CONSTRAINTS:
            cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
            found[name] = cursor.fetchone()[0]
            cursor.execute(f"ALTER TABLE reservations_reservation DROP CONSTRAINT {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reservations_reservation")
        for name, definition in found.items():
            cursor.execute(f"ALTER TABLE reservations_reservation ADD CONSTRAINT {name} {definition}")


@BOTH
@FEW_AND_MANY
@pytest.mark.usefixtures("unlocked", "unconstrained")
def test_places_are_promised_twice_without_the_lock_and_the_constraint(tracking, drivers, places, monkeypatch):
    lot = make_lot(spots={"regular": places}, tracking=tracking)
    monkeypatch.setattr(booking, "_write", meeting(booking._write, min(drivers, CONNECTIONS)))

    race(lot, drivers)

    assert Reservation.objects.count() > places
    assert any(line.startswith("reservations_never_overlap") for line in broken())


@BOTH
@pytest.mark.usefixtures("unlocked")
def test_constraint_alone_lets_nobody_have_a_place_of_another(tracking):
    lot = make_lot(spots={"regular": PLACES}, tracking=tracking)
    people = [make_user() for _ in range(8)]

    # Two who insert at the same moment may wait for each other until the database ends one of them.
    calls = [lambda number=number: booked(lot, plate=f"ZH {number}", driver=people[number]) for number in range(8)]
    results = at_once(calls)

    refused = [one for one in results if isinstance(one, Exception)]
    assert all(getattr(one, "code", "") == "no_availability" or isinstance(one, DatabaseError) for one in refused)
    assert 1 <= Reservation.objects.count() <= PLACES
    assert broken() == []


@BOTH
@pytest.mark.usefixtures("unconstrained")
def test_lock_alone_books_exactly_what_fits(tracking):
    lot = make_lot(spots={"regular": PLACES}, tracking=tracking)

    assert race(lot).count("no_availability") == DRIVERS - PLACES
    assert broken() == []


@BOTH
@FEW_AND_MANY
def test_drivers_who_race_for_the_last_places_get_exactly_these(tracking, drivers, places):
    lot = make_lot(spots={"regular": places}, tracking=tracking)

    results = race(lot, drivers)

    assert results.count("no_availability") == drivers - places
    assert sum(isinstance(one, Reservation) for one in results) == places
    assert broken() == []


def test_one_person_gets_no_more_than_five_by_booking_in_many_lots_at_once():
    driver, lots = make_user(), [make_lot() for _ in range(12)]

    calls = [lambda lot=lot: booked(lot, driver=driver, plate=f"ZH {lot.pk}") for lot in lots]
    results = codes_at_once(calls)

    assert results.count("booking_limit") == len(lots) - 5
    assert Reservation.objects.count() == 5


def test_same_key_at_once_books_once():
    lot, driver = make_lot(spots={"regular": 9}), make_user()
    results = codes_at_once([lambda: booked(lot, driver=driver, idempotency_key="a key") for _ in range(8)])
    assert len({one.pk for one in results}) == 1
    assert Reservation.objects.count() == 1


def test_cancelling_twice_and_counting_as_a_no_show_at_once_charges_once():
    lot = make_lot()
    booking = booked(lot, 1, 2)
    late = NOW + 1.3 * HOUR
    calls = [lambda: cancel_booking(booking=booking, at=late), lambda: mark_no_shows(at=late)] * 4

    codes_at_once(calls)

    assert reloaded(booking).status == "no_show"
    assert reloaded(booking).charge.due_amount == 300
    assert broken() == []


def test_guest_who_confirms_at_the_last_moment_has_a_booking_or_none():
    lot = make_lot()
    booking = booked(lot, email="guest@example.com")
    late = NOW + HOUR

    confirmed, lapsed = codes_at_once(
        [lambda: confirm_address(booking=booking, at=late), lambda: lapse_unconfirmed(at=late)]
    )

    assert (confirmed == "booking_state") == (lapsed == 1)
    assert reloaded(booking).status == ("lapsed" if lapsed else "confirmed")
