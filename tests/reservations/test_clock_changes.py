"""Bookings across a change of the clock, in lots of several zones: they last and cost what has really passed."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from devices.keys import find_device
from gates.reads.body import ReadBody, read_of
from gates.services import answer_read
from lots.models import Gate, Lot
from reservations.booked_time import BookedTime
from reservations.offering import offer_booking, policy_of_booking
from reservations.services import BookingChange, BookingWish, book, change_booking, hold_due_spots
from tests.factories import make_device, make_gate, make_lot, make_user
from tests.invariants import broken
from tests.reservations.bookings import HOUR, MINUTE, reloaded

pytestmark = pytest.mark.django_db
TOKYO = ZoneInfo("Asia/Tokyo")
"""The driver's own zone, which matters nowhere."""
# The zone, the evening before the change, and how many hours pass until six in the morning after it.
CHANGES = [
    ("Europe/Zurich", (2026, 3, 28), 7),
    ("Europe/Zurich", (2026, 10, 24), 9),
    ("America/New_York", (2026, 3, 7), 7),
    ("America/New_York", (2026, 10, 31), 9),
    ("Australia/Lord_Howe", (2026, 4, 4), 8.5),  # by half an hour
    ("Asia/Kolkata", (2026, 3, 28), 8),  # never
]


def test_booking_across_a_change_of_the_clock_costs_what_has_really_passed():
    for number, (name, evening, hours) in enumerate(CHANGES):
        plate = f"ZH {number}"
        zone = ZoneInfo(name)
        lot = make_lot(timezone=name, spots={"regular": 1})
        start = dt.datetime(*evening, 22, tzinfo=zone)
        local = BookedTime(start, (start + 8 * HOUR).replace(fold=1))  # six o'clock: wall time is added
        assert (local.end.hour, local.end.astimezone(dt.UTC) - start.astimezone(dt.UTC)) == (6, hours * HOUR)
        typed = BookedTime(*(one.astimezone(TOKYO) for one in local))
        price = -int(-hours // 1) * 300

        offer = offer_booking(lot, "regular", typed, at=start.astimezone(dt.UTC) - 30 * HOUR)
        booking = book(
            lot=lot,
            wish=BookingWish(time=typed, plate=plate),
            driver=make_user(),
            at=start.astimezone(dt.UTC) - 30 * HOUR,
        )

        assert offer.price.total == booking.price_amount == price
        assert policy_of_booking(reloaded(booking)) == offer.policy
        assert offer.policy.cancel_free_until == start.astimezone(dt.UTC) - HOUR
        assert stay(lot, plate, local) == price


def stay(lot: Lot, plate: str, local: BookedTime) -> int:
    """Come on time, leave within the grace after the booked end, and return the fee."""
    start, end = (one.astimezone(dt.UTC) for one in local)
    entry, exit_ = make_gate(lot, "entry"), make_gate(lot, "exit")
    device = find_device(make_device(entry, kind="edge")[1])
    hold_due_spots(at=start - 20 * MINUTE)
    assert read(device, entry, plate, start)["reason"] == "reservation"
    return read(device, exit_, plate, end + 9 * MINUTE)["fee"]["amount"]


def read(device: Any, gate: Gate, plate: str, at: dt.datetime) -> dict[str, Any]:
    body = ReadBody(event_id=uuid.uuid4(), plate=plate, confidence=0.95, captured_at=at.isoformat())
    return answer_read(device=device, code=gate.code, read=read_of(body), received_at=at)


def test_booking_is_extended_across_the_change_and_the_hour_that_is_shown_twice_is_paid_twice():
    lot, zone = make_lot(), ZoneInfo("Europe/Zurich")
    start = dt.datetime(2026, 10, 25, 0, tzinfo=zone).astimezone(dt.UTC)
    booking = book(
        lot=lot, wish=BookingWish(time=BookedTime(start, start + 2 * HOUR), plate="ZH 1"), driver=make_user(), at=start
    )

    changed = change_booking(booking=booking, change=BookingChange(end=start + 4 * HOUR), at=start)

    assert changed.booking.ends_at.astimezone(zone).hour == 3  # from midnight to three on the wall
    assert (changed.difference, changed.booking.price_amount) == (600, 1200)
    assert broken() == []
