"""A lot's own calendar: its local days, its holidays, whether it is open."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays

from accounts.models import Operator
from lots.access import LotName
from lots.models import Lot
from lots.opening_hours import OpeningHours, next_change, parse_opening_hours
from lots.opening_hours import is_open as hours_hold


def zone_of(lot: Lot) -> ZoneInfo:
    """Return the lot's timezone."""
    return ZoneInfo(lot.timezone)


def local_day(lot: Lot, at: datetime) -> date:
    """Return the day on the lot's calendar at an instant."""
    return at.astimezone(zone_of(lot)).date()


def operators_day(operators: Iterable[Operator], at: datetime) -> date:
    """Return the day of operators: the earliest on the clocks of their lots, so it is over at none of them; one query.

    Without a lot that of UTC.
    """
    of_lots = Lot.objects.in_use().filter(operator__in=operators).order_by()
    zones = of_lots.values_list("timezone", flat=True).distinct()
    return min((at.astimezone(ZoneInfo(zone)).date() for zone in zones), default=at.date())


def zone_of_operator(operator: Operator, lots: Iterable[Lot | LotName]) -> str:
    """Return the timezone of an operator's clock: its own, else that of the first of its `lots`."""
    return operator.timezone or next((lot.timezone for lot in lots), "UTC")


def holidays_of(lot: Lot, first: datetime, last: datetime) -> frozenset[date]:
    """Return the lot's holidays in the local years from `first` to `last`, one year more on either side."""
    years = range(local_day(lot, first).year - 1, local_day(lot, last).year + 2)
    return frozenset().union(*(_holidays_in(_frozen(lot.holidays), year) for year in years))


def is_holiday(lot: Lot, day: date) -> bool:
    """Return whether a local day is one of the lot's holidays."""
    return day in _holidays_in(_frozen(lot.holidays), day.year)


def is_open(lot: Lot, at: datetime) -> bool:
    """Return whether walk-ins may enter: not closed by hand and within the opening hours."""
    if lot.is_closed:
        return False
    return hours_hold(opening_hours_of(lot), at.astimezone(zone_of(lot)), lambda day: is_holiday(lot, day))


def opens_at(lot: Lot, at: datetime) -> datetime | None:
    """Return when the lot next opens, in local time; None when it is closed by hand or never closes."""
    if lot.is_closed:
        return None
    return next_change(opening_hours_of(lot), at.astimezone(zone_of(lot)), lambda day: is_holiday(lot, day))


def opening_hours_of(lot: Lot) -> OpeningHours:
    """Return the lot's parsed opening hours."""
    return _parsed_hours(tuple(sorted(lot.opening_hours.items())))


def _frozen(of: Mapping[str, Any]) -> tuple[str, str, tuple[str, ...]]:
    return (of.get("country") or "", of.get("subdivision") or "", tuple(of.get("extra") or ()))


@lru_cache(maxsize=4096)
def _holidays_in(of: tuple[str, str, tuple[str, ...]], year: int) -> frozenset[date]:
    country, subdivision, extra = of
    days = {day for day in map(date.fromisoformat, extra) if day.year == year}
    if country:
        days |= set(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    return frozenset(days)


@lru_cache(maxsize=1024)
def _parsed_hours(items: tuple[tuple[str, str], ...]) -> OpeningHours:
    return parse_opening_hours(dict(items))
