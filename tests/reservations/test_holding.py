"""Holding spots before the start, and moving bookings whose spot is taken."""

import pytest

from lots.models import Lot, Spot
from reservations.free_places import load_stock
from reservations.models import Reservation
from reservations.placing import Period
from reservations.services import hold_due_spots, mark_no_shows
from tests.factories import make_lot, make_reservation, make_ticket
from tests.invariants import broken
from tests.reservations.bookings import HOUR, MINUTE, NOW, booked, reloaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    return make_lot(spots={"regular": 2})


def held(lot: Lot) -> dict[str, int | None]:
    return dict(lot.spots.values_list("number", "hold"))


def taken(lot: Lot, spot: Spot) -> None:
    """Let a car without a booking stand there."""
    make_ticket(lot, f"GE {spot.pk}", NOW - HOUR, spot=spot)


def test_spot_is_held_from_the_lots_minutes_before_the_start_once(lot):
    booking = booked(lot, 1, 2)
    assert hold_due_spots(at=NOW + 29 * MINUTE) == 0
    assert [hold_due_spots(at=NOW + 30 * MINUTE) for _ in range(2)] == [1, 0]
    assert held(lot)[reloaded(booking).spot.number] == booking.pk
    assert broken() == []


def test_run_that_was_missed_is_caught_up_until_the_driver_counts_as_missing(lot):
    booked(lot, 1, 2)
    assert hold_due_spots(at=NOW + HOUR + 14 * MINUTE) == 1
    late = booked(lot, 1, 2, "ZH 2")
    assert hold_due_spots(at=NOW + HOUR + 15 * MINUTE) == 0
    assert mark_no_shows(at=NOW + HOUR + 15 * MINUTE) == 2
    assert hold_due_spots(at=NOW + HOUR + 16 * MINUTE) == 0
    assert reloaded(late).status == "no_show"
    assert not lot.spots.exclude(hold=None).exists()


def test_booking_moves_when_a_car_stands_on_its_spot(lot):
    booking = booked(lot, 4, 5)
    taken(lot, booking.spot)

    assert hold_due_spots(at=NOW + 3.5 * HOUR) == 1
    moved = reloaded(booking)
    assert moved.spot_id != booking.spot_id
    assert held(lot)[moved.spot.number] == booking.pk


@pytest.mark.parametrize("state", [{"maintenance": True}, {"observed_occupied": True}], ids=["maintenance", "seen"])
def test_booking_moves_from_a_spot_that_is_out_of_use_or_seen_as_taken(lot, state):
    booking = booked(lot, 4, 5)
    Spot.objects.filter(pk=booking.spot_id).update(**state)
    assert hold_due_spots(at=NOW + 3.5 * HOUR) == 1
    assert reloaded(booking).spot_id != booking.spot_id


def test_spot_of_the_booking_before_is_waited_for_and_left_when_that_car_overstays(lot):
    before = booked(lot, 1, 4)
    spot = before.spot
    after = booked(lot, 4.25, 6, "ZH 2", spot=spot.number)
    Reservation.objects.filter(pk=before.pk).update(status="active")
    make_ticket(lot, "ZH 1", NOW + HOUR, spot=spot, reservation=before)

    assert hold_due_spots(at=NOW + 3.8 * HOUR) == 0
    assert reloaded(after).spot_id == spot.pk
    assert hold_due_spots(at=NOW + 4.05 * HOUR) == 1
    assert reloaded(after).spot_id != spot.pk
    assert broken() == []


def test_booking_is_told_as_soon_as_the_car_before_overstays_the_last_spot(lot):
    before = booked(lot, 1, 4)
    after = booked(lot, 4.25, 6, "ZH 2", spot=before.spot.number)
    Reservation.objects.filter(pk=before.pk).update(status="active")
    make_ticket(lot, "ZH 1", NOW + HOUR, spot=before.spot, reservation=before)
    taken(lot, lot.spots.exclude(pk=before.spot_id).get())
    wanted = Period(NOW + 4.25 * HOUR, NOW + 6.25 * HOUR)

    assert hold_due_spots(at=NOW + 4 * HOUR - MINUTE) == 0
    assert reloaded(after).place_lost_at is None
    overstays = NOW + 4 * HOUR + MINUTE
    assert hold_due_spots(at=overstays) == 0
    assert reloaded(after).place_lost_at == overstays
    stock = load_stock(lot, "regular", wanted, at=overstays, without=after)
    assert (stock.room(wanted), stock.free_place(wanted)) == (0, None)


def test_booking_that_finds_no_spot_is_marked_and_tried_again(lot):
    booking = booked(lot, 4, 5)
    for spot in lot.spots.all():
        taken(lot, spot)
    lost = NOW + 3.5 * HOUR

    assert hold_due_spots(at=lost) == 0
    assert hold_due_spots(at=lost + MINUTE) == 0
    assert reloaded(booking).place_lost_at == lost

    lot.tickets.first().delete()
    assert hold_due_spots(at=lost + 2 * MINUTE) == 1
    assert reloaded(booking).place_lost_at is None


def test_others_move_for_a_booking_whose_spot_is_taken():
    lot = make_lot(spots={"regular": 3})
    first, second, third = lot.spots.all()
    for plate, start, end, spot in (("ZH 2", 4.5, 9, second), ("ZH 3", 7, 9, third)):
        make_reservation(lot, plate, NOW + start * HOUR, NOW + end * HOUR, spot=spot)
    booking = make_reservation(lot, "ZH 1", NOW + 4 * HOUR, NOW + 8 * HOUR, spot=first)
    taken(lot, first)

    assert hold_due_spots(at=NOW + 3.5 * HOUR) == 0
    assert reloaded(booking).place_lost_at is not None  # three bookings, two spots

    Reservation.objects.filter(plate="ZH 3").update(starts_at=NOW + 24 * HOUR, ends_at=NOW + 25 * HOUR)
    Reservation.objects.filter(plate="ZH 3").update(during=(NOW + 24 * HOUR, NOW + 25 * HOUR))
    assert hold_due_spots(at=NOW + 3.6 * HOUR) == 1
    assert broken() == []


def test_counted_lot_has_nothing_to_hold():
    lot = make_lot(tracking="levels")
    booked(lot, 1, 2)
    assert hold_due_spots(at=NOW + HOUR) == 0
