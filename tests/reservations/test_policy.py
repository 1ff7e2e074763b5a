import json
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.pricing import parse_rules, price_overstay, price_reservation
from reservations.policy import (
    OVERSTAYS,
    BookingTerms,
    FeeBeyond,
    Priced,
    blocked_until,
    cancel_fee,
    changed_price,
    missed_at,
    policy_of,
    share_of,
)
from tests.factories import HOURLY
from tests.reservations.bookings import DAY, HOUR, MINUTE, NOW, time

ZONE = ZoneInfo("Europe/Zurich")
TERMS = BookingTerms(
    cancel_minutes=60,
    late_cancel_percent=50,
    no_show_minutes=15,
    no_show_percent=100,
    early_grace_minutes=10,
    late_grace_minutes=10,
)
PRICED = Priced(rules=parse_rules(json.loads(json.dumps(HOURLY))), spot_type="regular", timezone=ZONE, holidays=())
AMOUNTS = st.integers(0, 10**9)
PERCENTS = st.integers(0, 100)


def policy(*, early_minutes=30):
    booked = time(24, 26)
    free = booked.start - HOUR
    return policy_of(PRICED, booked, TERMS, price=600, cancel_free_until=free, early_minutes=early_minutes)


def test_preview_says_what_each_change_of_mind_costs():
    shown = policy()

    assert (shown.cancel_free_until, shown.late_cancel_fee) == (NOW + 23 * HOUR, 300)
    assert (shown.no_show_at, shown.no_show_fee) == (NOW + 24 * HOUR + 15 * MINUTE, 600)
    assert (shown.early_from, shown.late_until) == (NOW + 24 * HOUR - 10 * MINUTE, NOW + 26 * HOUR + 10 * MINUTE)
    assert (shown.arrive_from, shown.early) == (NOW + 24 * HOUR - 30 * MINUTE, FeeBeyond(30, 300))
    assert shown.overstay == (FeeBeyond(30, 300), FeeBeyond(60, 300), FeeBeyond(120, 600), FeeBeyond(240, 1200))


def test_coming_early_within_the_grace_is_shown_as_free():
    assert policy(early_minutes=10).early is None


@given(st.integers(1, 72), st.decimals("0.50", "3.00", places=2))
def test_examples_are_those_of_the_price_engine(hours, multiplier):
    priced = Priced(rules=PRICED.rules, spot_type="regular", timezone=ZONE, holidays=(), multiplier=Decimal(multiplier))
    booked = time(24, 24 + hours)
    start, end = booked
    terms = {"spot_type": "regular", "timezone": ZONE, "multiplier": multiplier}

    shown = policy_of(
        priced, booked, TERMS, price=priced.price(booked).total, cancel_free_until=start, early_minutes=30
    )

    assert priced.price(booked).total == price_reservation(PRICED.rules, start=start, end=end, **terms).total
    for minutes, example in zip(OVERSTAYS, shown.overstay, strict=True):
        late = {"entry": start, "exit": end + minutes * MINUTE}
        assert example.fee == price_overstay(PRICED.rules, start=start, end=end, **late, **terms).total


def test_cancelling_is_free_until_the_agreed_instant_and_costs_a_share_after_it():
    free = NOW + HOUR
    assert cancel_fee(600, 50, free, at=free) == 0
    assert cancel_fee(600, 50, free, at=free + MINUTE) == 300
    assert cancel_fee(601, 50, free, at=free + MINUTE) == 301  # half up


@given(AMOUNTS, PERCENTS)
def test_fee_is_never_more_than_the_price(price, percent):
    assert 0 <= share_of(price, percent) <= price


@given(AMOUNTS, AMOUNTS)
def test_price_follows_a_change_while_cancelling_is_free_and_never_falls_after(before, after):
    assert changed_price(before, after, NOW, at=NOW) == after
    assert changed_price(before, after, NOW, at=NOW + MINUTE) == max(before, after)


def test_driver_counts_as_missing_after_the_minutes_or_at_the_end():
    assert missed_at(time(24, 26), 15) == NOW + 24 * HOUR + 15 * MINUTE
    assert missed_at(time(24, 24.25), 60) == NOW + 24 * HOUR + 15 * MINUTE


@pytest.mark.parametrize(
    ("days_ago", "until"),
    [
        ([], None),
        ([1, 2], None),
        ([1, 2, 3], 29),
        ([1, 50, 91], 29),
        ([1, 50, 92], None),  # not within 90 days
        ([31, 32, 33], None),  # over
        ([20, 21, 22, 100], 10),
    ],
)
def test_three_no_shows_in_ninety_days_block_for_thirty(days_ago, until):
    blocked = blocked_until([NOW - days * DAY for days in days_ago], at=NOW)
    assert blocked == (None if until is None else NOW + until * DAY)
