"""Working on runs: batches of people, each in a transaction that queues its messages and moves the run's cursor.

A worker that is killed loses nothing but its batch, which the next one plans again. Workers can share a run: who has
its row locked plans its next batch, and the others take another run.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from notifications.models import Message
from notifications.services import queue_messages
from reports.left_out import tell_left_out
from reports.models import LONGEST_REASON, UNFINISHED, Run, RunState
from reports.occasions import LATEST, all_planned, occasion_of, planned_named
from reports.people_told import people_in
from reports.services.asked_tasks import clear_cache_step, settle_asked

BATCH = 500
MOST_ATTEMPTS = 3
"""How often a batch is tried before its run is given up."""
RETRY_AFTER = timedelta(minutes=1)
Clock = Callable[[], datetime]
logger = structlog.get_logger(__name__)


def work_runs(*, clock: Clock, seconds: float, batch: int = BATCH) -> int:
    """Plan batches of the runs that are due, and empty the cache if that is asked for, for about so many seconds.

    Then other tasks get their turn. Returns how many people were looked at, and keys deleted.
    """
    ends, handled = monotonic() + seconds, 0
    for step in (clear_cache_step, partial(work_batch, batch=batch)):
        while monotonic() < ends:
            count = step(at=clock())
            if count is None:
                break
            handled += count
    return handled


def work_batch(*, at: datetime, batch: int = BATCH) -> int | None:
    """Plan the next batch of the run that has waited longest and nobody is at; return its people, None without a run.

    A batch that fails is noted at its run, which is tried again later or given up.
    """
    run = None
    try:
        with transaction.atomic():
            run = _next(at)
            return _work(run, at, batch) if run else None
    except (OperationalError, InterfaceError):
        # A deadlock or a lost connection passes, and without the database there is nothing to note it in.
        raise
    except Exception as error:
        if run is None:
            raise
        logger.exception("run_broke_off", run=str(run), cursor=run.cursor)
        _note_failure(run.pk, repr(error), at)
        return 0


def _next(at: datetime) -> Run | None:
    names = [planned.name for planned in all_planned()]
    due = Run.objects.filter(state__in=UNFINISHED, name__in=names, due_at__gt=at - LATEST, due_at__lte=at)
    due = due.filter(Q(retry_at=None) | Q(retry_at__lte=at))
    return due.select_for_update(skip_locked=True).order_by("due_at", "pk").first()


def _work(run: Run, at: datetime, batch: int) -> int:
    planned = planned_named(run.name)
    assert planned is not None  # noqa: S101 it was looked up by its name
    occasion = occasion_of(planned, zone=run.zone, day=run.day, begins_at=run.due_at)
    people = people_in(run.zone, before=run.due_at)
    if run.state == RunState.WAITING:
        run.state, run.begun_at, run.of = RunState.RUNNING, at, people.count()
    looked_at = list(people.filter(pk__gt=run.cursor).order_by("pk").values_list("pk", flat=True)[:batch])
    if looked_at:
        run.told += _tell(planned.plan(looked_at, occasion, at))
        run.cursor = looked_at[-1]
        run.done += len(looked_at)
        run.of = max(run.of, run.done)
    run.attempts, run.retry_at = 0, None
    if len(looked_at) < batch:
        run.state, run.ended_at, run.of = RunState.DONE, at, run.done
    run.save()
    settle_asked(run.asked_id, at=at)
    return len(looked_at)


def _tell(messages: list[Message]) -> int:
    """Queue the messages that nobody got yet, and return how many these are."""
    known = set(Message.objects.filter(key__in=[one.key for one in messages]).values_list("key", flat=True))
    untold = [one for one in messages if one.key not in known]
    queue_messages(untold)
    return len(untold)


@transaction.atomic
def _note_failure(run_id: int, error: str, at: datetime) -> None:
    run = Run.objects.select_for_update().get(pk=run_id)
    run.attempts += 1
    run.of = run.of or people_in(run.zone, before=run.due_at).count()
    run.error, run.retry_at = error[:LONGEST_REASON], at + RETRY_AFTER * run.attempts
    if run.attempts >= MOST_ATTEMPTS:
        run.state, run.ended_at = RunState.FAILED, at
        tell_left_out([run], at=at)
    run.save()
    settle_asked(run.asked_id, at=at)
