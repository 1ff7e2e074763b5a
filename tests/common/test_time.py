from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.time import InvalidInstantError, parse_instant, parse_wild_instant, truncate

INSTANTS = st.datetimes(timezones=st.timezones()).map(
    lambda moment: moment.replace(year=2000 + moment.year % 100, day=1)
)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-02T08:15:04+01:00",
        "2026-03-02T07:15:04Z",
        "2026-03-02t07:15:04z",
        "2026-03-02 07:15:04.999999999Z",
        "2026-03-01T21:45:04-09:30",
    ],
)
def test_instant_is_read_in_whole_seconds_of_utc(text):
    instant = parse_instant(text, path="captured_at")
    assert instant == datetime(2026, 3, 2, 7, 15, 4, tzinfo=UTC)
    assert instant.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "2026-03-02",
        "2026-03-02T08:15:04",
        "2026-03-02T08:15+01:00",
        "20260302T081504Z",
        "2026-03-02T08:15:04+0100",
        "2026-03-02T08:15:04+01",
        "2026-03-02T08:15:04+24:00",
        "2026-03-02T08:15:04Z\n",
        "2026-02-30T08:15:04Z",
        "2026-03-02T24:00:00Z",
        "٢٠٢٦-03-02T08:15:04Z",
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59",
        "1999-12-31T23:59:59Z",
        "2101-01-01T00:00:00Z",
    ],
)
def test_anything_else_is_refused_with_its_place(text):
    with pytest.raises(InvalidInstantError) as refused:
        parse_instant(text, path="captured_at")
    assert (refused.value.status, refused.value.errors[0].path) == (422, "captured_at")


@given(INSTANTS)
def test_every_instant_that_is_written_is_read_back(instant):
    assert parse_instant(instant.isoformat(), path="at") == truncate(instant).astimezone(UTC)


@pytest.mark.parametrize(
    ("text", "year"),
    [("1970-01-01T00:00:00Z", 1970), ("2094-01-01T00:00:00.5+23:59", 2093), ("0001-01-02T00:00:00+00:00", 1)],
)
def test_wild_clock_is_read(text, year):
    assert parse_wild_instant(text, path="captured_at").year == year


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_instant_beyond_the_calendar_is_none(text):
    assert parse_wild_instant(text, path="captured_at") is None


def test_fractions_order_events():
    assert parse_wild_instant("2026-03-02T07:15:04.123456789Z", path="at").microsecond == 123456
