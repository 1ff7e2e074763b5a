"""Changing a booking in place, with the difference first."""

import pytest

from common.errors import DomainError, InvalidValueError
from lots.models import Lot
from reservations.booked_time import InvalidPeriodError
from reservations.limits import AlreadyBookedError, BookingLimitError
from reservations.models import Reservation
from reservations.offering import policy_of_booking
from reservations.services import (
    BookingChange,
    BookingStateError,
    NoAvailabilityError,
    cancel_booking,
    change_booking,
    hold_due_spots,
    preview_change,
)
from tests.factories import make_lot, make_reservation, make_ticket, make_user
from tests.invariants import broken
from tests.reservations.bookings import HOUR, MINUTE, NOW, booked, reloaded

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("tracking", ["spots", "levels"])


@pytest.fixture
def lot():
    return make_lot(spots={"regular": 2, "large": 1})


def change(booking: Reservation, *, at=NOW, by_operator=None, **what) -> int:
    """Change what is given, times in hours from NOW, and return the difference; the preview says the same."""
    times = {name: NOW + what.pop(name) * HOUR for name in ("start", "end") if name in what}
    wanted = BookingChange(**times, **what)
    before = reloaded(booking)
    shown = preview_change(booking=booking, change=wanted, at=at, by_operator=by_operator)
    assert vars_of(reloaded(booking)) == vars_of(before)

    changed = change_booking(booking=booking, change=wanted, at=at, by_operator=by_operator)

    after = reloaded(booking)
    assert shown.difference == changed.difference == after.price_amount - before.price_amount
    assert policy_of_booking(shown.booking) == policy_of_booking(after)
    assert broken() == []
    return changed.difference


def vars_of(booking: Reservation) -> dict[str, object]:
    return {field.attname: getattr(booking, field.attname) for field in Reservation._meta.concrete_fields}


def parked(lot: Lot, start: float = -1, end: float = 1, plate: str = "ZH 1") -> Reservation:
    """A booked car that is inside since its start, on the first free place."""
    spot = lot.spots.available().first()
    times = (NOW + start * HOUR, NOW + end * HOUR)
    booking = make_reservation(lot, plate, *times, spot=spot, status="active", driver=make_user())
    place = {"spot": spot} if spot else {"level": booking.level, "spot_type": "regular"}
    make_ticket(lot, plate, times[0], reservation=booking, **place)
    return booking


@BOTH
def test_period_is_changed_in_place_and_the_difference_is_shown_first(tracking):
    booking = booked(make_lot(spots={"regular": 1}, tracking=tracking), 24, 26)
    code = booking.code

    assert change(booking, end=27) == 300
    assert change(booking, start=25) == -300
    assert change(booking, start=30, end=31) == -300

    booking = reloaded(booking)
    assert (booking.code, booking.price_amount, booking.sequence) == (code, 300, 3)
    assert booking.cancel_free_until == NOW + 29 * HOUR


def test_same_change_again_changes_nothing(lot):
    booking = booked(lot)
    change(booking, end=27)
    assert change(booking, end=27) == 0
    assert reloaded(booking).sequence == 1


def test_type_and_particular_spot_are_changed(lot):
    booking = booked(lot)
    change(booking, spot_type="large")
    assert reloaded(booking).spot.spot_type == "large"
    change(booking, spot_type="regular", spot="R0-2")
    assert (reloaded(booking).spot.number, reloaded(booking).asked_for) == ("R0-2", True)
    change(booking, end=28)  # it keeps the spot that it asked for
    assert reloaded(booking).spot.number == "R0-2"
    change(booking, spot="")
    assert (reloaded(booking).spot.number, reloaded(booking).asked_for) == ("R0-2", False)


def test_plate_is_changed_within_the_limits_of_the_new_one(lot):
    booking = booked(lot)
    change(booking, plate="zh 77")
    assert (reloaded(booking).plate, reloaded(booking).plate_normalised) == ("ZH 77", "ZH77")

    booked(lot, plate="ZH 2", driver=booking.driver)
    with pytest.raises(AlreadyBookedError):
        change(booking, plate="ZH 2")
    for number in range(5):
        booked(make_lot(), plate="ZH 3", driver=make_user(), start=40 + number, end=41 + number)
    with pytest.raises(BookingLimitError):
        change(booking, plate="ZH 3")
    change(booking, plate="ZH 3", by_operator=make_user("attendant", booking.lot.operator))


def test_change_to_a_time_that_is_taken_is_refused_and_changes_nothing(lot):
    booked(lot, 30, 32, "ZH 2", spot="R0-1")
    booked(lot, 30, 32, "ZH 3", spot="R0-2")
    booking = booked(lot)
    before = vars_of(reloaded(booking))

    with pytest.raises(NoAvailabilityError):
        change(booking, end=31)
    with pytest.raises(NoAvailabilityError) as refusal:
        change(booking, start=30, end=31, spot="R0-2")
    assert refusal.value.errors[0].path == "spot"
    assert vars_of(reloaded(booking)) == before


