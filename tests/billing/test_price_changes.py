"""What differs between two tariffs, in words."""

from dataclasses import replace
from functools import partial

from hypothesis import given, settings

from billing.price_changes import PriceChange, rule_changes
from billing.pricing import parse_rules
from common.money import format_money
from tests.billing.pricing.strategies import tariffs
from tests.factories import HOURLY

money = partial(format_money, currency="CHF")


def changes(after, before=HOURLY):
    return rule_changes(parse_rules(before), parse_rules(after), money)


def test_changed_price_is_told_with_its_plan_and_hours():
    dearer = {"plans": [{"name": "Hourly", "bands": [HOURLY["plans"][0]["bands"][0] | {"price": 350}]}]}
    assert changes(HOURLY | dearer) == [
        PriceChange("Hourly", "Any time", "CHF\u00a03.00 per 1 h", "CHF\u00a03.50 per 1 h")
    ]


def test_added_and_removed_lines_have_one_side():
    capped = HOURLY | {"packages": [{"name": "Night", "price": 900}]}
    assert changes(capped) == [PriceChange("Package Night", "At most", "", "CHF\u00a09.00 up to 24 h")]
    assert changes(HOURLY, capped) == [PriceChange("Package Night", "At most", "CHF\u00a09.00 up to 24 h", "")]


def test_terms_and_dates_are_told():
    after = HOURLY | {"grace_minutes": 5, "special_days": [{"name": "Fair", "dates": ["2026-08-08"]}]}
    assert changes(after) == [
        PriceChange("", "Grace", "10 min", "5 min"),
        PriceChange("Event days", "Fair", "", "8 Aug 2026"),
    ]


@settings(max_examples=60)
@given(tariffs(), tariffs())
def test_rules_that_differ_are_told_and_others_are_not(first, second):
    before, after = parse_rules(first), parse_rules(second)
    assert rule_changes(before, before, money) == []
    assert bool(rule_changes(before, after, money)) == (before != after)
    assert all(change.before != change.after for change in rule_changes(before, after, money))
    day_start = ("one_period", "day_starts_at")  # which the rules tell by one field
    for names in (["regulars"], day_start, ["tax_percent"], ["tax_included"], ["minimum_charge"]):
        other = replace(before, **{name: getattr(after, name) for name in names})
        told = [change.what for change in rule_changes(before, other, money)]
        assert bool(told) == (other != before)
        assert "Order of the rules" not in told
    reordered = replace(before, special_days=before.special_days[::-1])
    assert rule_changes(before, reordered, money)[0].what == "Order of the rules"
