"""What is free through a day, by the hour of the lot's clock."""

import datetime as dt

import pytest

from reservations.booked_time import BookedTime
from reservations.day_strip import free_through_day, hours_of
from reservations.services import BookingWish, book
from tests.factories import make_lot, make_ticket, make_user
from tests.reservations.bookings import HOUR, MINUTE, NOW, booked

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ((2026, 3, 28), "Europe/Zurich", 24),
        ((2026, 3, 29), "Europe/Zurich", 23),
        ((2026, 10, 25), "Europe/Zurich", 25),
        ((2026, 11, 1), "America/New_York", 25),
    ],
)
def test_days_on_which_the_clock_changes_have_23_or_25_hours(day, zone, hours):
    found = hours_of(make_lot(timezone=zone), dt.date(*day))

    assert len(found) == hours
    assert {end.astimezone(dt.UTC) - start.astimezone(dt.UTC) for start, end in found} == {HOUR}
    assert (found[0].start.hour, found[-1].end.hour) == (0, 0)
    local = [start.hour for start, _end in found]
    assert (local.count(2), sum(start.fold for start, _end in found)) == {23: (0, 0), 24: (1, 0)}.get(
        hours, (1 if zone.startswith("America") else 2, 1)
    )


def test_each_hour_counts_what_is_free_all_of_it(django_assert_num_queries):
    lot = make_lot(spots={"regular": 3, "ev": 1}, turnaround_minutes=15)
    booked(lot, 24, 26)
    booked(lot, 24.5, 25, "ZH 2")
    day = (NOW + 24 * HOUR).date()

    with django_assert_num_queries(2):
        hours = free_through_day(lot, "regular", day, at=NOW)

    # 07:00 UTC is 08:00 in Zürich; the turnaround reaches into the hour after the end.
    assert [hour.free for hour in hours] == [3] * 8 + [1, 1, 2] + [3] * 13
    assert {hour.free for hour in free_through_day(lot, "ev", day, at=NOW)} == {1}


def test_today_counts_the_cars_that_stand_now_only_for_the_next_hours():
    lot = make_lot(spots={"regular": 2})
    make_ticket(lot, "GE 1", NOW - HOUR)

    hours = free_through_day(lot, "regular", NOW.date(), at=NOW + 30 * MINUTE)

    assert [hour.free for hour in hours[:12]] == [0] * 8 + [1] * 4  # past, then within three hours
    assert {hour.free for hour in hours[12:]} == {2}


def test_a_booking_across_the_change_of_the_clock_fills_its_real_hours():
    lot = make_lot(spots={"regular": 1})
    start = dt.datetime(2026, 10, 24, 23, tzinfo=dt.UTC)  # 01:00, then two o'clock comes twice
    wish = BookingWish(time=BookedTime(start, start + 2 * HOUR + 45 * MINUTE), plate="ZH 1")
    book(lot=lot, wish=wish, driver=make_user(), at=start - 24 * HOUR)

    hours = free_through_day(lot, "regular", dt.date(2026, 10, 25), at=start - 24 * HOUR)

    assert [(hour.start.hour, hour.is_again) for hour in hours if not hour.free] == [(1, False), (2, False), (2, True)]