@pytest.mark.parametrize(
    "times", [{"end": 24}, {"end": 24 + 30 * 24.1}, {"start": -1}, {"start": 91 * 24, "end": 92 * 24}]
)
def test_impossible_period_is_refused(lot, times):
    with pytest.raises(InvalidPeriodError):
        change(booked(lot), **times)


def test_booking_that_is_over_can_not_be_changed(lot):
    booking = cancel_booking(booking=booked(lot), at=NOW)
    with pytest.raises(BookingStateError) as refusal:
        change(booking, end=28)
    assert (refusal.value.code, refusal.value.status) == ("booking_state", 409)


def test_once_cancelling_costs_a_change_lowers_the_price_no_more_and_makes_it_no_cheaper_to_cancel(lot):
    booking = booked(lot, 24, 26)
    late = NOW + 23.5 * HOUR

    assert change(booking, start=48, end=48.5, at=late) == 0
    assert change(booking, end=52, at=late) == 600
    cancelled = cancel_booking(booking=booking, at=late)

    assert cancelled.charge.due_amount == 600


def test_driver_who_is_late_may_move_the_end_until_counted_as_a_no_show(lot):
    booking = booked(lot, 1, 2)

    assert change(booking, end=3, at=NOW + HOUR + 14 * MINUTE) == 300
    with pytest.raises(BookingStateError):
        change_booking(booking=booking, change=BookingChange(end=NOW + 4 * HOUR), at=NOW + HOUR + 15 * MINUTE)
    assert reloaded(booking).status == "no_show"


@BOTH
def test_parked_car_stays_longer_on_its_place_and_the_next_booking_moves(tracking):
    lot = make_lot(spots={"regular": 2}, tracking=tracking)
    inside = parked(lot)
    other = booked(lot, 1.5, 3, "ZH 2")
    if tracking == "spots":  # the booking after it has its place
        Reservation.objects.filter(pk=other.pk).update(spot=inside.spot)

    assert change(inside, end=2) == 300

    assert reloaded(inside).spot_id == inside.spot_id
    assert (reloaded(other).spot_id, reloaded(other).place) != (inside.spot_id, inside.place)


def test_parked_car_does_not_stay_when_another_has_asked_for_its_spot_or_none_is_left(lot):
    inside = parked(lot)
    booked(lot, 1.5, 3, "ZH 2", spot=inside.spot.number)
    with pytest.raises(NoAvailabilityError):
        change(inside, end=2)

    single = make_lot(spots={"regular": 1})
    inside = parked(single, plate="ZH 5")
    booked(single, 1.5, 3, "ZH 6")
    with pytest.raises(NoAvailabilityError):
        change(inside, end=2)
    assert change(inside, end=1.25) == 300


def test_cars_without_a_booking_keep_no_parked_car_from_staying():
    lot = make_lot(spots={"regular": 2})
    inside = parked(lot)
    make_ticket(lot, "ZH 9", NOW - HOUR)
    assert change(inside, end=5) == 1200


def test_of_a_parked_car_only_the_end_is_changed_and_only_to_later(lot):
    inside = parked(lot)
    for what in ({"start": 0.5}, {"plate": "ZH 2"}, {"spot_type": "large"}, {"spot": "R0-2"}):
        with pytest.raises(BookingStateError) as refusal:
            change(inside, **what)
        assert refusal.value.errors[0].path == next(iter(what))
    with pytest.raises(InvalidValueError):
        change(inside, end=0.5)
    assert change(inside, end=1.5, plate="zh-1", spot=inside.spot.number) == 300


def test_held_spot_is_let_go_when_the_booking_moves_away(lot):
    booking = booked(lot, 0.25, 1)
    assert hold_due_spots(at=NOW) == 1
    change(booking, start=5, end=6)
    assert not lot.spots.filter(hold=booking.pk).exists()


def test_change_that_the_engine_can_not_price_says_so(lot):
    booking = booked(lot)
    lot.tariffs.update(valid_until=(NOW + 48 * HOUR).date())
    with pytest.raises(DomainError) as refusal:
        change(booking, start=24 * 5, end=24 * 5 + 1)
    assert refusal.value.code == "no_tariff"


@BOTH
def test_car_that_can_not_stay_as_long_as_it_wants_is_told_until_when(tracking):
    lot = make_lot(spots={"regular": 2 if tracking == "spots" else 1}, tracking=tracking)
    inside = parked(lot)
    booked(lot, 5, 6, "ZH 2", **({"spot": inside.spot.number} if inside.spot else {}))

    with pytest.raises(NoAvailabilityError, match=r"until 12:45 on 2 Mar 2026") as refused:
        change(inside, end=8)

    assert [one.path for one in refused.value.errors] == ["end"]
    assert change(inside, end=4.75) > 0
    with pytest.raises(NoAvailabilityError, match="can't stay longer"):
        change(inside, end=5)
    assert broken() == []
