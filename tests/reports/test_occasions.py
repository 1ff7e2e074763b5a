"""When an hour of the day comes: clocks put forward and back, odd offsets, and the date line."""

import datetime as dt

import pytest

from reports.occasions import DueTime, Planned, occasion_of

NINE = DueTime(dt.time(9))
TEN_ON_THE_FIRST = DueTime(dt.time(10), monthly=True)
HALF_PAST_TWO = DueTime(dt.time(2, 30))


def utc(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC)


def days(due, zone, at, count=2):
    found = due.backwards(zone, at)
    return [next(found) for _ in range(count)]


@pytest.mark.parametrize(
    ("due", "zone", "day", "instant"),
    [
        (NINE, "Europe/Zurich", (2026, 3, 28), utc(2026, 3, 28, 8)),
        (NINE, "Europe/Zurich", (2026, 3, 29), utc(2026, 3, 29, 7)),
        (NINE, "Asia/Kolkata", (2026, 3, 29), utc(2026, 3, 29, 3, 30)),
        (NINE, "Asia/Kathmandu", (2026, 3, 29), utc(2026, 3, 29, 3, 15)),
        (NINE, "Australia/Lord_Howe", (2026, 4, 5), utc(2026, 4, 4, 22, 30)),
        (NINE, "Pacific/Kiritimati", (2026, 3, 29), utc(2026, 3, 28, 19)),
        (NINE, "Pacific/Pago_Pago", (2026, 3, 29), utc(2026, 3, 29, 20)),
        # The clock goes from 02:00 to 03:00: there is no 02:30.
        (HALF_PAST_TWO, "Europe/Zurich", (2026, 3, 29), utc(2026, 3, 29, 1, 30)),
        # And from 03:00 to 02:00: the first of both.
        (HALF_PAST_TWO, "Europe/Zurich", (2026, 10, 25), utc(2026, 10, 25, 0, 30)),
        # Samoa crossed the date line and had no 30 December.
        (NINE, "Pacific/Apia", (2011, 12, 29), utc(2011, 12, 29, 19)),
        (NINE, "Pacific/Apia", (2011, 12, 30), None),
        (NINE, "Pacific/Apia", (2011, 12, 31), utc(2011, 12, 30, 19)),
    ],
)
def test_hour_comes_once_a_day(due, zone, day, instant):
    assert due.instant(dt.date(*day), zone) == instant


def test_days_go_backwards_from_the_latest_whose_hour_has_come():
    assert days(NINE, "Europe/Zurich", utc(2026, 3, 29, 7)) == [
        (dt.date(2026, 3, 29), utc(2026, 3, 29, 7)),
        (dt.date(2026, 3, 28), utc(2026, 3, 28, 8)),
    ]
    assert days(NINE, "Europe/Zurich", utc(2026, 3, 29, 6, 59))[0][0] == dt.date(2026, 3, 28)
    assert [day.day for day, _ in days(NINE, "Pacific/Apia", utc(2011, 12, 31))] == [31, 29]


def test_months_go_backwards_by_their_first():
    assert [day for day, _ in days(TEN_ON_THE_FIRST, "America/New_York", utc(2026, 1, 1, 15), 3)] == [
        dt.date(2026, 1, 1),
        dt.date(2025, 12, 1),
        dt.date(2025, 11, 1),
    ]
    assert days(TEN_ON_THE_FIRST, "America/New_York", utc(2026, 1, 1, 14, 59))[0][0] == dt.date(2025, 12, 1)


def test_occasion_of_the_first_tells_of_the_month_before():
    planned = Planned("reports", "Reports", TEN_ON_THE_FIRST, lambda *_: [])
    begins = utc(2026, 1, 1, 9)

    occasion = occasion_of(planned, zone="Europe/Zurich", day=dt.date(2026, 1, 1), begins_at=begins)

    assert (occasion.month, occasion.due_at) == (dt.date(2025, 12, 1), begins)
    assert occasion.expires_at == begins + dt.timedelta(hours=24)
