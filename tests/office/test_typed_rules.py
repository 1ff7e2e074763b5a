"""Rules as they are typed: what a page shows of rules is read as the same rules, in any currency."""

import copy

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.pricing import parse_rules, rules_to_json
from billing.pricing.parsing import (
    BAND_FIELDS,
    BEYOND_FIELDS,
    BLOCK_CAP_FIELDS,
    CAP_FIELDS,
    LATER_RATE_FIELDS,
    PACKAGE_FIELDS,
    PLAN_FIELDS,
    REGULAR_FIELDS,
    SPECIAL_DAYS_FIELDS,
    STEP_FIELDS,
    TARIFF_FIELDS,
)
from office.tariffs.first_rules import FIRST_RULES
from office.tariffs.rule_acts import change_rows
from office.tariffs.rule_fields import FIELDS, TARIFF
from office.tariffs.rule_forms import LIST_WORDS, all_rows, rows_of
from office.tariffs.rule_marks import check_typed
from office.tariffs.typed_rules import NotForFieldsError, posted_rules, rules_as_json, shown_rules
from tests.billing.pricing.strategies import tariffs

BAND = {"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}
HOURLY = {"plans": [{"name": "Week", "bands": [BAND]}]}


def as_posted(typed):
    """The rules as a browser sends the fields that the page shows."""
    data = QueryDict(mutable=True)
    for row in all_rows(rows_of(typed, check_typed(typed, "CHF"), told=False)):
        for cell in row.cells:
            value = cell.bound.value()
            if cell.bound.widget_type == "checkbox":
                value = ["on"] if value else []
            data.setlist(cell.bound.html_name, value if isinstance(value, list) else [str(value)])
    return data


def read_back(data, currency):
    posted = posted_rules(as_posted(shown_rules(data, currency)))
    written, wrong = rules_as_json(posted, currency)
    assert wrong == []
    return written


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(tariffs(), st.sampled_from(["CHF", "JPY", "KWD", "CLF"]))
def test_rules_that_are_shown_and_sent_back_are_the_same(data, currency):
    rules = parse_rules(data)
    written = read_back(rules_to_json(rules), currency)
    assert parse_rules(written) == rules
    assert read_back(written, currency) == written


@pytest.mark.parametrize("first", FIRST_RULES, ids=lambda first: first.key)
@pytest.mark.parametrize("currency", ["CHF", "JPY", "KWD"])
def test_rules_to_begin_from_are_right_and_shown(first, currency):
    assert parse_rules(read_back(first.rules, currency)) == parse_rules(first.rules)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        *(("tariff", TARIFF_FIELDS), ("plans", PLAN_FIELDS), ("bands", BAND_FIELDS), ("steps", STEP_FIELDS)),
        *(("caps", CAP_FIELDS), ("block_caps", BLOCK_CAP_FIELDS), ("packages", PACKAGE_FIELDS)),
        *(("then", LATER_RATE_FIELDS), ("regulars", REGULAR_FIELDS), ("special_days", SPECIAL_DAYS_FIELDS)),
    ],
)
def test_every_field_of_the_rules_can_be_typed(name, fields):
    plan = TARIFF.lists[0]
    every = [TARIFF, *TARIFF.lists, *plan.lists, *(below for part in plan.lists for below in part.lists)]
    part = next(part for part in every if part.name == name)
    assert part.known() == set(fields)
    assert {one.name for one in part.fields} <= {known.removeprefix(f"{name}.") for known in FIELDS}
    assert set(part.list_names()) <= set(LIST_WORDS)
    if "steps_beyond" in fields:
        assert {one.name for one in part.fields} >= {f"steps_beyond.{inner}" for inner in BEYOND_FIELDS}


@pytest.mark.parametrize(
    ("field", "typed", "read"),
    [
        ("price", "2", 200),
        ("price", "2,50", 250),
        ("price", "", None),
        ("increment_minutes", "2 h", 120),
        ("increment_minutes", "1d", 1440),
        ("from", "7", "07:00"),
        ("from", "730", "07:30"),
        ("from", "7:30", "07:30"),
        ("to", "24", "24:00"),
    ],
)
def test_typing_is_understood_as_people_do_it(field, typed, read):
    rules = shown_rules(HOURLY, "CHF")
    rules.lists["plans"][0].lists["bands"][0].typed[field] = typed
    data, wrong = rules_as_json(rules, "CHF")
    assert wrong == []
    assert data["plans"][0]["bands"][0].get(field) == read


