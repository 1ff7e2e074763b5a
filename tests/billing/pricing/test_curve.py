"""The price curve and the week drawn from rules say what the engine says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.pricing import parse_rules, placed_surprises, price_curve, price_stay, week_of
from tests.billing.pricing.strategies import stays, tariffs

ZURICH = ZoneInfo("Europe/Zurich")
HOLIDAYS = [date(2026, 3, 28), date(2026, 3, 30), date(2026, 10, 25)]
CITY = {
    "grace_minutes": 10,
    "tax_percent": "8.1",
    "tax_included": False,
    "minimum_charge": 200,
    "plans": [
        {
            "name": "Week",
            "max_price": 2500,
            "bands": [
                {"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30},
                {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60, "prorata": True},
            ],
            "caps": [{"from": "19:00", "to": "07:00", "price": 500}],
        },
        {"name": "Weekend", "priority": 1, "days": ["sat", "sun"], "steps": [{"up_to_minutes": 1440, "price": 500}]},
    ],
    "packages": [{"entry_from": "06:00", "entry_to": "09:00", "exit_from": "15:30", "exit_to": "19:00", "price": 1600}],
}

NIGHT = {
    "bands": [
        {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60},
        {"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30},
    ]
}


def quotes(data, entry, lengths, zone, spot_type="regular"):
    given_once = {"entry": entry, "spot_type": spot_type, "timezone": zone, "holidays": HOLIDAYS}
    rules = parse_rules(data)
    return [price_stay(rules, exit=entry + timedelta(minutes=length), **given_once).total for length in lengths]


def test_curve_over_a_week_equals_a_thousand_single_quotes():
    entry = datetime(2026, 3, 27, 8, 15, tzinfo=ZURICH).astimezone(UTC)
    lengths = range(0, 10_080, 10)
    curve = price_curve(
        parse_rules(CITY), entry=entry, minutes=lengths, spot_type="regular", timezone=ZURICH, holidays=HOLIDAYS
    )
    assert len(curve) > 1000
    assert curve == quotes(CITY, entry, lengths, ZURICH)
    assert len(set(curve)) > 20


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(tariffs(), stays(), st.sampled_from(["regular", "ev"]), st.lists(st.integers(0, 10_080), min_size=100))
def test_curve_of_any_tariff_equals_a_hundred_single_quotes(data, stay, spot_type, lengths):
    zone, entry_at, _ = stay
    entry = datetime.fromtimestamp(entry_at, UTC)
    curve = price_curve(
        parse_rules(data), entry=entry, minutes=lengths, spot_type=spot_type, timezone=zone, holidays=HOLIDAYS
    )
    assert curve == quotes(data, entry, lengths, zone, spot_type)


def named(stretches):
    return [(one.opens, one.closes, one.plan.name, one.band and one.band.price) for one in stretches]


def test_week_shows_the_plan_and_the_band_of_each_arrival():
    week = week_of(parse_rules(CITY), "regular")
    assert list(week) == ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    assert named(week["mon"]) == [(0, 420, "Week", 100), (420, 1140, "Week", 200), (1140, 1440, "Week", 100)]
    assert named(week["sun"]) == [(0, 1440, "Weekend", None)]


def test_week_has_a_holiday_where_a_plan_names_it_and_knows_types_and_later_days():
    bands = [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}]
    data = {
        "plans": [
            {"name": "All", "bands": bands},
            {"name": "Feast", "priority": 2, "days": ["holiday"], "bands": bands},
            {
                "name": "Evening",
                "priority": 1,
                "periods": "first",
                "spot_types": ["ev"],
                "entry_from": "18:00",
                "entry_to": "02:00",
                "steps": [{"up_to_minutes": 600, "price": 500}],
            },
        ]
    }
    week = week_of(parse_rules(data), "ev")
    assert named(week["holiday"]) == [(0, 1440, "Feast", 300)]
    assert named(week["tue"]) == [(0, 120, "Evening", None), (120, 1080, "All", 300), (1080, 1440, "Evening", None)]
    assert named(week_of(parse_rules(data), "regular")["tue"]) == [(0, 1440, "All", 300)]
    assert named(week_of(parse_rules(data), "ev", first=False)["tue"]) == [(0, 1440, "All", 300)]


def test_week_has_event_days_and_special_dates_where_plans_name_them_and_knows_vehicles():
    def plan(name, price, **fields):
        band = {"from": "00:00", "to": "24:00", "price": price, "increment_minutes": 60}
        return {"name": name, "bands": [band], **fields}

    data = {
        "plans": [
            plan("All", 300),
            plan("Vans", 400, priority=1, vehicle_types=["large"]),
            plan("Events", 500, priority=2, days=["event"]),
            plan("Fair", 600, priority=2, days=["Fair"]),
        ],
        "special_days": [{"name": "Fair", "dates": []}, {"name": "Match", "dates": ["2026-03-02"]}],
    }
    week = week_of(parse_rules(data), "regular")
    assert {day: stretch.plan.name for day, (stretch,) in week.items()} == {
        **dict.fromkeys(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "All"),
        "event": "Events",
        "Fair": "Fair",
    }
    assert week_of(parse_rules(data), "regular", vehicle_type="large")["mon"][0].plan.name == "Vans"


@settings(max_examples=30, suppress_health_check=list(HealthCheck))
@given(tariffs(), st.integers(0, 1439), st.sampled_from(["regular", "ev"]))
def test_week_of_any_tariff_has_one_band_or_steps_for_every_minute(data, minute, spot_type):
    for stretches in week_of(parse_rules(data), spot_type).values():
        (held,) = [one for one in stretches if one.opens <= minute < one.closes]
        assert held.band in held.plan.bands if held.plan.bands else held.band is None
        assert held.band is None or held.band.window.holds(minute * 60)
        assert held.plan.entry.holds(minute * 60)


@pytest.mark.parametrize(
    ("rules", "places"),
    [
        ({"plans": [NIGHT]}, ["$.plans", "$.plans[0].bands[1].from"]),
        ({"day_starts_at": "05:00", "plans": [NIGHT]}, ["$.plans[0].bands[1].from", "$.day_starts_at"]),
        ({"plans": [{"steps": [{"up_to_minutes": 60, "price": 1}]}], "packages": CITY["packages"]}, ["$.packages[0]"]),
    ],
)
def test_surprise_is_placed_at_the_part_that_it_is_about(rules, places):
    assert list(dict.fromkeys(found.path for found in placed_surprises(parse_rules(rules)))) == places
