"""What must hold for every tariff."""

import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.pricing import parse_rules, price_stay
from tests.billing.pricing.reference import Reference
from tests.billing.pricing.strategies import discounts, multipliers, stays, tariffs

quick = settings(max_examples=120, suppress_health_check=list(HealthCheck))
ALL_DAY = {"from": "00:00", "to": "24:00"}


def priced(data, zone, entry, exit_, **rest):
    return price_stay(
        parse_rules(data),
        entry=datetime.fromtimestamp(entry, UTC),
        exit=datetime.fromtimestamp(exit_, UTC),
        spot_type="regular",
        timezone=zone,
        **rest,
    )


@quick
@given(tariffs(), stays(), multipliers, discounts)
def test_price_is_never_negative_and_is_the_sum_of_its_lines(data, stay, multiplier, given_discounts):
    price = priced(data, *stay, multiplier=Decimal(multiplier), discounts=given_discounts)
    assert price.total >= price.tax >= 0
    assert sum(line.amount for line in price.lines) == price.total


@quick
@given(tariffs(with_packages=False), stays(), st.integers(0, 200_000), multipliers, discounts)
def test_price_never_falls_with_a_later_exit(data, stay, seconds_later, multiplier, given_discounts):
    zone, entry, exit_ = stay
    rest = {"multiplier": Decimal(multiplier), "discounts": given_discounts}
    assert (
        priced(data, zone, entry, exit_, **rest).total <= priced(data, zone, entry, exit_ + seconds_later, **rest).total
    )


@quick
@given(tariffs(), stays(), multipliers)
def test_every_cap_is_honoured(data, stay, multiplier):
    """Recount each band amount the engine was given, cap by cap: no opening may cost more than its cap."""
    zone, entry, exit_ = stay
    plain = {"plans": [{**data["plans"][0], "max_price": None}]} | {key: data[key] for key in ("caps", "special_days")}
    total = priced(plain, zone, entry, exit_, multiplier=Decimal(multiplier)).total
    reference = Reference(plain, zone, (), multiplier)
    outside, openings, periods = 0, {}, reference.periods(entry, exit_)
    for begins, ends in periods:
        for instant, amount, capped in reference.amounts(plain["plans"][0], begins, ends):
            held = reference.meters(0, instant) if capped else {}
            openings.update(held)
            outside += 0 if held else amount
    assert total <= outside + sum(openings.values()) + len(periods)


@quick
@given(tariffs(), stays(), multipliers)
def test_period_and_block_caps_are_honoured(data, stay, multiplier):
    zone, entry, exit_ = stay
    capped = {**data, "tax_included": True, "minimum_charge": 0, "block_caps": [{"periods": 2, "price": 700}]}
    capped["plans"] = [{**plan, "max_price": 400} for plan in data["plans"]]
    total = priced(capped, zone, entry, exit_, multiplier=Decimal(multiplier)).total
    periods = len(Reference(capped, zone).periods(entry, exit_))
    assert total <= 400 * periods
    assert total <= 700 * (-(-periods // 2))


@quick
@given(stays(), multipliers, st.integers(1, 5000))
def test_multiplier_never_touches_caps(stay, multiplier, cap):
    data = {"plans": [{"bands": [{**ALL_DAY, "price": 10_000, "increment_minutes": 1}], "max_price": cap}]}
    _, entry, exit_ = stay
    assert priced(data, *stay, multiplier=Decimal(multiplier)).total == cap * -(-(exit_ - entry) // 86_400)


@quick
@given(tariffs(), stays(), discounts, st.randoms())
def test_kinds_of_discounts_apply_in_their_own_order(data, stay, given_discounts, random):
    shuffled = list(given_discounts)
    random.shuffle(shuffled)
    kinds = ["free_minutes", "percent", "amount"]
    in_order = sorted(shuffled, key=lambda discount: kinds.index(next(iter(discount))))
    assert priced(data, *stay, discounts=shuffled) == priced(data, *stay, discounts=in_order)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Zurich", "2026-03-29", 23),
        ("Europe/Zurich", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("America/Sao_Paulo", "2018-11-04", 23),
        ("Africa/Cairo", "2026-04-24", 23),
    ],
)
def test_a_local_day_costs_its_elapsed_time_where_clocks_change(zone, day, hours):
    """A minute costs 1: a calendar day is as long as it was, and one period."""
    tz = ZoneInfo(zone)
    band = {**ALL_DAY, "price": 1, "increment_minutes": 1}
    rules = parse_rules(
        {"day_starts_at": "00:00", "plans": [{"bands": [band]}], "block_caps": [{"periods": 1, "price": 10**6}]}
    )
    midnight = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=tz)
    next_midnight = midnight + timedelta(days=1)
    assert price_stay(rules, entry=midnight, exit=next_midnight, spot_type="regular", timezone=tz).total == hours * 60


def test_a_day_the_zone_skipped_is_no_period():
    tz = ZoneInfo("Pacific/Apia")
    rules = parse_rules({"day_starts_at": "00:00", "plans": [{"steps": [{"up_to_minutes": 1440, "price": 100}]}]})
    entry, exit_ = datetime(2011, 12, 29, 12, tzinfo=tz), datetime(2011, 12, 31, 12, tzinfo=tz)
    assert price_stay(rules, entry=entry, exit=exit_, spot_type="regular", timezone=tz).total == 200


def test_ten_years_by_the_minute_are_priced_in_bounded_time_and_lines():
    band = {"price": 3, "increment_minutes": 1, "prorata": True}
    hours = [{"from": f"{hour:02}:00", "to": f"{hour + 1:02}:00", **band} for hour in range(24)]
    data = {"plans": [{"bands": hours, "caps": [{"from": "18:00", "to": "06:00", "price": 999}]}]}
    entry = datetime(2026, 1, 1, 8, tzinfo=UTC)
    started = time.process_time()
    price = price_stay(
        parse_rules(data),
        entry=entry,
        exit=entry + timedelta(days=3652),
        spot_type="regular",
        timezone=ZoneInfo("Europe/Zurich"),
    )
    assert time.process_time() - started < 3
    assert price.total == 3652 * (720 * 3 + 999)
    assert len(price.lines) < 100
    assert len(json.dumps([line.as_json() for line in price.lines])) < 20_000