@pytest.mark.parametrize(
    ("field", "typed", "currency", "said"),
    [
        ("price", "a lot", "CHF", "Enter an amount"),
        ("price", "2.50", "JPY", "Enter an amount without decimals."),
        ("price", "-1", "CHF", "Enter an amount"),
        ("price", "99999999", "CHF", "Enter an amount of at most 10000000.00."),
        ("increment_minutes", "an hour", "CHF", "Enter a number of minutes"),
        ("increment_minutes", "0", "CHF", "Increment in minutes must be a whole number from 1"),
        ("from", "25:00", "CHF", "Start must be a time of day"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_kept(field, typed, currency, said):
    rules = shown_rules(HOURLY, currency)
    rules.lists["plans"][0].lists["bands"][0].typed[field] = typed
    checked = check_typed(rules, currency)
    assert checked.rules is None
    (told,) = checked.fields[f"plans-0-bands-0-{field}"]
    assert told.startswith(said)
    assert [mark.text for mark in checked.marks["plans-0-bands-0"]] == [told]
    assert as_posted(rules)[f"plans-0-bands-0-{field}"] == typed


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        (
            {"plans": [{"bands": [BAND | {"from": "06:00"}]}]},
            "plans-0-bands-0",
            "From 00:00 to 06:00 there is no price.",
        ),
        ({"plans": [{"bands": [BAND, BAND]}]}, "plans-0-bands-1", "Start overlaps band 1."),
        ({"plans": [HOURLY["plans"][0]] * 2}, "plans-1", "Priority is the same as that of plan “Week”, and both can"),
        (
            {"plans": [{"bands": [BAND], "steps": [{"up_to_minutes": 1, "price": 1}]}]},
            "plans-0",
            "Plan 1 must have either",
        ),
        ({"plans": [HOURLY["plans"][0] | {"days": ["mon"]}]}, "plans", "Tue 00:00–24:00: no plan prices compact spots"),
        ({"plans": []}, "plans", "Plans must have at least one plan."),
        (
            {"plans": [{"bands": [BAND], "caps": [{"price": 1}, {"price": 2}]}]},
            *("plans-0-caps-1", "Start overlaps limit 1."),
        ),
        (
            {"plans": [{"steps": [{"up_to_minutes": 60, "price": 2}, {"up_to_minutes": 90, "price": 1}]}]},
            *("plans-0-steps-1", "Price must not be lower than the step before."),
        ),
    ],
)
def test_holes_and_overlaps_are_marked_at_their_row(data, place, said):
    checked = check_typed(shown_rules(data, "CHF"), "CHF")
    assert checked.rules is None
    assert checked.marks[place][0].text.startswith(said), checked.marks
    assert checked.marks[place][0].wrong


def test_surprises_are_marked_at_their_row():
    night = [
        BAND | {"from": "19:00", "to": "07:00", "price": 100},
        BAND | {"from": "07:00", "to": "19:00", "increment_minutes": 30},
    ]
    data = {"plans": [{"bands": night}], "packages": [{"price": 100}], "day_starts_at": "05:00"}
    checked = check_typed(shown_rules(data, "CHF"), "CHF")
    assert checked.rules is not None
    assert {place for place, marks in checked.marks.items() if not any(mark.wrong for mark in marks)} == {
        *("plans-0-bands-1", "", "packages-0")
    }


@pytest.mark.parametrize(
    "data",
    [
        *([], {"plans": 1}, {"plans": [1]}, {"colour": 1}, {"plans": [{"bands": [BAND | {"price": "300"}]}]}),
        *({"plans": [{"days": ["mon", 7]}]}, {"tax_included": 1}, {"plans": [{"steps_beyond": {"x": 1}}]}),
        *({"plans": [{"bands": [BAND | {"price": 1.5}]}]}, {"plans": [{"name": "x" * 300}]}, {"plans": [{"days": 1}]}),
        {"plans": [{"bands": [BAND] * 99}] * 3},
    ],
)
def test_rules_that_fields_would_change_are_not_shown_as_fields(data):
    with pytest.raises(NotForFieldsError):
        shown_rules(data, "CHF")


def names(rules, *path):
    for step in path:
        rules = rules.lists[step] if isinstance(step, str) else rules[step]
    return [row.typed.get("name") or row.typed.get("price") for row in rules]


def test_rows_are_added_copied_moved_and_removed():
    bands = [BAND | {"to": "12:00", "price": 100}, BAND | {"from": "12:00", "to": "20:00", "price": 200}]
    rules = shown_rules({"plans": [{"name": "A", "bands": bands}]}, "CHF")
    assert change_rows(rules, "add plans-0-bands").place == "plans-0-bands-2"
    added = rules.lists["plans"][0].lists["bands"][2].typed
    assert (added["from"], added["to"], added["price"]) == ("20:00", "24:00", "")
    assert change_rows(rules, "up plans-0-bands-1").place == "plans-0-bands-0"
    assert names(rules, "plans", 0, "bands")[:2] == ["2.00", "1.00"]
    assert change_rows(rules, "down plans-0-bands-0").place == "plans-0-bands-1"
    assert change_rows(rules, "remove plans-0-bands-2").place == "plans-0-bands-1"
    assert names(rules, "plans", 0, "bands") == ["1.00", "2.00"]
    assert change_rows(rules, "copy plans-0").place == "plans-1"
    rules.lists["plans"][1].lists["bands"][0].typed["price"] = "9"
    assert names(rules, "plans", 0, "bands") == ["1.00", "2.00"]
    change_rows(rules, "remove plans-0")
    change_rows(rules, "remove plans-0")
    assert names(rules, "plans") == []


@pytest.mark.parametrize(
    "act",
    [
        *(
            "",
            "add",
            "add nothing",
            "add plans-7-bands",
            "remove plans-3",
            "up plans",
            "remove plans-99999999",
            "drop plans-0",
        ),
        *("add bands", "copy plans-0-bands", "add plans-0-bands-0-x", "up plans-0-bands-0-price"),
    ],
)
def test_button_that_does_not_exist_changes_nothing(act):
    rules = shown_rules(HOURLY, "CHF")
    before = copy.deepcopy(rules)
    assert change_rows(rules, act) is None
    assert rules == before


def test_list_grows_no_longer_than_the_rules_allow():
    rules = shown_rules({"plans": [{"bands": [BAND] * 99}]}, "CHF")
    assert change_rows(rules, "add plans-0-bands") is not None
    assert change_rows(rules, "add plans-0-bands") is None
    assert change_rows(rules, "copy plans-0") is not None
    assert change_rows(rules, "copy plans-0") is None
