"""Spans of local days, and how they compare with earlier ones. Pure."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Span:
    """Local days from `first` to `last`, both included."""

    first: date
    last: date

    @classmethod
    def of_month(cls, day: date) -> "Span":
        """Return the month that holds a day."""
        return cls(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))

    @property
    def length(self) -> int:
        """Return how many days these are."""
        return (self.last - self.first).days + 1

    @property
    def comparable_shift(self) -> timedelta:
        """Return how much earlier the compared days are: whole weeks, so that weekdays meet and no day is both."""
        return timedelta(days=DAYS_A_WEEK * -(-self.length // DAYS_A_WEEK))

    @property
    def whole_months(self) -> "Span | None":
        """Return the months that lie completely inside."""
        first = self.first if self.first.day == 1 else Span.of_month(self.first).last + timedelta(days=1)
        month = Span.of_month(self.last)
        last = month.last if month.last == self.last else month.first - timedelta(days=1)
        return Span(first, last) if first < last else None

    def earlier(self, shift: timedelta) -> "Span":
        """Return the same days, moved back."""
        return Span(self.first - shift, self.last - shift)

    def until(self, day: date) -> "Span | None":
        """Return the days up to `day`; None when it comes before all of them."""
        return Span(self.first, min(self.last, day)) if day >= self.first else None

    def days(self) -> Iterator[date]:
        """Yield the days in their order."""
        yield from (self.first + timedelta(days=number) for number in range(self.length))

    def months(self) -> Iterator["Span"]:
        """Yield the days of each month inside, in their order."""
        first = self.first
        while first <= self.last:
            month = Span(first, min(Span.of_month(first).last, self.last))
            yield month
            first = month.last + timedelta(days=1)
