"""Event days and other special dates: days that a tariff prices by their name instead of their weekday."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from billing.pricing.windows import DAY_NAMES, EVENT

NAMES_BEFORE = (*DAY_NAMES, EVENT)
"""What days can be called beside the names of special dates; a day's bit is its place."""


@dataclass(frozen=True, slots=True)
class SpecialDays:
    """Local dates with a name of their own, such as those of a fair."""

    name: str
    dates: tuple[date, ...] = ()


def with_dates(special_days: Iterable[SpecialDays], name: str, dates: Iterable[date]) -> tuple[SpecialDays, ...]:
    """Return a calendar with more dates under a name, in order; what other names they had they lose."""
    added = set(dates)
    kept = without_dates(special_days, added)
    if not any(special.name == name for special in kept):
        kept = (*kept, SpecialDays(name))
    return tuple(
        SpecialDays(name, tuple(sorted({*special.dates, *added}))) if special.name == name else special
        for special in kept
    )


def without_dates(special_days: Iterable[SpecialDays], dates: Iterable[date]) -> tuple[SpecialDays, ...]:
    """Return a calendar without some dates; its names stay, since plans may use them."""
    removed = set(dates)
    return tuple(
        SpecialDays(special.name, tuple(day for day in special.dates if day not in removed)) for special in special_days
    )
