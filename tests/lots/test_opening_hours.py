from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lots.opening_hours import DAYS, OpeningHoursError, describe, is_open, next_change, parse_opening_hours

ZONE = ZoneInfo("Europe/Zurich")
GARAGE = parse_opening_hours({"mon-fri": "06:00-24:00", "sat": "08:00-22:00", "sun,holiday": "closed"})
BAR = parse_opening_hours({"fri-sat": "18:00-03:00", "mon": "06:00-12:00, 13:00-20:00"})


def at(day: int, clock: str) -> datetime:
    """A moment of March 2026, whose second day is a Monday."""
    return datetime.combine(date(2026, 3, day), time.fromisoformat(clock), tzinfo=ZONE)


def no_holiday(_day: date) -> bool:
    return False


def third_of_march(day: date) -> bool:
    return day == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("hours", "moment", "opened"),
    [
        (GARAGE, at(2, "05:59"), False),
        (GARAGE, at(2, "06:00"), True),
        (GARAGE, at(2, "23:59"), True),
        (GARAGE, at(3, "12:00"), False),  # the holiday
        (GARAGE, at(7, "22:00"), False),
        (GARAGE, at(8, "12:00"), False),
        (BAR, at(2, "11:59"), True),
        (BAR, at(2, "12:30"), False),
        (BAR, at(6, "17:59"), False),
        (BAR, at(7, "02:59"), True),
        (BAR, at(7, "03:00"), False),
        (BAR, at(8, "02:59"), True),  # Saturday's hours
        (BAR, at(9, "02:59"), False),
    ],
)
def test_hours_hold_the_local_time(hours, moment, opened):
    assert is_open(hours, moment, third_of_march) is opened


def test_unnamed_holiday_counts_as_its_weekday():
    hours = parse_opening_hours({"tue": "10:00-11:00"})
    assert is_open(hours, at(3, "10:30"), third_of_march)


def test_no_hours_are_always_open():
    hours = parse_opening_hours({})
    assert is_open(hours, at(8, "03:00"), no_holiday)
    assert next_change(hours, at(8, "03:00"), no_holiday) is None
    assert describe(hours) == (("Every day", "open 24 hours"),)


def test_same_time_twice_is_a_whole_day_from_then():
    hours = parse_opening_hours({"mon": "06:00-06:00"})
    assert is_open(hours, at(3, "05:59"), no_holiday)
    assert not is_open(hours, at(3, "06:00"), no_holiday)


def test_days_may_span_the_weeks_end():
    hours = parse_opening_hours({"sat-mon": "08:00-10:00"})
    assert set(hours.days) == {"sat", "sun", "mon"}


@pytest.mark.parametrize(
    ("hours", "moment", "change"),
    [
        (GARAGE, at(2, "05:00"), at(2, "06:00")),
        (GARAGE, at(2, "12:00"), at(3, "00:00")),  # the holiday is closed
        (GARAGE, at(3, "12:00"), at(4, "06:00")),
        (GARAGE, at(7, "23:00"), at(9, "06:00")),
        (BAR, at(6, "20:00"), at(7, "03:00")),
        (BAR, at(2, "12:00"), at(2, "13:00")),
    ],
)
def test_next_change_is_when_it_opens_or_closes(hours, moment, change):
    assert next_change(hours, moment, third_of_march) == change


def test_hours_that_touch_are_no_change():
    hours = parse_opening_hours({"mon-sun": "00:00-24:00"})
    assert next_change(hours, at(2, "12:00"), no_holiday) is None


def test_hours_are_described_by_runs_of_days():
    assert describe(GARAGE) == (
        ("Mon–Fri", "06:00–24:00"),
        ("Sat", "08:00–22:00"),
        ("Sun", "closed"),
        ("Holidays", "closed"),
    )
    assert describe(parse_opening_hours({"mon-sun": "06:00-12:00,22:00-02:00"})) == (
        ("Every day", "06:00–12:00, 22:00–02:00"),
    )
    assert describe(parse_opening_hours({"sat": "00:00-24:00"}))[1] == ("Sat", "open 24 hours")


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ([], "opening_hours"),
        (None, "opening_hours"),
        ({"monday": "06:00-24:00"}, "opening_hours.monday"),
        ({"mon-xyz": "06:00-24:00"}, "opening_hours.mon-xyz"),
        ({"mon-": "06:00-24:00"}, "opening_hours.mon-"),
        ({"": "closed"}, "opening_hours."),
        ({"holiday-mon": "closed"}, "opening_hours.holiday-mon"),
        ({"mon": "6-24"}, "opening_hours.mon"),
        ({"mon": "06:00-25:00"}, "opening_hours.mon"),
        ({"mon": "24:00-06:00"}, "opening_hours.mon"),
        ({"mon": "06:60-07:00"}, "opening_hours.mon"),
        ({"mon": ""}, "opening_hours.mon"),
        ({"mon": 6}, "opening_hours.mon"),
        ({"mon": None}, "opening_hours.mon"),
        ({"mon": "06:00-12:00,11:00-13:00"}, "opening_hours.mon"),
        ({"mon-wed": "closed", "tue": "06:00-07:00"}, "opening_hours.tue"),
        ({"mon,mon": "closed"}, "opening_hours.mon,mon"),
    ],
)
def test_wrong_hours_are_refused_with_their_place(data, path):
    with pytest.raises(OpeningHoursError) as refused:
        parse_opening_hours(data)
    assert [error.path for error in refused.value.errors] == [path]


def test_all_wrong_places_are_named_at_once():
    with pytest.raises(OpeningHoursError) as refused:
        parse_opening_hours({"mon": "x", "tue": "y", "wed": "closed"}, path="lots[0].opening_hours")
    assert [error.path for error in refused.value.errors] == ["lots[0].opening_hours.mon", "lots[0].opening_hours.tue"]


CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
HOURS = st.dictionaries(
    st.sampled_from([*DAYS, "holiday"]), st.just("closed") | st.builds("{}-{}".format, CLOCKS, CLOCKS)
).map(parse_opening_hours)


@given(HOURS, st.integers(0, 7 * 24 * 60 - 1))
def test_nothing_changes_before_the_next_change(hours, minute):
    moment = at(2, "00:00") + timedelta(minutes=minute)
    change = next_change(hours, moment, third_of_march)
    opened = is_open(hours, moment, third_of_march)
    if change is None:
        return
    assert is_open(hours, change, third_of_march) is not opened
    between = min(change, moment + timedelta(days=2)) - moment
    for part in range(20):
        assert is_open(hours, moment + between * part / 20, third_of_march) is opened
