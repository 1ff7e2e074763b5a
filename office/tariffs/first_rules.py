"""Rules to begin a tariff from. Amounts are of the usual size in minor units: 3.00 in CHF, 300 in JPY."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_USUAL = {"grace_minutes": 10, "exit_grace_minutes": 15, "lost_ticket_fee": 4000}


@dataclass(frozen=True, slots=True)
class FirstRules:
    """Rules to begin from, with their name and what they are for."""

    key: str
    name: str | Promise
    text: str | Promise
    rules: Mapping[str, Any]


def _band(opens: str, closes: str, price: int, minutes: int) -> dict[str, Any]:
    return {"from": opens, "to": closes, "price": price, "increment_minutes": minutes}


FIRST_RULES = (
    FirstRules(
        "hourly",
        _("By the hour"),
        _("One price for each started hour, and a most for 24 hours."),
        _USUAL | {"plans": [{"name": "Every day", "max_price": 2500, "bands": [_band("00:00", "24:00", 300, 60)]}]},
    ),
    FirstRules(
        "day-night",
        _("Day and night"),
        _("Half hours by day, cheaper hours by night with a most for the night."),
        _USUAL
        | {
            "plans": [
                {
                    "name": "Every day",
                    "bands": [_band("07:00", "19:00", 150, 30), _band("19:00", "07:00", 100, 60)],
                    "caps": [{"from": "19:00", "to": "07:00", "price": 800}],
                    "max_price": 2500,
                }
            ]
        },
    ),
    FirstRules(
        "flat-evening",
        _("Flat evening"),
        _("By the hour in the day; who arrives from 18:00 on pays one price until the morning."),
        _USUAL
        | {
            "plans": [
                {"name": "Day", "max_price": 2500, "bands": [_band("00:00", "24:00", 300, 60)]},
                {
                    "name": "Evening",
                    "priority": 1,
                    "entry_from": "18:00",
                    "entry_to": "04:00",
                    "periods": "first",
                    "max_price": 2500,
                    "steps": [{"up_to_minutes": 840, "price": 700}],
                    "steps_beyond": {"each_minutes": 60, "price": 300},
                },
            ]
        },
    ),
    FirstRules(
        "first-free",
        _("First 30 minutes free"),
        _("Charging starts after half an hour, for short errands."),
        _USUAL
        | {
            "grace_minutes": 30,
            "free_minutes": 30,
            "plans": [{"name": "Every day", "max_price": 2000, "bands": [_band("00:00", "24:00", 200, 60)]}],
        },
    ),
    FirstRules(
        "airport",
        _("Airport by days"),
        _("Steps on the first day, a price for each further day, and a most for a week."),
        _USUAL
        | {
            "plans": [
                {
                    "name": "First day",
                    "periods": "first",
                    "max_price": 4200,
                    "steps": [
                        {"up_to_minutes": 30, "price": 400},
                        {"up_to_minutes": 60, "price": 700},
                        {"up_to_minutes": 120, "price": 1200},
                    ],
                    "steps_beyond": {"each_minutes": 60, "price": 500},
                },
                {
                    "name": "Further days",
                    "periods": "later",
                    "steps": [{"up_to_minutes": 720, "price": 2000}, {"up_to_minutes": 1440, "price": 3000}],
                },
            ],
            "block_caps": [{"periods": 7, "price": 16800}],
        },
    ),
    FirstRules(
        "event",
        _("Event day"),
        _("One price for who arrives from noon on, the usual hours before."),
        _USUAL
        | {
            "plans": [
                {"name": "Every day", "max_price": 3000, "bands": [_band("00:00", "24:00", 300, 60)]},
                {
                    "name": "Event",
                    "priority": 1,
                    "entry_from": "12:00",
                    "entry_to": "24:00",
                    "periods": "first",
                    "steps": [{"up_to_minutes": 1440, "price": 2000}],
                },
            ]
        },
    ),
)
