"""A day on a lot's clock, which has 23, 24 or 25 hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from common.time import midnight_of
from lots.access import LotName

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
A_DAY = timedelta(days=1)


class HourMark(NamedTuple):
    """An hour of the clock and how many quarters of it the day has: half hours end some days."""

    word: str
    span: int


@dataclass(frozen=True, slots=True)
class LotDay:
    """A day of a lot's calendar, from `start` to `end` in UTC."""

    day: date
    zone: ZoneInfo

    @classmethod
    def of(cls, lot: LotName, at: datetime) -> "LotDay":
        """Return the day of an instant."""
        zone = ZoneInfo(lot.timezone)
        return cls(at.astimezone(zone).date(), zone)

    @classmethod
    def after(cls, lot: LotName, at: datetime) -> "LotDay":
        """Return the day after that of an instant."""
        today = cls.of(lot, at)
        return cls(today.day + A_DAY, today.zone)

    @property
    def start(self) -> datetime:
        """Return the midnight with which it begins."""
        return midnight_of(self.day, self.zone)

    @property
    def end(self) -> datetime:
        """Return the midnight with which it ends."""
        return midnight_of(self.day + A_DAY, self.zone)

    @property
    def quarters(self) -> int:
        """Return how many quarters of an hour it has."""
        return (self.end - self.start) // QUARTER

    def hours(self) -> Iterator[datetime]:
        """Yield the beginning of each of its hours, on the lot's clock: one that is shown twice comes twice."""
        at = self.start
        while at < self.end:
            yield at.astimezone(self.zone)
            at += HOUR

    def marks(self) -> list[HourMark]:
        """Return its hours as the head of a table shows them."""
        return [HourMark(f"{hour:%H}", min(4, (self.end - hour) // QUARTER)) for hour in self.hours()]

    def quarter_of(self, at: datetime, *, up: bool = False) -> int:
        """Return in which quarter an instant is, from 0 to `quarters`; `up` rounds up."""
        passed = at - self.start
        number = -(-passed // QUARTER) if up else passed // QUARTER
        return max(0, min(self.quarters, number))
