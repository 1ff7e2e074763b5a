"""Rules are read with all their defaults, and refused with every place that is wrong."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.pricing import TariffRules, parse_rules, price_stay, rules_to_json, surprises
from billing.pricing.errors import InvalidTariffError
from common.errors import FieldError
from tests.billing.pricing.strategies import tariffs

BAND = {"from": "00:00", "to": "24:00", "price": 100, "increment_minutes": 60}
PLAN = {"bands": [BAND]}
FLAT = {"from": "00:00", "to": "24:00", "price": 100, "once": True}
LATER = {"after_minutes": 60, "price": 50, "increment_minutes": 30}
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
STEP = {"up_to_minutes": 60, "price": 100}
CONTRACT = {
    "name": "Standard",
    "valid_from": "2020-01-01",
    "valid_until": None,
    "grace_minutes": 10,
    "free_minutes": 0,
    "exit_grace_minutes": 15,
    "minimum_charge": 0,
    "lost_ticket_fee": 4000,
    "tax_percent": "8.1",
    "tax_included": True,
    "day_starts_at": "entry",
    "plans": [
        {
            "name": "Week",
            "priority": 0,
            "days": ["mon", "tue", "wed", "thu", "fri"],
            "entry_from": "00:00",
            "entry_to": "24:00",
            "spot_types": [],
            "max_price": 2500,
            "bands": [
                {"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30},
                {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60},
            ],
            "caps": [{"days": [], "from": "19:00", "to": "07:00", "price": 800}],
        },
        {
            "name": "Weekend",
            "days": ["sat", "sun", "holiday"],
            "max_price": 1500,
            "steps": [{"up_to_minutes": 60, "price": 300}, {"up_to_minutes": 180, "price": 700}],
            "steps_beyond": {"each_minutes": 60, "price": 200},
        },
    ],
    "caps": [],
    "block_caps": [{"periods": 7, "price": 12000}],
    "packages": [
        {
            "name": "Early bird",
            "days": ["mon", "tue", "wed", "thu", "fri"],
            "max_hours": 14,
            "price": 1600,
            "entry_from": "06:00",
            "entry_to": "09:00",
            "exit_from": "15:30",
            "exit_to": "19:00",
        }
    ],
}


def refused_paths(data):
    with pytest.raises(InvalidTariffError) as refusal:
        parse_rules(data)
    return {error.path for error in refusal.value.errors}


def test_published_site_file_tariff_is_read():
    rules = parse_rules(CONTRACT)
    assert (rules.tax_percent, rules.lost_ticket_fee, len(rules.plans)) == (Decimal("8.1"), 4000, 2)
    assert rules.plans[0].bands[1].window.wraps


def test_omitted_fields_take_defaults():
    rules = parse_rules({"plans": [PLAN]})
    assert rules == TariffRules(plans=rules.plans)
    assert (rules.exit_grace_minutes, rules.tax_included, rules.day_starts_at) == (15, True, None)
    assert rules.plans[0].periods == "any"


@settings(max_examples=100)
@given(tariffs())
def test_written_rules_are_read_back_unchanged(data):
    rules = parse_rules(data)
    assert parse_rules(rules_to_json(rules)) == rules


def plan(**changes):
    return {"plans": [{**PLAN, **changes}]}


def bands(*windows):
    return plan(bands=[{**BAND, "from": start, "to": end} for start, end in windows])


def caps(*parts):
    return {
        "plans": [PLAN],
        "caps": [{"price": 1, "from": start, "to": end, "days": list(days)} for start, end, *days in parts],
    }


def steps(*pairs):
    return {"plans": [{"steps": [{"up_to_minutes": minutes, "price": price} for minutes, price in pairs]}]}


def regulars(*pairs, path):
    listed = [{"from_stay": count, "percent": percent} for count, percent in pairs]
    return {"plans": [PLAN], "regulars": listed}, f"$.regulars[{len(pairs) - 1}].{path}"


VANS = {**PLAN, "vehicle_types": ["large"]}
EVENING = {**PLAN, "priority": 1, "entry_from": "18:00", "entry_to": "06:00"}
FAIR = {"name": "Fair", "dates": ["2026-08-08"]}
FAIR_PLAN = {**PLAN, "days": ["Fair"], "priority": 1}


def special(*groups, plans=(PLAN, FAIR_PLAN), **rest):
    return {"plans": list(plans), "special_days": list(groups), **rest}


REFUSED = [
    ([], "$"),
    ({}, "$.plans"),
    ({"plans": []}, "$.plans"),
    ({"plans": [7]}, "$.plans[0]"),
    ({"plans": [PLAN], "grace": 3}, "$.grace"),
    ({"plans": [PLAN], "grace_minutes": True}, "$.grace_minutes"),
    ({"plans": [PLAN], "grace_minutes": -1}, "$.grace_minutes"),
    ({"plans": [PLAN], "minimum_charge": 10**12}, "$.minimum_charge"),
    ({"plans": [PLAN], "minimum_charge": 1.5}, "$.minimum_charge"),
    ({"plans": [PLAN], "tax_percent": 8.1}, "$.tax_percent"),
    ({"plans": [PLAN], "tax_percent": "NaN"}, "$.tax_percent"),
    ({"plans": [PLAN], "tax_percent": "101"}, "$.tax_percent"),
    ({"plans": [PLAN], "tax_included": "yes"}, "$.tax_included"),
    ({"plans": [PLAN], "day_starts_at": "24:00"}, "$.day_starts_at"),
    ({"plans": [PLAN], "block_caps": [{"periods": 0, "price": 1}]}, "$.block_caps[0].periods"),
    ({"plans": [PLAN], "packages": [{"name": "Night"}]}, "$.packages[0].price"),
    (plan(bands=[{**BAND, "price": -1}]), "$.plans[0].bands[0].price"),
    (plan(bands=[{**BAND, "increment_minutes": 0}]), "$.plans[0].bands[0].increment_minutes"),
    (plan(bands=[{**BAND, "pro_rata": True}]), "$.plans[0].bands[0].pro_rata"),
    (plan(bands=[{**BAND, "prorata_minutes": 1}]), "$.plans[0].bands[0].prorata_minutes"),
    (plan(bands=[{**BAND, "prorata": True, "prorata_minutes": 61}]), "$.plans[0].bands[0].prorata_minutes"),
    (plan(bands=[{**BAND, "once": True}]), "$.plans[0].bands[0].increment_minutes"),
    (plan(bands=[{**FLAT, "then": [LATER]}]), "$.plans[0].bands[0].then"),
    (plan(bands=[{**FLAT, "prorata": True}]), "$.plans[0].bands[0].prorata"),
    (plan(bands=[{**FLAT, "once": 1}]), "$.plans[0].bands[0].once"),
    (
        plan(bands=[{**BAND, "then": [{"price": 1, "increment_minutes": 1}]}]),
        "$.plans[0].bands[0].then[0].after_minutes",
    ),
    (
        plan(bands=[{**BAND, "then": [{"after_minutes": 1, "price": 1}]}]),
        "$.plans[0].bands[0].then[0].increment_minutes",
    ),
    (plan(bands=[{**BAND, "then": [LATER, LATER]}]), "$.plans[0].bands[0].then[1].after_minutes"),
    (plan(bands=[{**BAND, "then": [LATER] * 51}]), "$.plans[0].bands[0].then"),
    ({"plans": [PLAN], "day_starts_at": "always"}, "$.day_starts_at"),
    (plan(steps=[STEP]), "$.plans[0]"),
    (plan(bands=[]), "$.plans[0]"),
    (plan(steps_beyond={"each_minutes": 60, "price": 1}), "$.plans[0].steps_beyond"),
    (plan(days=["monday"]), "$.plans[0].days[0]"),
    (plan(days=["mon", "mon"]), "$.plans[0].days[1]"),
    (plan(spot_types=["car"]), "$.plans[0].spot_types[0]"),
    (plan(entry_from="06:00", entry_to="09:00"), "$.plans[0].periods"),
    (bands(("07:00", "19:00"), ("20:00", "07:00")), "$.plans[0].bands[1].from"),
    (bands(("07:00", "19:00"), ("18:00", "07:00")), "$.plans[0].bands[1].from"),
    (bands(("19:00", "07:00"), ("07:00", "18:59")), "$.plans[0].bands[0].from"),
    (bands(("25:00", "24:00")), "$.plans[0].bands[0].from"),
    (steps((60, 100), (60, 200)), "$.plans[0].steps[1].up_to_minutes"),
    (steps((60, 200), (90, 100)), "$.plans[0].steps[1].price"),
    (caps(("18:00", "06:00"), ("05:00", "08:00")), "$.caps[1].from"),
    (caps(("18:00", "06:00", "fri"), ("05:00", "08:00", "sat")), "$.caps[1].from"),
    (caps(("05:00", "08:00", "mon"), ("18:00", "06:00", "sun")), "$.caps[1].from"),
    (plan(caps=[{"price": 1}, {"price": 1}]), "$.plans[0].caps[1].from"),
    ({"plans": [PLAN, PLAN]}, "$.plans[1].priority"),
    regulars((1, "10"), path="from_stay"),
    regulars((2, "101"), path="percent"),
    regulars((2, 1.5), path="percent"),
    regulars((3, "10"), (3, "20"), path="from_stay"),
    regulars((3, "10"), (4, "5"), path="percent"),
    ({"plans": [PLAN], "regulars": [{"from_stay": 2}]}, "$.regulars[0].percent"),
    ({"plans": [PLAN], "regulars": {"from_stay": 2, "percent": "5"}}, "$.regulars"),
    (plan(vehicle_types=["truck"]), "$.plans[0].vehicle_types[0]"),
    (plan(vehicle_types=["motorcycle", "compact", "regular"]), "$.plans"),
    (
        {"plans": [VANS, {**VANS, "vehicle_types": ["large", "motorcycle"]}, {**PLAN, "priority": -1}]},
        "$.plans[1].priority",
    ),
    ({"plans": [PLAN, {**EVENING, "periods": "any", "priority": 0}]}, "$.plans[1].priority"),
    ({"plans": [PLAN, EVENING]}, "$.plans[1].periods"),
    (plan(days=["mon", "tue", "wed", "thu", "fri", "sat"]), "$.plans"),
    (plan(days=["mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday"], spot_types=["ev"]), "$.plans"),
    (plan(entry_from="06:00", entry_to="05:59", periods="any"), "$.plans"),
    (plan(periods="first"), "$.plans"),
    ({"plans": [{**PLAN, "days": ["holiday", "sat"]}, {**PLAN, "days": ["holiday"], "priority": 1}]}, "$.plans"),
    ({"plans": [PLAN] * 51}, "$.plans"),
    ({"plans": [PLAN, FAIR_PLAN]}, "$.plans[1].days[0]"),
    (special(FAIR, {"name": "Fair", "dates": []}), "$.special_days[1].name"),
    (special({**FAIR, "name": "mon"}, plans=[PLAN]), "$.special_days[0].name"),
    (special({**FAIR, "name": " "}, plans=[PLAN]), "$.special_days[0].name"),
    (special({"name": "Fair"}), "$.special_days[0].dates"),
    (special({**FAIR, "date": "2026-08-08"}), "$.special_days[0].date"),
    (special({**FAIR, "dates": ["2026-02-30"]}), "$.special_days[0].dates[0]"),
    (special({**FAIR, "dates": ["20260808"]}), "$.special_days[0].dates[0]"),
    (special({**FAIR, "dates": ["1969-12-31"]}), "$.special_days[0].dates[0]"),
    (special({**FAIR, "dates": ["2026-08-08"] * 2}), "$.special_days[0].dates[1]"),
    (special(FAIR, {**FAIR, "name": "Match"}), "$.special_days[1].dates[0]"),
    (special(FAIR, plans=[PLAN, {**FAIR_PLAN, "priority": 0}]), "$.plans[1].priority"),
    (special(FAIR, plans=[PLAN, FAIR_PLAN], caps=[{"price": 1, "days": ["Fair"]}, {"price": 1}]), "$.caps[1].from"),
    (
        special(
            FAIR, caps=[{"price": 1, "from": "18:00", "to": "06:00"}, {"price": 1, "days": ["Fair"], "to": "08:00"}]
        ),
        "$.caps[1].from",
    ),
    (special(FAIR, plans=[{**PLAN, "days": WEEK}, {**FAIR_PLAN, "periods": "first"}]), "$.plans"),
    (special(FAIR, plans=[{**PLAN, "days": WEEK}, {**FAIR_PLAN, "spot_types": ["ev"]}]), "$.plans"),
    (
        special(FAIR, plans=[{**PLAN, "days": WEEK}, {**FAIR_PLAN, "entry_from": "06:00", "periods": "any"}]),
        "$.plans",
    ),
    ({"plans": [{**PLAN, "days": WEEK}, {**PLAN, "days": ["event"], "periods": "first"}]}, "$.plans"),
]


@pytest.mark.parametrize(
    ("data", "path"), REFUSED, ids=[f"{number}-{path}" for number, (_, path) in enumerate(REFUSED)]
)
def test_wrong_rules_are_refused_with_their_place(data, path):
    assert path in refused_paths(data)


ACCEPTED = [
    caps(("18:00", "06:00", "fri"), ("06:00", "18:00", "fri")),
    caps(("18:00", "06:00", "fri"), ("05:00", "08:00", "fri")),
    caps(("18:00", "06:00", "fri"), ("18:00", "06:00", "sat")),
    {"plans": [PLAN, {**EVENING, "periods": "first"}]},
    {"plans": [{**PLAN, "periods": "first"}, {**PLAN, "periods": "later"}]},
    {"plans": [{**PLAN, "days": ["sat", "sun"]}, {**PLAN, "days": ["mon", "tue", "wed", "thu", "fri"]}]},
    {"plans": [VANS, {**PLAN, "vehicle_types": ["motorcycle", "compact", "regular"]}]},
    {"plans": [VANS, {**PLAN, "vehicle_types": ["motorcycle"]}, {**PLAN, "priority": -1}]},
    {"plans": [{**PLAN, "periods": "first"}], "day_starts_at": "never"},
    plan(bands=[{**BAND, "then": [LATER, {**LATER, "after_minutes": 61}]}]),
    special(FAIR, plans=[{**PLAN, "days": WEEK}, {**PLAN, "days": ["Fair"]}]),
    special(FAIR, plans=[{**PLAN, "days": WEEK}, {**PLAN, "days": ["event"]}]),
    special(FAIR, plans=[PLAN, FAIR_PLAN, {**PLAN, "days": ["event"], "priority": 1}]),
    special({"name": "Fair", "dates": []}),
    bands(("08:00", "08:00")),
    bands(("18:00", "00:00"), ("00:00", "18:00")),
]


@pytest.mark.parametrize("data", ACCEPTED)
def test_rules_that_only_look_wrong_are_accepted(data):
    assert parse_rules(data).plans


def test_a_hole_names_the_vehicle_that_finds_no_plan():
    with pytest.raises(InvalidTariffError) as refusal:
        parse_rules(plan(vehicle_types=["large"], periods="any"))
    said = {str(error.message) for error in refusal.value.errors}
    assert len(said) == len(refusal.value.errors) == 6 * 7 * 2
    assert "leave ev, regular vehicle, sun, 00:00–24:00, later period without a plan" in said


def test_all_mistakes_are_listed_at_once_below_the_given_path():
    with pytest.raises(InvalidTariffError) as refusal:
        parse_rules({"grace_minutes": "5", "plans": [{"bands": [{}]}]}, "$.lots[0].tariffs[2]")
    paths = {error.path for error in refusal.value.errors}
    assert "$.lots[0].tariffs[2].grace_minutes" in paths
    assert "$.lots[0].tariffs[2].plans[0].bands[0].increment_minutes" in paths


KEYS = [
    "plans",
    "bands",
    "steps",
    "caps",
    "from",
    "to",
    "price",
    "days",
    "entry_from",
    "packages",
    "tax_percent",
    "up_to_minutes",
]
anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["mon", "07:00", "24:00", "first"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS) | st.text(), inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=300)
@given(
    anything | st.fixed_dictionaries({"plans": st.lists(st.dictionaries(st.sampled_from(KEYS), anything), max_size=3)})
)
def test_arbitrary_json_raises_nothing_but_its_refusal(data):
    errors = [FieldError("$", "")]
    try:
        parse_rules(data)
    except InvalidTariffError as refusal:
        errors = list(refusal.errors)
    assert errors
    assert all(error.path.startswith("$") for error in errors)


@settings(max_examples=100)
@given(tariffs(), st.data())
def test_one_damaged_value_is_refused_or_priced(data, draw):
    part, key = data, draw.draw(st.sampled_from(sorted(data)))
    if key == "plans":
        part = data["plans"][0]
        key = draw.draw(st.sampled_from(sorted(part)))
    part[key] = draw.draw(anything)
    try:
        rules = parse_rules(data)
    except InvalidTariffError:
        return
    entry = datetime(2026, 3, 28, 12, tzinfo=UTC)
    zone = ZoneInfo("Europe/Zurich")
    price = price_stay(rules, entry=entry, exit=entry.replace(day=31), spot_type="regular", timezone=zone)
    assert price.total >= 0


def test_surprises_name_what_people_stumble_over():
    day = {"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30}
    night = {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60}
    found = surprises(
        parse_rules(
            {
                "day_starts_at": "05:00",
                "plans": [{"bands": [day, night]}],
                "caps": [{"price": 500, "days": ["holiday"]}],
                "packages": [{"name": "Night", "entry_from": "18:00", "entry_to": "22:00", "price": 900}],
            }
        )
    )
    assert any("06:59 can cost less than at 07:00" in text for text in found)
    assert any("starts at 05:00" in text for text in found)
    assert any("with the same exit (Mon–Sun)" in text for text in found)
    assert any(text.startswith("Night applies: every day, entry 18:00–22:00") for text in found)
    assert any("holiday" in text for text in found)


def test_special_dates_that_cost_nothing_else_surprise():
    unnamed = special(FAIR, plans=[PLAN])
    assert any("No plan names “Fair”" in text for text in surprises(parse_rules(unnamed)))
    unmet = unnamed | {"caps": [{"price": 500, "days": ["Fair"]}]}
    assert any("Caps or packages name “Fair”" in text for text in surprises(parse_rules(unmet)))
    assert surprises(parse_rules(special(FAIR))) == []


def test_plain_rules_surprise_nobody():
    assert surprises(parse_rules({"plans": [PLAN]})) == []
