"""Reads of runs, and of what was asked for."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import has_role, runs_installation
from accounts.models import Role, User
from common.errors import NotFoundError
from reports.models import UNFINISHED, AskedTask, Run, RunState
from reports.occasions import planned_named
from reports.people_told import people_by_zone
from reports.services import CACHE_CLEAR

SHOWN_DAYS = 70
MOST_OF_EACH = 10
"""How many days of reminders, and of reports, are shown."""
MOST_ASKED = 10
_LABELS = {CACHE_CLEAR: gettext_lazy("Empty the cache")}


@dataclass(frozen=True, slots=True)
class RunsOfDay:
    """The runs of one day in all time zones, those that came by themselves."""

    name: str
    label: str | Promise
    day: date
    state: str
    zones: int
    unfinished: int
    done: int
    of: int
    told: int
    begun_at: datetime | None
    ended_at: datetime | None
    left_out: tuple[str, ...]

    @property
    def percent(self) -> int:
        """Return how many of the people were looked at, in percent."""
        return 100 * self.done // self.of if self.of else 0

    @property
    def state_words(self) -> str | Promise:
        """Return the state in words."""
        return RunState(self.state).label


def label_of(name: str) -> str | Promise:
    """Return what something that is planned or asked for is called."""
    planned = planned_named(name)
    return planned.label if planned else _LABELS.get(name, name)


def runs_by_day(at: datetime) -> list[RunsOfDay]:
    """Return what ran by itself on the last days of each kind, the latest first; two queries."""
    since = at.date() - timedelta(days=SHOWN_DAYS)
    runs = Run.objects.filter(asked=None, day__gte=since)
    over = [RunState.LEFT_OUT, RunState.FAILED]
    days = (
        runs.order_by("-day", "name")
        .values("name", "day")
        .annotate(
            zones=Count("pk"),
            unfinished=Count("pk", filter=Q(state__in=UNFINISHED)),
            running=Count("pk", filter=Q(state=RunState.RUNNING)),
            failed=Count("pk", filter=Q(state=RunState.FAILED)),
            missed=Count("pk", filter=Q(state=RunState.LEFT_OUT)),
            people=Sum("of"),
            looked_at=Sum("done"),
            got=Sum("told"),
            begun=Min("begun_at"),
            ended=Max("ended_at"),
        )
    )
    shown = [row for row, place in _numbered(days) if place < MOST_OF_EACH]
    names: dict[tuple[str, date], list[str]] = {}
    for name, day, zone in runs.filter(state__in=over).order_by("zone").values_list("name", "day", "zone"):
        names.setdefault((name, day), []).append(zone)
    return [
        RunsOfDay(
            name=row["name"],
            label=label_of(row["name"]),
            day=row["day"],
            state=_state_of(row),
            zones=row["zones"],
            unfinished=row["unfinished"],
            done=row["looked_at"],
            of=row["people"],
            told=row["got"],
            begun_at=row["begun"],
            ended_at=None if row["unfinished"] else row["ended"],
            left_out=tuple(names.get((row["name"], row["day"]), ())),
        )
        for row in shown
    ]


def asked_tasks(person: User) -> QuerySet[AskedTask]:
    """Return what a person may know of what was asked for: all who runs the installation, else what they asked for."""
    if runs_installation(person):
        return AskedTask.objects.select_related("by")
    joined = AskedTask.joined.through.objects.filter(user=person).values("askedtask")
    return AskedTask.objects.filter(Q(by=person) | Q(pk__in=joined)).select_related("by")


def load_asked(person: User, pk: int) -> AskedTask:
    """Return a task that an admin asked for. Raises NotFoundError for those of others."""
    task = asked_tasks(person).filter(pk=pk).first() if has_role(person, Role.ADMIN) else None
    if task is None:
        raise NotFoundError(_("There is no such task."))
    return task


def with_progress(tasks: Iterable[AskedTask]) -> list[AskedTask]:
    """Return tasks whose `done` and `of` are those of their runs while these go on; one query."""
    found = list(tasks)
    going = [task for task in found if task.state in UNFINISHED and planned_named(task.name)]
    sums = Run.objects.filter(asked__in=going).order_by().values("asked")
    sums = sums.annotate(looked_at=Sum("done"), people=Sum("of"), begun=Min("begun_at"))
    by_task = {row["asked"]: row for row in sums}
    for task in going:
        row = by_task.get(task.pk)
        if row:
            task.done, task.of = row["looked_at"], row["people"]
            task.state = RunState.RUNNING if row["begun"] else task.state
    return found


def zones_to_come(name: str, at: datetime) -> int:
    """Return in how many time zones the hour of today, or of the first of this month, has not come yet."""
    planned = planned_named(name)
    if planned is None:
        return 0
    local = {zone: at.astimezone(ZoneInfo(zone)).date() for zone in people_by_zone()}
    days = {zone: day.replace(day=1) if planned.due.monthly else day for zone, day in local.items()}
    hours = [planned.due.instant(day, zone) for zone, day in days.items()]
    return sum(hour is not None and hour > at for hour in hours)


def _numbered(days: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Yield the days of all kinds, each with how many of its kind came before."""
    seen: Counter[str] = Counter()
    for row in days:
        yield row, seen[row["name"]]
        seen[row["name"]] += 1


def _state_of(row: Mapping[str, Any]) -> RunState:
    if row["unfinished"]:
        is_begun = row["running"] or row["unfinished"] < row["zones"]
        return RunState.RUNNING if is_begun else RunState.WAITING
    if row["failed"]:
        return RunState.FAILED
    return RunState.LEFT_OUT if row["missed"] else RunState.DONE
