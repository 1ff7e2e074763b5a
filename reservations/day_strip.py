"""What is free of a type through a day, by the hour."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from common.time import midnight_of
from lots.calendar import zone_of
from lots.models import Lot
from reservations.free_places import load_stock
from reservations.placing import Period

HOUR = timedelta(hours=1)


class HourFree(NamedTuple):
    """An hour of a lot's day, and how many places are free at each instant of it; both ends are local."""

    start: datetime
    end: datetime
    free: int

    @property
    def is_again(self) -> bool:
        """Return whether the clock showed this hour before, on a day on which it is put back."""
        return self.start.fold == 1


def hours_of(lot: Lot, day: date) -> list[Period]:
    """Return the hours of a lot's day, local and one after the other: 23 or 25 where its clock is changed."""
    zone = zone_of(lot)
    first, after = midnight_of(day, zone), midnight_of(day + timedelta(days=1), zone)
    starts = [(first + number * HOUR).astimezone(zone) for number in range(round((after - first) / HOUR))]
    return [Period(start, end) for start, end in zip(starts, [*starts[1:], after.astimezone(zone)], strict=True)]


def free_through_day(lot: Lot, spot_type: str, day: date, *, at: datetime) -> list[HourFree]:
    """Return the hours of a lot's day with what is free of a type, as far as it is counted; none for what is past.

    Two statements, four for a day of which some is within `protect_minutes`: there the cars count that stand now.
    """
    hours = hours_of(lot, day)
    coming = [hour for hour in hours if hour.end > at]
    near = at + timedelta(minutes=lot.protect_minutes)
    free: dict[datetime, int] = {}
    for part in ([one for one in coming if one.start <= near], [one for one in coming if one.start > near]):
        if part and lot.bookable:
            stock = load_stock(lot, spot_type, Period(part[0].start, part[-1].end), at=at)
            free |= {hour.start: stock.room(hour) for hour in part}
    return [HourFree(hour.start, hour.end, free.get(hour.start, 0)) for hour in hours]
