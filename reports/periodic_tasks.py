"""The tasks that come by themselves: what each does, when it came last and comes next, and what went wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.schedules import crontab
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from reports.models import TaskRecord
from reports.task_words import TASK_WORDS

QUIET = timedelta(minutes=5)
"""How much later than its time a task may be noted before the page says so."""
_MINUTE, _HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """A task that comes by itself, in words, with what is noted of it; `every` is None for one at a time of day."""

    name: str
    label: str | Promise
    every: timedelta | None
    record: TaskRecord | None
    next_at: datetime | None
    is_late: bool

    @property
    def every_words(self) -> str:
        """Return how often it comes."""
        if self.every is None:
            return _("once a day")
        seconds = int(self.every.total_seconds())
        if seconds < _MINUTE:
            return ngettext("every second", "every %(count)s seconds", seconds) % {"count": seconds}
        if seconds < _HOUR:
            minutes = seconds // _MINUTE
            return ngettext("every minute", "every %(count)s minutes", minutes) % {"count": minutes}
        hours = seconds // _HOUR
        return ngettext("every hour", "every %(count)s hours", hours) % {"count": hours}


def periodic_tasks(at: datetime) -> list[PeriodicTask]:
    """Return the tasks that come by themselves, by what they do; one query."""
    records = {record.name: record for record in TaskRecord.objects.all()}
    found = [_periodic(entry, records, at) for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    return sorted(found, key=lambda task: str(task.label).casefold())


def is_heard_of(at: datetime) -> bool:
    """Return whether workers have noted any task lately; several come every few seconds."""
    return TaskRecord.objects.filter(last_began_at__gt=at - QUIET).exists()


def _periodic(entry: Mapping[str, Any], records: Mapping[str, TaskRecord], at: datetime) -> PeriodicTask:
    name, schedule = entry["task"], entry["schedule"]
    every = None if isinstance(schedule, crontab) else timedelta(seconds=schedule)
    record = records.get(name)
    next_at = _next_at(schedule, record.last_began_at if record else at - timedelta(days=1))
    return PeriodicTask(
        name=name,
        label=TASK_WORDS.get(name, name),
        every=every,
        record=record,
        next_at=max(next_at, at),
        is_late=record is not None and next_at + QUIET < at,
    )


def _next_at(schedule: crontab | float, last: datetime) -> datetime:
    if not isinstance(schedule, crontab):
        return last + timedelta(seconds=schedule)
    begins, until_next, _now = schedule.remaining_delta(last)
    found: datetime = begins + until_next
    return found
