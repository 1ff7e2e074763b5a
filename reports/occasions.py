"""What is told to many people at an hour of their clock, and when that hour comes in a time zone.

A time that the clock skips counts as much later as the clock was put forward; one that it shows twice counts the first
time. A day that a zone skips as it crosses the date line has no occasion.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.functional import Promise

from notifications.models import Message
from reports.month_names import last_months

LATEST = timedelta(hours=24)
"""How late a run may begin or go on; what is later is left out and said."""
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day in a zone on which its people are told; a message of it is worth nothing after `expires_at`.

    `due_at` is the instant at which the clock of the zone shows the hour.
    """

    zone: str
    day: date
    due_at: datetime
    expires_at: datetime

    @property
    def month(self) -> date:
        """Return the first day of the month before, of which a monthly report tells."""
        return last_months(self.day, 2)[0]


@dataclass(frozen=True, slots=True)
class DueTime:
    """The hour at which people are told: each day, or on the first of each month."""

    clock: time
    monthly: bool = False

    def instant(self, day: date, zone: str) -> datetime | None:
        """Return when the clock of a zone shows the hour on a day, in UTC; None on a day that the zone skips."""
        if _clock_instant(day, _NOON, zone).astimezone(ZoneInfo(zone)).date() != day:
            return None
        return _clock_instant(day, self.clock, zone)

    def backwards(self, zone: str, at: datetime) -> Iterator[tuple[date, datetime]]:
        """Yield the days whose hour has come by an instant, with that hour, from the latest on."""
        day = at.astimezone(ZoneInfo(zone)).date()
        while True:
            day = day.replace(day=1) if self.monthly else day
            due_at = self.instant(day, zone)
            if due_at is not None and due_at <= at:
                yield day, due_at
            day -= timedelta(days=1)


Plan = Callable[[Sequence[int], Occasion, datetime], list[Message]]
"""Returns the messages to a batch of people, named by id, at most one key each; in few queries, however many they are.

Whether somebody has the message already is looked up by its key, so it may be planned again.
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """Something that is told to many people: its name, what it is called, when it is due, and who plans it."""

    name: str
    label: str | Promise
    due: DueTime
    plan: Plan


_planned: dict[str, Planned] = {}


def register_planned(planned: Planned) -> None:
    """Make something that is told to many known; call it at start-up."""
    _planned[planned.name] = planned


def all_planned() -> list[Planned]:
    """Return all that is told to many."""
    return list(_planned.values())


def planned_named(name: str) -> Planned | None:
    """Return what is told under a name, if that is known."""
    return _planned.get(name)


def occasion_of(planned: Planned, *, zone: str, day: date, begins_at: datetime) -> Occasion:
    """Return the occasion of a day, whose run is to begin at an instant."""
    return Occasion(zone, day, planned.due.instant(day, zone) or begins_at, begins_at + LATEST)


def _clock_instant(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, tzinfo=ZoneInfo(zone)).astimezone(UTC)
