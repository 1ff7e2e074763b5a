"""Days and times of day in a lot's local time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

DAY_SECONDS = 86_400
DAY_MINUTES = 1_440
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY = "holiday"
DAY_NAMES = (*WEEKDAYS, HOLIDAY)
EVENT = "event"
"""Any special date of a tariff that no plan names by its own name."""
HOLIDAY_BIT = 1 << DAY_NAMES.index(HOLIDAY)
EVERY_DAY = -1

_FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the day `[opens, closes)` in minutes after midnight.

    It wraps around midnight when it closes before it opens; when both are equal it lasts a whole day.
    """

    opens: int = 0
    closes: int = DAY_MINUTES

    @property
    def wraps(self) -> bool:
        """Return whether an opening ends on the next day."""
        return self.closes <= self.opens

    @property
    def minutes(self) -> int:
        """Return the length of an opening in local time."""
        return self.closes - self.opens + (DAY_MINUTES if self.wraps else 0)

    @property
    def is_whole_day(self) -> bool:
        """Return whether every time of day is inside."""
        return self.minutes == DAY_MINUTES

    def holds(self, second: int) -> bool:
        """Return whether a second of the day is inside."""
        if self.wraps:
            return second >= self.opens * 60 or second < self.closes * 60
        return self.opens * 60 <= second < self.closes * 60

    def days_back(self, second: int) -> int:
        """Return how many days ago the opening that contains `second` began: 1 after midnight of a wrap, else 0."""
        return 1 if self.wraps and second < self.opens * 60 else 0


WHOLE_DAY = Window()


def day_mask(days: Iterable[str], names: Sequence[str] = DAY_NAMES) -> int:
    """Return days as bits by their places in `names`; no days means every day."""
    return sum(1 << names.index(day) for day in set(days)) or EVERY_DAY


def day_numbers(dates: Iterable[date]) -> frozenset[int]:
    """Return dates as days since 1970-01-01."""
    return frozenset(day.toordinal() - _FIRST_DAY.toordinal() for day in dates)


def day_bit(day: int, holidays: Collection[int]) -> int:
    """Return the bit of a day since 1970: `holiday` if it is in `holidays`, else its weekday."""
    return HOLIDAY_BIT if day in holidays else 1 << (day + _FIRST_DAY.weekday()) % 7


def clock_text(minute: int) -> str:
    """Return a minute of the day as `HH:MM`."""
    return f"{minute // 60:02}:{minute % 60:02}"
