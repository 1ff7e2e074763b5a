"""Noting what periodic tasks did, cheaply: a task that comes every two seconds writes a row once a minute.

Each worker process counts in its memory, and adds what it has counted to the row of the task once a minute, or at once
when a task failed or handled something. A process that ends takes at most a minute of uneventful runs with it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from reports.models import LONGEST_REASON, TaskRecord

EVERY = timedelta(minutes=1)
logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """One run of a task: when it began, how long it took, what it handled, and why it failed."""

    name: str
    began_at: datetime
    seconds: float
    handled: int = 0
    error: str = ""


@dataclass(slots=True)
class UnwrittenRuns:
    """The runs of a task that are not written yet, and when the last were."""

    written_at: datetime | None = None
    runs: int = 0
    longest: float = 0


class TaskNotes:
    """What one process has counted since it wrote last."""

    def __init__(self) -> None:
        """Begin without any."""
        self._counted: dict[str, UnwrittenRuns] = {}

    def note(self, outcome: TaskOutcome, *, at: datetime) -> None:
        """Count a run, and write what was counted when that is due.

        Without the database the task goes on: what could not be written is counted on.
        """
        counted = self._counted.setdefault(outcome.name, UnwrittenRuns())
        counted.runs += 1
        counted.longest = max(counted.longest, outcome.seconds)
        is_quiet = not outcome.handled and not outcome.error
        if is_quiet and counted.written_at is not None and at - counted.written_at < EVERY:
            return
        try:
            with transaction.atomic():
                _write(outcome, counted, at)
        except (DatabaseError, InterfaceError) as error:
            logger.info("task_not_noted", task=outcome.name, error=repr(error))
        else:
            self._counted[outcome.name] = UnwrittenRuns(written_at=at)


def _write(outcome: TaskOutcome, counted: UnwrittenRuns, at: datetime) -> None:
    values = {
        "runs": F("runs") + counted.runs,
        "last_began_at": outcome.began_at,
        "last_seconds": outcome.seconds,
        "longest_seconds": Greatest("longest_seconds", Value(counted.longest)),
    }
    if outcome.handled:
        values |= {
            "handled": F("handled") + outcome.handled,
            "last_handled": outcome.handled,
            "last_handled_at": at,
        }
    if outcome.error:
        error = outcome.error.replace("\0", " ")[:LONGEST_REASON]
        values |= {"failures": F("failures") + 1, "last_failed_at": at, "last_error": error}
    row = TaskRecord.objects.filter(name=outcome.name)
    if not row.update(**values):
        TaskRecord.objects.bulk_create(
            [TaskRecord(name=outcome.name, last_began_at=outcome.began_at)], ignore_conflicts=True
        )
        row.update(**values)
