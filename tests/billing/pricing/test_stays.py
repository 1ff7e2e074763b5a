"""Stays at their edges, discounts, and what the lines say."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from billing.pricing import Discounts, TariffRules, parse_discounts, parse_rules, price_reservation, price_stay
from billing.pricing.errors import (
    ExitBeforeEntryError,
    InvalidDiscountError,
    InvalidMultiplierError,
    NoPlanError,
    TimeOutOfRangeError,
    TimeWithoutZoneError,
)

ZURICH = ZoneInfo("Europe/Zurich")
MONDAY = datetime(2026, 3, 2, 8, tzinfo=ZURICH)
ALL_DAY = {"from": "00:00", "to": "24:00"}
HOURLY = {**ALL_DAY, "price": 200, "increment_minutes": 60}


def rules(**changes):
    return parse_rules({"plans": [{"bands": [HOURLY]}], **changes})


def price(tariff, minutes, entry=MONDAY, **rest):
    exit_ = entry + timedelta(minutes=minutes)
    return price_stay(tariff, entry=entry, exit=exit_, spot_type="regular", timezone=ZURICH, **rest)


def shown(found):
    return [(line.kind, line.label, line.amount) for line in found.lines]


def test_exit_before_entry_is_refused():
    with pytest.raises(ExitBeforeEntryError):
        price(rules(), -1)


def test_stay_within_one_second_is_no_time():
    entry = MONDAY.replace(microsecond=900_000)
    exit_ = MONDAY.replace(microsecond=100_000)
    assert price_stay(rules(), entry=entry, exit=exit_, spot_type="regular", timezone=ZURICH).total == 0


def test_repeated_hour_is_told_apart_by_its_offset():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZURICH)
    second = first.replace(fold=1)
    found = price_stay(rules(), entry=first, exit=second, spot_type="regular", timezone=ZURICH)
    assert found.total == 200
    with pytest.raises(ExitBeforeEntryError):
        price_stay(rules(), entry=second, exit=first, spot_type="regular", timezone=ZURICH)


def test_times_without_zone_are_refused():
    with pytest.raises(TimeWithoutZoneError):
        price(rules(), 10, entry=datetime(2026, 3, 2, 8))  # noqa: DTZ001


@pytest.mark.parametrize("year", [1, 1969, 2201, 9999])
def test_times_far_off_are_refused(year):
    moment = datetime(year, 6, 1, tzinfo=timezone(timedelta(hours=14)))
    with pytest.raises(TimeOutOfRangeError):
        price_stay(rules(), entry=moment, exit=moment, spot_type="regular", timezone=ZURICH)


def test_stays_of_a_lifetime_are_refused():
    with pytest.raises(TimeOutOfRangeError):
        price(rules(), 60 * 24 * 366 * 51)


@pytest.mark.parametrize("multiplier", ["0.49", "3.01", "NaN", "Infinity", "-1"])
def test_multiplier_out_of_bounds_is_refused(multiplier):
    with pytest.raises(InvalidMultiplierError):
        price(rules(), 60, multiplier=Decimal(multiplier))


def test_multiplied_price_is_rounded_before_it_is_counted():
    assert price(rules(plans=[{"bands": [{**HOURLY, "price": 5}]}]), 120, multiplier=Decimal("1.10")).total == 2 * 6


def test_period_without_plan_is_an_error():
    with pytest.raises(NoPlanError) as refusal:
        price(TariffRules(plans=()), 60)
    assert refusal.value.code == "no_plan"


def test_reentry_gets_no_grace_and_no_free_minutes():
    tariff = rules(grace_minutes=10, free_minutes=60)
    assert price(tariff, 5).total == 0
    assert price(tariff, 5, grace=False).total == 200


def test_reservation_is_priced_without_grace_and_free_minutes():
    tariff = rules(grace_minutes=10, free_minutes=60, minimum_charge=300)
    end = MONDAY + timedelta(minutes=5)
    found = price_reservation(tariff, start=MONDAY, end=end, spot_type="regular", timezone=ZURICH)
    assert found.total == 300


def test_whole_day_window_lasts_until_the_clock_shows_its_start_again():
    cap = {"from": "12:00", "to": "12:00", "price": 500}
    assert price(rules(caps=[cap]), 8 * 60).total == 500 + 500
    assert price(rules(caps=[cap]), 24 * 60, entry=MONDAY.replace(hour=12)).total == 500


def test_cap_runs_on_across_period_borders():
    tariff = rules(day_starts_at="00:00", caps=[{"from": "20:00", "to": "06:00", "price": 500}])
    assert price(tariff, 8 * 60, entry=MONDAY.replace(hour=21)).total == 500


def test_caps_never_touch_steps():
    steps = {"steps": [{"up_to_minutes": 60, "price": 900}], "caps": [{"price": 100}]}
    assert price(rules(plans=[steps], caps=[{"price": 200}]), 30).total == 900


def test_holiday_needs_a_plan_that_names_it():
    weekday = {"bands": [{**HOURLY, "price": 100}], "days": ["mon"], "priority": 1}
    holiday = {"bands": [{**HOURLY, "price": 1}], "days": ["holiday"], "priority": 2}
    week = {"bands": [HOURLY]}
    assert price(rules(plans=[week, weekday]), 60, holidays=[MONDAY.date()]).total == 100
    assert price(rules(plans=[week, weekday, holiday]), 60, holidays=[MONDAY.date()]).total == 1
    assert price(rules(plans=[week, weekday, holiday]), 60).total == 100


def test_discount_with_free_minutes_keeps_the_package_of_the_shorter_stay():
    tariff = rules(packages=[{"exit_from": "10:00", "exit_to": "11:00", "price": 250}])
    assert price(tariff, 240).total == 800
    assert price(tariff, 240, discounts=[{"free_minutes": 90}]).total == 250


def test_discounts_are_parsed_once_or_given_as_json():
    given = [{"amount": 50}, {"percent": "50"}, {"free_minutes": 60}]
    parsed = parse_discounts(given)
    assert parsed == Discounts(free_minutes=60, percents=(Decimal(50),), amounts=(50,))
    assert price(rules(), 180, discounts=parsed) == price(rules(), 180, discounts=given)
    assert price(rules(), 180, discounts=parsed).total == 150


@pytest.mark.parametrize(
    ("discounts", "path"),
    [
        ({"amount": 5}, "$"),
        ([5], "$[0]"),
        ([{}], "$[0]"),
        ([{"amount": 5, "percent": "5"}], "$[0]"),
        ([{"rebate": 5}], "$[0]"),
        ([{"amount": 5}, {"amount": -5}], "$[1].amount"),
        ([{"amount": True}], "$[0].amount"),
        ([{"percent": "101"}], "$[0].percent"),
        ([{"percent": 12.5}], "$[0].percent"),
        ([{"percent": "1e1"}], "$[0].percent"),
        ([{"free_minutes": "60"}], "$[0].free_minutes"),
        ([{"amount": 1}] * 51, "$"),
    ],
)
def test_wrong_discounts_are_refused_with_their_place(discounts, path):
    with pytest.raises(InvalidDiscountError) as refusal:
        parse_discounts(discounts)
    assert [error.path for error in refusal.value.errors] == [path]


def test_lines_group_equal_increments_and_show_what_was_taken_off():
    tariff = parse_rules(
        {
            "plans": [
                {
                    "name": "Week",
                    "bands": [
                        {"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30},
                        {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60},
                    ],
                    "max_price": 2000,
                }
            ],
            "tax_percent": "10",
            "tax_included": False,
        }
    )
    found = price(tariff, 12 * 60 + 30, discounts=[{"percent": "12.5"}])
    assert shown(found) == [
        ("band", "Week: 08:00–19:00 · 22 × 30 min", 4400),
        ("band", "Week: 19:00–20:30 · 2 × 1 h", 200),
        ("max_price", "Capped for the day", -2600),
        ("discount", "12.5 % off", -250),
        ("tax", "Tax 10 %", 175),
    ]
    assert (found.lines[0].quantity, found.lines[0].unit_amount) == (22, 200)
    assert found.lines[0].as_json() == {
        "label": "Week: 08:00–19:00 · 22 × 30 min",
        "from": "2026-03-02T08:00:00+01:00",
        "to": "2026-03-02T19:00:00+01:00",
        "amount": 4400,
    }


def test_lines_of_more_than_a_day_carry_their_day():
    steps = {"steps": [{"up_to_minutes": 60, "price": 300}], "steps_beyond": {"each_minutes": 60, "price": 200}}
    found = price(rules(plans=[steps]), 26 * 60)
    assert shown(found) == [
        ("step", "2 Mar 08:00–09:00 · up to 1 h", 300),
        ("beyond", "2 Mar 09:00 – 3 Mar 08:00 · 23 × 1 h", 4600),
        ("step", "3 Mar 08:00–09:00 · up to 1 h", 300),
        ("beyond", "3 Mar 09:00–10:00 · 1 × 1 h", 200),
    ]


def test_free_stay_says_so():
    assert shown(price(rules(grace_minutes=10), 10)) == [("free", "Free of charge", 0)]
    assert shown(price(rules(free_minutes=60), 90))[0] == ("free", "60 min free", 0)


def test_lines_of_a_long_stay_are_folded_by_days():
    tariff = rules(plans=[{"bands": [HOURLY], "max_price": 900}], block_caps=[{"periods": 7, "price": 5400}])
    found = price(tariff, 70 * 24 * 60 + 60, entry=MONDAY.astimezone(UTC))
    assert shown(found) == [
        ("period", "Days 1–70", 63_000),
        ("period", "Day 71", 200),
        ("block_cap", "Capped for 7 days", -9000),
    ]
    assert (found.lines[0].quantity, found.lines[0].unit_amount) == (70, 900)


def test_lines_of_prorata_shares_meet_the_rounded_sum():
    bands = [
        {"from": f"{hour:02}:00", "to": f"{hour + 1:02}:00", "price": 1, "increment_minutes": 90, "prorata": True}
        for hour in range(24)
    ]
    found = price(rules(plans=[{"bands": bands}]), 12 * 60)
    assert found.total == 8
    assert sum(line.amount for line in found.lines) == 8
    assert all(line.amount in {0, 1} for line in found.lines)


def test_entry_in_another_zone_is_priced_by_the_lots_clock():
    tariff = rules(plans=[{"bands": [{**HOURLY, "to": "09:00"}, {**HOURLY, "from": "09:00", "price": 1}]}])
    assert price(tariff, 60, entry=MONDAY.astimezone(UTC)).total == price(tariff, 60).total == 200
