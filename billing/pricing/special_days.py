"""Event days and other special dates: days that a tariff prices by their name instead of their weekday."""

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
