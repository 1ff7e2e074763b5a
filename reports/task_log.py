"""Hears from Celery what periodic tasks do, and has it noted."""

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from celery.signals import task_postrun, task_prerun
from django.conf import settings
from django.utils.timezone import now

from common.web.privacy import redacted
from reports.services import TaskNotes, TaskOutcome

_notes = TaskNotes()
_began: dict[str, float] = {}


def listen() -> None:
    """Hear of the tasks that this process runs; call it at start-up."""
    task_prerun.connect(hear_begin)
    task_postrun.connect(hear_end)


def hear_begin(task_id: str = "", **_told: Any) -> None:
    """Remember when a task began."""
    _began[task_id] = monotonic()


def hear_end(task_id: str = "", task: Any = None, retval: Any = None, **_told: Any) -> None:
    """Note what a periodic task did; a task fails with the exception that it would return."""
    seconds = monotonic() - _began.pop(task_id, monotonic())
    if task is not None and task.name in periodic_names():
        _notes.note(_outcome(task.name, retval, seconds, now()), at=now())


def periodic_names() -> set[str]:
    """Return the names of the tasks that beat starts."""
    return {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def _outcome(name: str, retval: Any, seconds: float, at: datetime) -> TaskOutcome:
    return TaskOutcome(
        name=name,
        began_at=at - timedelta(seconds=seconds),
        seconds=seconds,
        handled=max(retval, 0) if isinstance(retval, int) else 0,
        error=redacted(repr(retval)) if isinstance(retval, BaseException) else "",
    )
