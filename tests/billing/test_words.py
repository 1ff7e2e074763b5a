"""A tariff in plain words."""

from billing.pricing import parse_rules
from billing.words import days_words, length_words, tariff_words
from tests.factories import HOURLY

RULES = {
    "grace_minutes": 10,
    "free_minutes": 30,
    "tax_percent": "8.1",
    "lost_ticket_fee": 4000,
    "minimum_charge": 100,
    "plans": [
        {
            "name": "Week",
            "days": ["mon", "tue", "wed", "thu", "fri"],
            "max_price": 2500,
            "bands": [
                {"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30},
                {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60, "prorata": True},
            ],
            "caps": [{"from": "19:00", "to": "07:00", "price": 800}],
        },
        {
            "name": "Weekend",
            "days": ["sat", "sun", "holiday"],
            "steps": [{"up_to_minutes": 60, "price": 300}, {"up_to_minutes": 90, "price": 700}],
            "steps_beyond": {"each_minutes": 60, "price": 200},
        },
    ],
    "block_caps": [{"periods": 7, "price": 12000}],
    "packages": [
        {
            "name": "Early bird",
            "days": ["mon", "tue"],
            "entry_from": "06:00",
            "entry_to": "09:00",
            "max_hours": 14,
            "price": 1600,
        }
    ],
}


def test_bands_caps_and_the_day_maximum_are_named_with_their_amounts():
    week = tariff_words(parse_rules(RULES)).plans[0]
    assert (week.name, week.holds) == ("Week", "Mon–Fri")
    assert [(price.label, price.amount, price.unit) for price in week.prices] == [
        ("07:00–19:00", 200, "per 30 min"),
        ("19:00–07:00", 100, "per 1 h, by the second"),
    ]
    assert [(price.label, price.amount, price.unit) for price in week.limits] == [
        ("19:00–07:00 at most", 800, ""),
        ("At most", 2500, "in 24 hours"),
    ]


def test_steps_are_named_by_their_length():
    weekend = tariff_words(parse_rules(RULES)).plans[1]
    assert weekend.holds == "Sat, Sun, holidays"
    assert [(price.label, price.amount, price.unit) for price in weekend.prices] == [
        ("Up to 1 h", 300, ""),
        ("Up to 1 h 30 min", 700, ""),
        ("After that", 200, "per 1 h"),
    ]


def test_packages_say_their_hours():
    [package] = tariff_words(parse_rules(RULES)).packages
    assert (package.label, package.amount, package.unit) == ("Early bird", 1600, "Mon, Tue, in 06:00–09:00, up to 14 h")


def test_the_rest_of_a_tariff_is_said_too():
    words = tariff_words(parse_rules(RULES))
    assert [(price.label, price.amount) for price in words.limits] == [
        ("7 days at most", 12000),
        ("At least", 100),
        ("Lost ticket (only if your plate isn't found)", 4000),
    ]
    assert words.notes == (
        "Leave within 10 min and you pay nothing.",
        "The first 30 min are free.",
        "After paying you have 15 min to leave.",
        "8.1 % tax is included.",
    )


def test_a_plan_for_all_days_and_types_says_so_shortly():
    [plan] = tariff_words(parse_rules(HOURLY)).plans
    assert (plan.holds, plan.prices[0].label, plan.prices[0].unit) == ("Every day", "Any time", "per 1 h")


def test_bands_say_what_comes_later_and_what_is_charged_once():
    day = {"from": "07:00", "to": "18:00", "price": 330, "increment_minutes": 60}
    later = {"after_minutes": 60, "price": 110, "increment_minutes": 30, "prorata": True, "prorata_minutes": 1}
    evening = {"from": "18:00", "to": "07:00", "price": 220, "once": True}
    plan = {"bands": [{**day, "then": [later]}, evening], "max_price": 3000}
    [words] = tariff_words(parse_rules({"plans": [plan], "day_starts_at": "never"})).plans
    assert [(price.label, price.amount, price.unit) for price in words.prices] == [
        ("07:00–18:00", 330, "per 1 h"),
        ("07:00–18:00, after 1 h", 110, "per 30 min, by started 1 min"),
        ("18:00–07:00", 220, "once"),
    ]
    assert [(price.label, price.unit) for price in words.limits] == [("At most", "for the whole stay")]


def test_regulars_read_what_they_save():
    regulars = [{"from_stay": 5, "percent": "10"}, {"from_stay": 10, "percent": "12.5"}]
    assert tariff_words(parse_rules(HOURLY | {"regulars": regulars})).notes[1:3] == (
        "From your stay no. 5 in a month: 10 % off.",
        "From your stay no. 10 in a month: 12.5 % off.",
    )


def test_a_plan_names_the_vehicles_it_is_for():
    every_day = {"bands": [{"from": "00:00", "to": "24:00", "price": 500, "increment_minutes": 60}]}
    vans = {**every_day, "priority": 1, "vehicle_types": ["large", "motorcycle"]}
    plans = tariff_words(parse_rules({"plans": [every_day, vans]})).plans
    assert [plan.holds for plan in plans] == ["Every day", "Every day · motorcycle, large vehicles"]


def test_days_are_named_as_on_signs():
    assert days_words(()) == ""
    assert days_words(("mon", "wed", "thu", "fri")) == "Mon, Wed–Fri"
    assert days_words(("holiday",)) == "holidays"
    assert days_words(("sun", "event", "Street Parade")) == "Sun, event days, Street Parade"


def test_lengths_are_said_in_the_unit_that_fits():
    assert [length_words(minutes) for minutes in (15, 60, 75, 1440, 2880)] == [
        "15 min",
        "1 h",
        "1 h 15 min",
        "24 h",
        "2 days",
    ]
