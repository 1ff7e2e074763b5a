"""A pass that ends, or is stopped, while the car is inside: priced from then on, to the second."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from billing.pricing import PassHours, covers_at, parse_rules, price_outside_pass, price_stay
from billing.pricing.windows import Window
from tests.factories import HOURLY

ZONES = [ZoneInfo(name) for name in ("Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo")]
BY_SECOND = parse_rules(
    HOURLY
    | {
        "grace_minutes": 0,
        "plans": [
            {
                "name": "By the second",
                "bands": [{"from": "00:00", "to": "24:00", "price": 3600, "increment_minutes": 60, "prorata": True}],
            }
        ],
    }
)
# The nights on which the clocks change in these zones, and others.
LAST_DAYS = st.sampled_from(
    [
        *("2026-03-28", "2026-03-29", "2026-10-24", "2026-10-25", "2026-03-07", "2026-03-08", "2026-10-31"),
        *("2026-11-01", "2026-04-04", "2026-04-05", "2026-10-03", "2026-10-04", "2018-11-03", "2026-06-15"),
    ]
).map(dt.date.fromisoformat)
SECONDS = st.integers(0, 3 * 86400)


def midnight_after(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The first instant of the next day, by counting: local midnight may not exist."""
    instant = dt.datetime.combine(day, dt.time(12), zone).astimezone(dt.UTC)
    while instant.astimezone(zone).date() <= day:
        instant += dt.timedelta(seconds=900)
    return instant


def price(zone: ZoneInfo, hours: PassHours, entry: dt.datetime, left: dt.datetime) -> int:
    terms = {"entry": entry, "exit": left, "spot_type": "regular", "timezone": zone}
    return price_outside_pass(BY_SECOND, hours=hours, **terms).total


@given(st.sampled_from(ZONES), LAST_DAYS, SECONDS, SECONDS)
def test_pass_that_ends_at_midnight_is_priced_from_then_on_to_the_second(zone, last_day, before, after):
    ends = midnight_after(last_day, zone)
    entry, left = ends - dt.timedelta(seconds=before), ends + dt.timedelta(seconds=after)
    hours = PassHours(last_date=last_day)

    alone = price_stay(BY_SECOND, entry=ends, exit=left, spot_type="regular", timezone=zone, grace=False)
    assert price(zone, hours, entry, left) == alone.total
    assert abs(alone.total - after) <= 1 + after // 86400  # a period's sum is rounded once
    assert covers_at(hours, ends - dt.timedelta(seconds=1), timezone=zone)
    assert not covers_at(hours, ends, timezone=zone)


@given(st.sampled_from(ZONES), LAST_DAYS, SECONDS, SECONDS)
def test_pass_that_is_stopped_covers_until_then(zone, last_day, before, after):
    stopped = dt.datetime.combine(last_day, dt.time(15, 7, 11), zone).astimezone(dt.UTC)
    entry, left = stopped - dt.timedelta(seconds=before), stopped + dt.timedelta(seconds=after)
    hours = PassHours(until=stopped)

    alone = price_stay(BY_SECOND, entry=stopped, exit=left, spot_type="regular", timezone=zone, grace=False)
    assert price(zone, hours, entry, left) == alone.total
    assert price(zone, hours, left, left + dt.timedelta(hours=1)) == 3600


WINDOWS = st.builds(Window, st.integers(0, 1439), st.integers(0, 1440))


@given(st.sampled_from(ZONES), LAST_DAYS, SECONDS, WINDOWS, st.integers(1, 86400 * 2))
def test_instant_is_covered_exactly_when_a_second_there_costs_nothing(zone, day, offset, window, length):
    entry = dt.datetime.combine(day, dt.time(0, 0), zone).astimezone(dt.UTC) + dt.timedelta(seconds=offset)
    hours = PassHours(window=window, last_date=day, until=entry + dt.timedelta(seconds=length))

    costs = price(zone, hours, entry, entry + dt.timedelta(seconds=1)) > 0
    assert covers_at(hours, entry, timezone=zone) == (not costs)
