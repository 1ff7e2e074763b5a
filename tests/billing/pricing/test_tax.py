"""Tax of any amount, after any credit, and of the lost-ticket fee."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.models import Charge
from billing.pricing import parse_rules, price_lost_ticket, tax_within
from common.money import round_half_up

PERCENTS = st.decimals(0, 100, places=4)
AMOUNTS = st.integers(0, 10**9)
ENTRY = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
RULES = parse_rules(
    {
        "lost_ticket_fee": 4000,
        "tax_percent": "8.1",
        "plans": [{"bands": [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}]}],
    }
)


@given(AMOUNTS, PERCENTS)
def test_tax_that_was_added_is_found_again_inside(net, percent):
    added = round_half_up(net * Fraction(percent) / 100)

    assert tax_within(net + added, percent) == added


@given(st.data(), AMOUNTS, PERCENTS)
def test_a_charge_says_the_tax_of_what_was_really_charged(data, due, percent):
    credited = data.draw(st.integers(0, due))
    charge = Charge(due_amount=due, credited_amount=credited, tax_percent=percent)

    rest = due - credited
    assert charge.charged_amount == rest
    assert charge.charged_tax_amount == rest - round_half_up(rest / (1 + Fraction(percent) / 100))
    assert 0 <= charge.charged_tax_amount <= rest


@pytest.mark.parametrize(
    ("included", "total", "tax", "lines"),
    [(True, 4000, 300, ["Lost ticket"]), (False, 4324, 324, ["Lost ticket", "Tax 8.1 %"])],
)
def test_the_lost_ticket_fee_is_taxed_like_any_price(included, total, tax, lines):
    rules = replace(RULES, tax_included=included)

    price = price_lost_ticket(rules, entry=ENTRY, exit=ENTRY)

    assert (price.total, price.tax, [line.label for line in price.lines]) == (total, tax, lines)
    assert sum(line.amount for line in price.lines) == total


def test_without_a_lost_ticket_fee_nothing_is_asked():
    price = price_lost_ticket(replace(RULES, lost_ticket_fee=0, tax_percent=Decimal(8)), entry=ENTRY, exit=ENTRY)

    assert (price.total, price.tax, price.lines) == (0, 0, ())
