"""What was asked for: ended with the last of its runs, or worked off here."""

from datetime import datetime

from django.core.cache import caches
from django.db import transaction
from django.db.models import Sum
from redis.exceptions import RedisError

from common.shared_cache import KEYS_AT_ONCE, SharedCache
from common.two_level_cache import drop_kept
from reports.models import LONGEST_REASON, UNFINISHED, AskedTask, RunState
from reports.services.run_asking import CACHE_CLEAR


def settle_asked(task_id: int | None, *, at: datetime) -> None:
    """End what was asked for once none of its runs is unfinished; nothing for a run that came by itself."""
    if task_id is None:
        return
    task = AskedTask.objects.select_for_update().get(pk=task_id)
    if task.state not in UNFINISHED or task.runs.filter(state__in=UNFINISHED).exists():
        return
    sums = task.runs.aggregate(done=Sum("done", default=0), of=Sum("of", default=0))
    failed = task.runs.filter(state__in=[RunState.FAILED, RunState.LEFT_OUT]).first()
    task.done, task.of, task.ended_at = sums["done"], sums["of"], at
    task.state, task.error = (RunState.FAILED, failed.error) if failed else (RunState.DONE, "")
    task.save(update_fields=["done", "of", "ended_at", "state", "error"])


@transaction.atomic
def clear_cache_step(*, at: datetime) -> int | None:
    """Delete some keys of the shared cache, if that is asked for; return how many, None when nothing is to be done."""
    waiting = AskedTask.objects.filter(name=CACHE_CLEAR, state__in=UNFINISHED)
    task = waiting.select_for_update(skip_locked=True).first()
    if task is None:
        return None
    try:
        deleted, left = _forget()
    except RedisError as error:
        task.state, task.ended_at, task.error = RunState.FAILED, at, f"{type(error).__name__}: {error}"[:LONGEST_REASON]
        task.save(update_fields=["state", "ended_at", "error"])
        return 0
    task.done += deleted
    task.of = task.done + left
    task.state, task.ended_at = (RunState.RUNNING, None) if left else (RunState.DONE, at)
    task.save(update_fields=["done", "of", "state", "ended_at"])
    return deleted


def _forget() -> tuple[int, int]:
    """Drop what two levels keep, delete some keys, return how many and how many are left. Raises RedisError."""
    drop_kept()
    shared = caches["default"]
    if not isinstance(shared, SharedCache):
        shared.clear()
        return 0, 0
    return shared.forget_some(KEYS_AT_ONCE), shared.count_keys()
