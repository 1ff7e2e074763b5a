"""Blackouts: nothing is placed on what is closed, who stands in the way is moved or listed, gates follow."""

import pytest
from django.db import IntegrityError, transaction

from common.errors import InvalidValueError
from notifications.models import Message
from reservations.models import ActKind, Blackout, Reservation
from reservations.services import (
    BookingChange,
    ClosingPlan,
    NoAvailabilityError,
    apply_blackouts,
    book,
    cancel_booking,
    change_booking,
    hold_due_spots,
    lift_blackout,
    make_blackout,
    preview_blackout,
)
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_user
from tests.invariants import broken
from tests.reservations.bookings import HOUR, NOW, booked, reloaded, time, wish

pytestmark = pytest.mark.django_db


def close(lot, start=20, end=30, *, at=NOW, **fields):
    plan = ClosingPlan(time=time(start, end), reason="Resurfacing", **fields)
    return make_blackout(lot=lot, plan=plan, by=make_user("admin", lot.operator), at=at)


def codes(bookings):
    return [booking.code for booking in bookings]


def test_nothing_is_placed_on_what_is_closed_in_that_time():
    lot = make_lot(spots={"regular": 1, "ev": 1}, levels=2)
    ground, above = lot.levels.order_by("number")

    close(lot, level=ground)
    close(lot, 40, 50, spot_type="regular")
    close(lot, 60, 70, bays=["R0-1"])
    close(lot, 80, 90)

    assert booked(lot, 24, 26, "ZH 1").level == above
    with pytest.raises(NoAvailabilityError):
        booked(lot, 24, 26, "ZH 2")
    with pytest.raises(NoAvailabilityError):
        booked(lot, 41, 42, "ZH 3")
    assert booked(lot, 41, 42, "ZH 4", spot_type="ev").level == ground
    with pytest.raises(NoAvailabilityError):
        booked(lot, 61, 62, "ZH 5", spot="R0-1")
    assert booked(lot, 61, 62, "ZH 6").spot.number == "R1-1"
    with pytest.raises(NoAvailabilityError):
        booked(lot, 81, 82, "ZH 7", spot_type="ev")
    early = booked(lot, 17, 19, "ZH 8", spot="R0-1")
    with pytest.raises(NoAvailabilityError):
        change_booking(booking=early, change=BookingChange(end=NOW + 21 * HOUR), at=NOW)


def test_counted_places_are_fewer_while_some_are_closed():
    lot = make_lot(spots={"regular": 5}, tracking="levels")
    level = lot.levels.get()
    some = {"level": level, "spot_type": "regular"}

    first, second = (close(lot, places=2, **some).blackout for _ in range(2))

    assert [(one.first_place, one.places) for one in (first, second)] == [(4, 2), (2, 2)]
    assert booked(lot).place == 1
    with pytest.raises(NoAvailabilityError):
        booked(lot, plate="ZH 2")
    for places in (2, 9):
        with pytest.raises(InvalidValueError):
            close(lot, places=places, **some)
    with pytest.raises(InvalidValueError):
        close(lot, places=1)

    assert apply_blackouts(at=NOW + 25 * HOUR) == 1
    assert (lot.counts.get().maintenance, lot.counts.get().free) == (4, 1)
    assert apply_blackouts(at=NOW + 25 * HOUR) == 0
    lift_blackout(blackout=first, by=first.made_by, at=NOW + 26 * HOUR)
    assert lot.counts.get().maintenance == 2
    assert (apply_blackouts(at=NOW + 31 * HOUR), lot.counts.get().maintenance) == (1, 0)


def test_who_stands_in_the_way_is_moved_as_far_as_the_rule_allows_and_the_others_are_listed():
    lot = make_lot(spots={"regular": 3})
    any_one = booked(lot, 24, 26, "ZH 1")
    pinned = booked(lot, 24, 26, "ZH 2", spot="R0-2")
    lot.spots.filter(number="R0-3").update(maintenance=True)
    free = lot.spots.exclude(pk__in=[any_one.spot_id, pinned.spot_id]).get()
    lot.spots.update(maintenance=False)
    bays = [any_one.spot.number, "R0-2"]
    plan = ClosingPlan(time=time(20, 30), reason="Resurfacing", bays=bays)

    shown = preview_blackout(lot=lot, plan=plan, by=make_user("admin", lot.operator), at=NOW)
    assert (codes(shown.moved), codes(shown.left)) == ([any_one.code], [pinned.code])
    assert not Blackout.objects.exists()
    assert reloaded(any_one).spot_id == any_one.spot_id

    made = close(lot, bays=bays)

    assert (codes(made.moved), codes(made.left)) == ([any_one.code], [pinned.code])
    assert reloaded(any_one).spot == free
    assert [act.kind for act in any_one.acts.all()] == [ActKind.MOVED]
    assert reloaded(pinned).place_lost_at == NOW

    kept = close(make_lot(operator=lot.operator), 40, 50, moves=False)
    assert (kept.moved, kept.left) == ([], [])
    lift_blackout(blackout=made.blackout, by=made.blackout.made_by, at=NOW)
    assert reloaded(pinned).place_lost_at is None
    assert broken() == []


