"""Noticing what is due, and what came too late."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice

from django.db import transaction
from django.db.models import Max

from reports.left_out import tell_left_out
from reports.models import UNFINISHED, Run, RunState
from reports.occasions import LATEST, Planned, all_planned
from reports.people_told import people_by_zone
from reports.services.asked_tasks import settle_asked

MOST_MISSED = 7
"""How many occasions of a zone are noted that were missed while nothing ran; older ones stay unsaid."""


@transaction.atomic
def notice_due(*, at: datetime) -> int:
    """Note a run for each zone whose hour has come, leave out what is a day late; return how many are new.

    Idempotent: a zone has one run a day. The first run of a zone is one that is not too late.
    """
    last = {
        (name, zone): day
        for name, zone, day in Run.objects.filter(asked=None)
        .order_by()
        .values_list("name", "zone")
        .annotate(last=Max("day"))
    }
    zones = people_by_zone()
    found = [
        run
        for planned in all_planned()
        for zone in zones
        for run in _due(planned, zone, at, last.get((planned.name, zone)))
    ]
    Run.objects.bulk_create(found, ignore_conflicts=True)
    leave_out_late(at=at)
    return len(found)


@transaction.atomic
def leave_out_late(*, at: datetime) -> int:
    """Leave out the runs, or their rest, that are a day late or more, and tell who runs the installation."""
    late = Run.objects.filter(state__in=UNFINISHED, due_at__lte=at - LATEST)
    runs = list(late.select_for_update(skip_locked=True).order_by("due_at", "pk"))
    for run in runs:
        run.state, run.ended_at = RunState.LEFT_OUT, at
    Run.objects.bulk_update(runs, ["state", "ended_at"])
    for task_id in {run.asked_id for run in runs}:
        settle_asked(task_id, at=at)
    tell_left_out(runs, at=at)
    return len(runs)


def _due(planned: Planned, zone: str, at: datetime, last: date | None) -> Iterator[Run]:
    for day, due_at in islice(planned.due.backwards(zone, at), MOST_MISSED):
        if day <= last if last is not None else due_at <= at - LATEST:
            return
        yield Run(name=planned.name, zone=zone, day=day, due_at=due_at)
