"""What a lot has free over a day and on its plan, for the page on which a place is booked."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse

from common.web.wall_clock import second_time
from driver.book_forms import PeriodForm, typed_times
from driver.booking_forms import ChangeForm
from lots.calendar import zone_of
from lots.models import Lot, SpotStatus
from reservations.booked_time import AHEAD, BookedTime
from reservations.day_strip import HourFree, free_through_day
from reservations.offering import SpotToAskFor

MOST_SPOTS = 200
"""A plan shows no more; of more, a number is typed."""
PLENTY, FEW = 0.5, 0.2
"""From which share of the day's most free places an hour is drawn as full of them, and below which as nearly none."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BayToChoose:
    """A bay on the plan; one that is not free can't be chosen."""

    number: str
    status: str
    is_free: bool
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class HourOfStrip:
    """An hour of the day strip: the lot's clock, how it is drawn, and where it leads; else it can't be chosen."""

    hour: HourFree
    label: str
    tone: str
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class DayStrip:
    """The hours of a local day, with the addresses that show the day before and the one after."""

    day: date
    hours: list[HourOfStrip]
    before: str
    after: str


class TwiceShown(NamedTuple):
    """A time that the clock shows twice, which of both is chosen, and where the other one is."""

    clock: str
    is_second: bool
    href: str


def plan_of(spots: list[SpotToAskFor], period: PeriodForm | ChangeForm) -> list[tuple[str, list[BayToChoose]]]:
    """Return the bays of the chosen kind by level."""
    asked = period["spot"].value() if "spot" in period.fields else ""
    return [
        (level, [_bay(spot, asked) for spot in of_level])
        for level, of_level in groupby(spots, key=lambda spot: spot.level)
    ]


def day_strip_of(lot: Lot, period: PeriodForm) -> DayStrip | None:
    """Return what is free of the chosen kind through the day on which the period starts; None without a period."""
    if period.time is None or "spot_type" not in period.cleaned_data:
        return None
    start, end = period.time
    kind, zone, length = period.cleaned_data["spot_type"], zone_of(lot), end - start
    day = start.astimezone(zone).date()
    hours = free_through_day(lot, kind, day, at=period.at)
    most = max(hour.free for hour in hours)
    address = reverse("driver:book", args=[lot.slug])

    def link(local: datetime) -> str:
        given = typed_times(BookedTime(local, local.astimezone(UTC) + length), zone)
        return f"{address}?{urlencode(given | {'spot_type': kind})}"

    def is_open(local: datetime) -> bool:
        return period.at - timedelta(minutes=1) <= local <= period.at + AHEAD

    shown = [
        HourOfStrip(
            hour,
            f"{hour.start:%H}",
            "past" if hour.end <= period.at else _tone(hour.free, most),
            link(hour.start) if hour.free and is_open(hour.start) else "",
            hour.start < end and start < hour.end,
        )
        for hour in hours
    ]
    local = start.astimezone(zone)
    before, after = (local + days for days in (-_DAY, _DAY))
    return DayStrip(day, shown, link(before) if is_open(before) else "", link(after) if is_open(after) else "")


def twice_shown(lot: Lot, period: PeriodForm) -> list[TwiceShown]:
    """Return the ends of a period which the clock shows twice, as it is put back in between."""
    if period.time is None:
        return []
    found, address, given = [], reverse("driver:book", args=[lot.slug]), dict(period.data)
    for name, instant in period.time._asdict().items():
        first = instant.astimezone(period.zone).replace(fold=0)
        if second_time(first, period.zone) != first.astimezone(UTC):
            is_second = bool(instant.astimezone(period.zone).fold)
            query = urlencode(given | {f"{name}_again": "" if is_second else "1"})
            found.append(TwiceShown(f"{first:%H:%M}", is_second, f"{address}?{query}"))
    return found


def _bay(spot: SpotToAskFor, asked: str) -> BayToChoose:
    status = SpotStatus.AVAILABLE if spot.is_free else SpotStatus.RESERVED
    return BayToChoose(spot.number, status, spot.is_free, spot.is_free and spot.number == asked)


def _tone(free: int, most: int) -> str:
    if not free:
        return "none"
    return "few" if free < most * FEW or free == 1 < most else "some" if free < most * PLENTY else "plenty"