def test_held_spot_is_given_up_before_its_closure_begins():
    lot = make_lot(spots={"regular": 2})
    booking = booked(lot, 24, 26, "ZH 1", spot="R0-1")
    close(lot, 25, 30, bays=["R0-1"], moves=False)

    hold_due_spots(at=NOW + 23.6 * HOUR)

    moved = reloaded(booking)
    assert (moved.spot.number, moved.spot.hold, moved.place_lost_at) == ("R0-2", booking.pk, None)


def test_spots_are_closed_and_opened_on_time_and_what_a_person_closed_stays_closed():
    lot = make_lot(spots={"regular": 3})
    lot.spots.filter(number="R0-1").update(maintenance=True)
    close(lot, 0, 2, bays=["R0-1", "R0-2"])
    later = close(lot, 1, 4, bays=["R0-2"]).blackout

    def closed():
        return [(one.number, one.maintenance_until) for one in lot.spots.filter(status="maintenance")]

    assert closed() == [("R0-1", None), ("R0-2", NOW + 2 * HOUR)]
    assert (apply_blackouts(at=NOW + 1.5 * HOUR), apply_blackouts(at=NOW + 1.5 * HOUR)) == (1, 0)
    assert closed()[1] == ("R0-2", later.ends_at)
    # Bookings after it are placed on what is closed now.
    assert booked(lot, 24, 26, "ZH 1", spot="R0-2", at=NOW + 2 * HOUR).spot.number == "R0-2"
    assert apply_blackouts(at=NOW + 9 * HOUR) == 1
    assert closed() == [("R0-1", None)]
    assert broken() == []


def test_database_itself_refuses_a_place_that_is_closed():
    lot = make_lot(spots={"regular": 2})
    booking = booked(lot, 40, 42)
    close(lot, 20, 30)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.filter(pk=booking.pk).update(during=(NOW + 24 * HOUR, NOW + 26 * HOUR))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tracking", ["spots", "levels"])
def test_closure_and_bookings_at_once_leave_nobody_on_a_closed_place_unnoticed(tracking):
    lot = make_lot(spots={"regular": 4}, tracking=tracking, levels=2)
    level, by = lot.levels.first(), make_user("admin", lot.operator)
    drivers = [make_user() for _ in range(12)]
    plan = ClosingPlan(time=time(20, 30), reason="Event", level=level)
    calls = [lambda n=n: book(lot=lot, wish=wish(plate=f"ZH {n}"), driver=drivers[n], at=NOW) for n in range(12)]
    calls.insert(6, lambda: make_blackout(lot=lot, plan=plan, by=by, at=NOW))

    results = codes_at_once(calls)

    made = next(one for one in results if not isinstance(one, str | Reservation))
    live = list(Reservation.objects.live())
    there = {booking.pk for booking in live if booking.level_id == level.pk}
    assert there == {booking.pk for booking in made.left}
    assert len(live) == results.count("no_availability") * 0 + len([r for r in results if isinstance(r, Reservation)])
    assert 4 <= len(live) == 12 - results.count("no_availability")
    assert broken() == []


def test_counted_booking_that_was_left_in_the_way_gets_a_place_that_is_free_again_before_it_starts():
    lot = make_lot(spots={"regular": 2}, tracking="levels")
    first, second = booked(lot, plate="ZH 1"), booked(lot, plate="ZH 2")
    left = close(lot, level=lot.levels.get(), spot_type="regular", places=1).left
    assert [one.code for one in left] == [second.code]
    assert [hold_due_spots(at=NOW + hours * HOUR) for hours in (1, 23.7)] == [0, 0]
    cancel_booking(booking=first, at=NOW + 23.7 * HOUR)

    assert [hold_due_spots(at=NOW + hours * HOUR) for hours in (23.4, 23.7, 23.8)] == [0, 1, 0]

    again = reloaded(second)
    assert (again.place, again.place_lost_at, again.sequence) == (1, None, second.sequence + 1)
    assert Message.objects.filter(template="booking_moved", key__contains=second.code).count() == 1
    assert broken() == []
