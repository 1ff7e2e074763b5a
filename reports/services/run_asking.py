"""Doing now what comes by itself later: reminders of today, reports of a month, emptying the cache.

Nobody is told twice, as the messages have the same keys, or before the hour of their clock.
"""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import ConflictError, InvalidValueError
from reports.models import UNFINISHED, AskedTask, Run, RunState
from reports.month_names import last_months, next_month
from reports.monthly_reports import MONTHLY_REPORTS
from reports.occasions import Planned, planned_named
from reports.people_told import people_by_zone

CACHE_CLEAR = "cache_clear"
MOST_MONTHS = 12


class TaskUnfinishedError(ConflictError):
    """Reports of another month are being planned."""

    code = "task_unfinished"


def ask_task(*, name: str, by: User, at: datetime, month: date | None = None) -> AskedTask:
    """Ask for something to be done now; while it is not finished, asking again returns the same.

    Reports are those of the `month` with this first day, else of the last one. Raises InvalidValueError for a month
    that is not over or longer ago than a year, TaskUnfinishedError (409) while those of another are planned.
    """
    day = _due_day(name, month, at)
    try:
        return _ask(name, day, by, at)
    except IntegrityError:
        unfinished = AskedTask.objects.filter(name=name, state__in=UNFINISHED).first()
        if unfinished is None:  # it has just ended
            return _ask(name, day, by, at)
        if unfinished.day != day:
            raise TaskUnfinishedError(_("Reports of another month are being planned. Wait until they are.")) from None
        if unfinished.by_id != by.pk:
            unfinished.joined.add(by)
        return unfinished


def months_to_ask(at: datetime) -> list[date]:
    """Return the first days of the months whose reports can be asked for, the last one first."""
    *months, _this_one = last_months(at.date(), MOST_MONTHS + 1)
    return months[::-1]


@transaction.atomic
def _ask(name: str, day: date | None, by: User, at: datetime) -> AskedTask:
    task = AskedTask.objects.create(name=name, day=day, by=by, created_at=at)
    planned = planned_named(name)
    runs = Run.objects.bulk_create(_runs(task, planned, at)) if planned else []
    if not runs and name != CACHE_CLEAR:
        task.state, task.ended_at = RunState.DONE, at
        task.save(update_fields=["state", "ended_at"])
    return task


def _runs(task: AskedTask, planned: Planned, at: datetime) -> Iterator[Run]:
    """Yield a run for each zone in which the hour of the day has come."""
    for zone, people in people_by_zone().items():
        day = task.day or at.astimezone(ZoneInfo(zone)).date()
        instant = planned.due.instant(day, zone)
        if instant is not None and instant <= at:
            yield Run(name=planned.name, zone=zone, day=day, due_at=at, asked=task, of=people)


def _due_day(name: str, month: date | None, at: datetime) -> date | None:
    """Return the first of the month after the one that is reported on; None where no month is."""
    if name != MONTHLY_REPORTS:
        return None
    known = months_to_ask(at)
    chosen = month or known[0]
    if chosen not in known:
        raise InvalidValueError(_("Choose one of the last twelve months, which is over."), path="month")
    return next_month(chosen)
