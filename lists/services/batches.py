"""Acts on many rows: begun by a person, done by a worker row by row; what was cut off goes on where it was."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import OperationalError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from common.db.name_locks import NameLock, held_alone
from common.errors import ConflictError, DomainError
from common.translation import translated
from lists.bulk_acts import BulkAct, RowToDo, all_acts
from lists.models import AT_WORK, Batch, BatchState, SavedView

MOST_ROWS = 5000
AT_A_TIME = 100
"""How many rows are loaded at a time; progress is noted with each of them."""
KEPT_FOR = timedelta(days=30)
_NUMBERS = 2**31 - 1
logger = structlog.get_logger(__name__)
Clock = Callable[[], datetime]


class BatchTooLargeError(DomainError):
    """More rows than one batch may have."""

    code = "batch_too_large"


class BatchStateError(ConflictError):
    """The batch can't be undone, or is not finished."""

    code = "batch_state"


@transaction.atomic
def start_batch(  # noqa: PLR0913 - the facts of one row
    *, owner: User, act: str, rows: Sequence[tuple[int, int]], given: Mapping[str, Any], key: UUID, at: datetime
) -> Batch:
    """Let a worker do an act with rows, each by its key and the amount that was agreed to. Idempotent by `key`.

    Raises BatchTooLargeError.
    """
    if len(rows) > MOST_ROWS:
        raise BatchTooLargeError(_("At most %(most)s rows at once. Narrow the filter.") % {"most": MOST_ROWS})
    values = {"act": act, "rows": [list(row) for row in rows], "given": dict(given), "created_at": at}
    batch, _is_new = Batch.objects.get_or_create(owner=owner, key=key, defaults=values)
    return batch


@transaction.atomic
def undo_batch(*, batch: Batch) -> Batch:
    """Let a worker undo what a finished batch did. Idempotent. Raises BatchStateError (409)."""
    found = Batch.objects.select_for_update().get(pk=batch.pk)
    if found.state in {BatchState.UNDOING, BatchState.UNDONE}:
        return found
    if found.state != BatchState.DONE or all_acts()[found.act].undo is None:
        raise BatchStateError(_("This can't be undone."))
    refused = {one["row"] for one in found.refusals}
    found.rows = [row for row in found.rows if row[0] not in refused]
    found.state, found.reached, found.refusals, found.finished_at = BatchState.UNDOING, 0, [], None
    found.save(update_fields=["rows", "state", "reached", "refusals", "finished_at"])
    return found


def run_batches(*, clock: Clock) -> int:
    """Do the batches that no other worker is at, the oldest first, and return how many rows were tried."""
    tried = 0
    for waiting in Batch.objects.filter(state__in=AT_WORK).order_by("created_at", "pk").select_related("owner"):
        with held_alone(NameLock.BATCHES, waiting.pk % _NUMBERS) as is_held:
            batch = Batch.objects.select_related("owner").filter(pk=waiting.pk, state__in=AT_WORK).first()
            if is_held and batch is not None:
                tried += _run(batch, clock)
    return tried


def clear_batches(*, at: datetime) -> int:
    """Remove the batches that ended long ago, and return how many; what they did stays."""
    over = Batch.objects.exclude(state__in=AT_WORK).filter(finished_at__lte=at - KEPT_FOR)
    return over.delete()[0]


def erase_lists(*, person: User) -> None:
    """Remove the views and batches of a person whose account is deleted."""
    SavedView.objects.filter(owner=person).delete()
    Batch.objects.filter(owner=person).delete()


def _run(batch: Batch, clock: Clock) -> int:
    act, begun = all_acts()[batch.act], batch.reached
    with override(batch.owner.locale or None):
        while batch.reached < len(batch.rows):
            _run_some(batch, act, batch.rows[batch.reached : batch.reached + AT_A_TIME], clock)
    batch.state = BatchState.UNDONE if batch.state == BatchState.UNDOING else BatchState.DONE
    batch.finished_at = clock()
    batch.save(update_fields=["state", "finished_at"])
    return batch.reached - begun


def _run_some(batch: Batch, act: BulkAct, rows: Sequence[tuple[int, int]], clock: Clock) -> None:
    found = {row.pk: row for row in act.rows(batch.owner, [key for key, _agreed in rows])}
    for key, agreed in rows:
        row = found.get(key)
        if row is None:
            _refuse(batch, key, _("It is not there any more, or you may not do this."))
        else:
            _try(batch, act, RowToDo(row, agreed, batch.given, batch.owner, clock()))
        batch.reached += 1
        batch.save(update_fields=["reached", "refusals"] if batch.refusals else ["reached"])


def _try(batch: Batch, act: BulkAct, to_do: RowToDo) -> None:
    carry_out = act.undo if batch.state == BatchState.UNDOING else act.carry_out
    try:
        if carry_out is not None:
            carry_out(to_do)
    except DomainError as error:
        _refuse(batch, to_do.row.pk, translated(error.message))
    except OperationalError:  # the database is away, or ended this transaction: the row is tried again
        raise
    except Exception:
        # One row must not keep the others from being done.
        logger.exception("bulk_row_failed", act=act.name, row=to_do.row.pk, batch=batch.pk)
        _refuse(batch, to_do.row.pk, _("Something went wrong on our side. Try it with this row alone."))


def _refuse(batch: Batch, key: int, why: str) -> None:
    batch.refusals.append({"row": key, "why": why})
