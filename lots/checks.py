"""Checks of a lot's settings, for forms, the API and site files alike: the place of each mistake and what is wrong."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import holidays
from babel.numbers import is_currency
from django.utils.translation import gettext as _

from common.errors import FieldError
from common.money import LARGEST_AMOUNT
from common.plates import is_text
from lots.booking_rules import MOST_PERCENT
from lots.compatibility import SpotType
from lots.kept_days import CLOCKS, Purpose
from lots.opening_hours import OpeningHoursError, parse_opening_hours

LOWEST_LEVEL, HIGHEST_LEVEL = -200, 500
LARGEST_NUMBER = 1_000_000
"""Of what is counted or measured in a lot: a spot's number, metres to the entrance."""
MOST_MINUTES = 7 * 24 * 60
"""The longest time of a house rule."""
MOST_AMENITIES = 50
LONGEST_AMENITY = 60
HOLIDAY_FIELDS = ("country", "subdivision", "extra")

Problem = tuple[str, str]


def lot_problems(values: Mapping[str, Any], path: str = "") -> list[FieldError]:
    """List the mistakes in the settings present in `values`; `path` begins each place."""
    found = []
    for name, check in _CHECKS.items():
        if name in values:
            found += [FieldError(f"{path}{name}{place}", message) for place, message in check(values[name])]
    return found


def _timezone(value: Any) -> Iterator[Problem]:
    if not isinstance(value, str) or value not in _timezones():
        yield "", _("This is not a known timezone, such as Europe/Zurich.")


def _currency(value: Any) -> Iterator[Problem]:
    if not isinstance(value, str) or not is_currency(value):
        yield "", _("This is not a known currency code, such as CHF.")


def _holidays(value: Any) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield "", _('This must be an object such as {"country": "CH", "subdivision": "ZH", "extra": ["2026-04-20"]}.')
        return
    for key in value:
        if key not in HOLIDAY_FIELDS:
            yield f".{key}", _("This is not known here; known are %(fields)s.") % {"fields": ", ".join(HOLIDAY_FIELDS)}
    yield from _country(value.get("country"), value.get("subdivision"))
    yield from _extra_days(value.get("extra", []))


def _country(country: Any, subdivision: Any) -> Iterator[Problem]:
    if country is None:
        if subdivision is not None:
            yield ".subdivision", _("This needs a country.")
    elif not isinstance(country, str) or country not in _countries():
        yield ".country", _("This is not a country whose holidays are known, such as CH.")
    elif subdivision is not None and subdivision not in _countries()[country]:
        yield ".subdivision", _("This is not a part of %(country)s whose holidays are known.") % {"country": country}


def _extra_days(extra: Any) -> Iterator[Problem]:
    if not isinstance(extra, list):
        yield ".extra", _("This must be a list of days such as 2026-04-20.")
        return
    for index, day in enumerate(extra):
        if not is_day(day):
            yield f".extra[{index}]", _("This must be a day such as 2026-04-20.")


def is_day(value: Any) -> bool:
    """Return whether a value is a day written as YYYY-MM-DD."""
    try:
        return isinstance(value, str) and dt.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _opening_hours(value: Any) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield "", _('This must be an object such as {"mon-fri": "06:00-24:00", "sun,holiday": "closed"}.')
        return
    try:
        parse_opening_hours(value, path="")
    except OpeningHoursError as error:
        yield from ((problem.path, problem.message) for problem in error.errors)


def _latitude(value: Any) -> Iterator[Problem]:
    yield from _bounded(value, -90, 90)


def _longitude(value: Any) -> Iterator[Problem]:
    yield from _bounded(value, -180, 180)


def _lane_fee_limit(value: Any) -> Iterator[Problem]:
    yield from _bounded(value, 0, LARGEST_AMOUNT)


def _bounded(value: Any, least: int, most: int) -> Iterator[Problem]:
    if value is not None and not (isinstance(value, int | float) and least <= value <= most):
        yield "", _("This must be a number from %(least)s to %(most)s.") % {"least": least, "most": most}


def _amenities(value: Any) -> Iterator[Problem]:
    if not isinstance(value, list) or len(value) > MOST_AMENITIES:
        yield "", _("This must be a list of at most %(most)s words.") % {"most": MOST_AMENITIES}
        return
    for index, word in enumerate(value):
        if not isinstance(word, str) or not 0 < len(word) <= LONGEST_AMENITY or not is_text(word):
            yield (
                f"[{index}]",
                _("This must be a text of 1 to %(longest)s printable characters.") % {"longest": LONGEST_AMENITY},
            )


def _booking_share_percent(value: Any) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield "", _('This must be an object such as {"regular": 40, "ev": 100}.')
        return
    for spot_type, percent in value.items():
        if spot_type not in set(SpotType):
            yield f".{spot_type}", _("This is not a known type of spot.")
        elif isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= MOST_PERCENT:
            yield f".{spot_type}", _("This must be a whole number from 0 to 100.")


def _kept_days(value: Any) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield "", _('This must be an object such as {"paid_plates": 2, "images": 28}.')
        return
    for purpose, days in value.items():
        if purpose not in set(Purpose):
            yield f".{purpose}", _("Nothing is kept for this purpose.")
            continue
        clock = CLOCKS[Purpose(purpose)]
        if isinstance(days, bool) or not isinstance(days, int) or not clock.least <= days <= clock.most:
            bounds = {"least": clock.least, "most": clock.most}
            yield f".{purpose}", _("This must be a whole number of days from %(least)s to %(most)s.") % bounds


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _countries() -> dict[str, list[str]]:
    return dict(holidays.list_supported_countries())


_CHECKS: dict[str, Callable[[Any], Iterator[Problem]]] = {
    "timezone": _timezone,
    "currency": _currency,
    "holidays": _holidays,
    "opening_hours": _opening_hours,
    "amenities": _amenities,
    "latitude": _latitude,
    "longitude": _longitude,
    "lane_fee_limit": _lane_fee_limit,
    "booking_share_percent": _booking_share_percent,
    "kept_days": _kept_days,
}
