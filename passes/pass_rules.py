"""What passes are: their kinds, their periods, and what a cancelled one gives back."""

from calendar import monthrange
from datetime import date, timedelta
from enum import StrEnum

MONTHS = 12
RENEWAL_OFFERED_DAYS = 14
"""How many days before its end a pass is offered to be renewed."""
RENEWAL_BILLED_DAYS = 7
"""How many days before its end the next period is charged or invoiced."""
LATE_REMINDER_DAYS = 3
"""How many days after its end the holder of an unpaid one is reminded once more."""


class PassKind(StrEnum):
    """What a pass is sold as."""

    SEASON = "season"
    MONTH = "month"
    ENTRIES = "entries"
    WEEKDAY = "weekday"
    NIGHT = "night"


class PassRenewal(StrEnum):
    """What comes after the last day: nothing, a saved card is charged, or an invoice is sent."""

    NONE = "none"
    CHARGE = "charge"
    INVOICE = "invoice"


class PoolFull(StrEnum):
    """What becomes of a car whose pass has no space left: it pays as anybody, or is not let in."""

    PAY = "pay"
    DENY = "deny"


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month when it has no such day."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day_of_period(first: date, *, months: int, days: int) -> date:
    """Return the last day of a period of so many months, or without months of so many days."""
    if not months:
        return first + timedelta(days=days - 1)
    after = add_months(first, months)
    # A month that begins on the 31st ends with the shorter month that follows.
    return after if after.day < first.day else after - timedelta(days=1)


def unused_months(first: date, *, months: int, today: date) -> int:
    """Return how many of the months of a period have not begun by `today`."""
    return sum(add_months(first, month) > today for month in range(months))


def given_back(price: int, *, months: int, unused: int) -> int:
    """Return what unused whole months of a period are worth, in minor units rounded half up."""
    return (2 * price * unused + months) // (2 * months) if months else 0
