"""What is owed beside a booking or a pass."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from billing.pricing import PassHours, parse_rules, price_outside_pass, price_overstay
from billing.pricing.errors import ExitBeforeEntryError
from billing.pricing.windows import Window

ZURICH = ZoneInfo("Europe/Zurich")
MONDAY = datetime(2026, 3, 2, tzinfo=ZURICH)
BAND = {"from": "00:00", "to": "24:00", "price": 200, "increment_minutes": 60}


def rules(**changes):
    return parse_rules({"plans": [{"bands": [BAND], "max_price": 1500}], **changes})


def overstay(early, late, tariff=None, **rest):
    """Price a booking from 10 to 12 o'clock, come so many minutes early and left so many late."""
    start, end = MONDAY.replace(hour=10), MONDAY.replace(hour=12)
    return price_overstay(
        tariff or rules(),
        start=start,
        end=end,
        entry=start - timedelta(minutes=early),
        exit=end + timedelta(minutes=late),
        spot_type="regular",
        timezone=ZURICH,
        **rest,
    )


@pytest.mark.parametrize(
    ("early", "late", "total"),
    [
        (0, 0, 0),
        (10, 10, 0),
        (11, 0, 200),
        (0, 11, 200),
        (11, 11, 200),
        (10, 11, 200),
        (-30, -30, 0),
        (-30, 61, 400),
        (600, 600, 1100),
    ],
)
def test_overstay_counts_a_whole_side_beyond_its_grace(early, late, total):
    found = overstay(early, late)
    assert found.total == sum(line.amount for line in found.lines) == total


def test_overstay_graces_are_the_lots_own():
    assert overstay(20, 20, early_grace_minutes=20, late_grace_minutes=20).total == 0
    assert overstay(20, 20, early_grace_minutes=20, late_grace_minutes=0).total == 200


def test_overstay_knows_no_packages_minimum_or_free_minutes():
    tariff = rules(minimum_charge=1000, free_minutes=60, grace_minutes=300, packages=[{"price": 100}])
    assert overstay(0, 60, tariff).total == 200


def test_overstay_adds_tax_to_the_difference():
    found = overstay(0, 60, rules(tax_percent="10", tax_included=False))
    assert (found.total, found.tax) == (220, 20)


def test_overstay_refuses_an_exit_before_the_entry():
    with pytest.raises(ExitBeforeEntryError):
        overstay(-180, -180 - 1)


def outside(hours, entry, exit_, tariff=None, **rest):
    return price_outside_pass(
        tariff or rules(), hours=hours, entry=entry, exit=exit_, spot_type="regular", timezone=ZURICH, **rest
    )


OFFICE = PassHours(days=("mon", "tue", "wed", "thu", "fri"), window=Window(8 * 60, 18 * 60))


@pytest.mark.parametrize(
    ("entry_hour", "exit_hour", "total"),
    [(8, 18, 0), (7, 18, 200), (7, 20, 600), (18, 19, 200), (20, 32, 1500), (18, 56, 3000)],
)
def test_pass_leaves_only_its_uncovered_hours_to_pay(entry_hour, exit_hour, total):
    found = outside(OFFICE, MONDAY + timedelta(hours=entry_hour), MONDAY + timedelta(hours=exit_hour))
    assert found.total == sum(line.amount for line in found.lines) == total


def test_uncovered_interval_is_a_stay_without_grace():
    tariff = rules(grace_minutes=30, minimum_charge=300)
    assert outside(OFFICE, MONDAY.replace(hour=7, minute=50), MONDAY.replace(hour=18, minute=10), tariff).total == 600


def test_night_pass_covers_the_morning_after_its_last_day():
    nights = PassHours(days=("fri",), window=Window(18 * 60, 8 * 60))
    friday = MONDAY + timedelta(days=4)
    assert outside(nights, friday.replace(hour=18), friday + timedelta(hours=32)).total == 0
    assert outside(nights, friday.replace(hour=18), friday + timedelta(hours=33)).total == 200


def test_pass_covers_only_its_dates():
    march = PassHours(first_date=date(2026, 3, 2), last_date=date(2026, 3, 2))
    assert outside(march, MONDAY, MONDAY + timedelta(days=1)).total == 0
    assert outside(march, MONDAY - timedelta(hours=1), MONDAY + timedelta(hours=26)).total == 600


def test_pass_that_names_no_holidays_covers_them_as_weekdays():
    entry, exit_ = MONDAY.replace(hour=9), MONDAY.replace(hour=10)
    assert outside(OFFICE, entry, exit_, holidays=[MONDAY.date()]).total == 0
    named = PassHours(days=("tue", "holiday"))
    assert outside(named, entry, exit_, holidays=[MONDAY.date()]).total == 0
    assert outside(named, entry, exit_).total == 200


def test_pass_covers_both_turns_of_a_repeated_hour():
    night = PassHours(window=Window(2 * 60, 3 * 60))
    start = datetime(2026, 10, 25, 1, tzinfo=ZURICH)
    assert outside(night, start, datetime(2026, 10, 25, 4, tzinfo=ZURICH)).total == 400
