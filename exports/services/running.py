"""Writing exports: one worker at a time for each, from the start again when a worker died."""

import errno
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic

import psycopg
import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.http import Http404
from django.utils import translation
from django.utils.crypto import get_random_string

from accounts.models import User
from common.errors import DomainError
from exports.export_kinds import ExportKind, kind_named
from exports.export_mails import queue_ready_mail
from exports.file_store import keep_file, remove_file, unfinished_folder
from exports.file_writing import RowsToWrite, head_of, write_file
from exports.models import Export, ExportFailure, ExportQuerySet, ExportState
from exports.row_source import LOCKS, count_rows, held_numbers, hold, source_connection, values_of

MOST_ATTEMPTS = 3
NOTED_SECONDS = 0.5
CLAIM = 0
"""The number of the lock under which workers choose what to write; exports begin with 1."""
_NUMBERS = 2**31
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}
Clock = Callable[[], datetime]
logger = structlog.get_logger(__name__)


class NotWantedError(Exception):
    """The export was cancelled or begun again elsewhere while it was written."""


def run_exports(*, clock: Clock) -> int:
    """Write exports until none is left to write; return how many were begun."""
    begun = 0
    while Export.objects.unfinished().exists() and _run_next(clock):
        begun += 1
    return begun


def _run_next(clock: Clock) -> bool:
    """Write the next export that no worker is at; return whether there was one."""
    with source_connection() as source:
        export = claim_export(source=source, at=clock())
        if export is None:
            return False
        try:
            _run(export, source, clock)
        except NotWantedError:
            logger.info("export_not_wanted", export=export.pk)
        except (DomainError, Http404, PermissionDenied) as error:
            logger.info("export_not_allowed", export=export.pk, error=repr(error))
            _give_up(export, ExportFailure.NOT_ALLOWED, clock())
        except Exception as error:
            logger.exception("export_broke_off", export=export.pk, attempt=export.attempt)
            if _is_full(error):
                _give_up(export, ExportFailure.DISK_FULL, clock())
            else:
                _begin_again(export, clock())
    return True


@transaction.atomic
def claim_export(*, source: BaseDatabaseWrapper, at: datetime) -> Export | None:
    """Take the next export to write: a person's first before anybody's second, then the oldest.

    Each person's are written one after another, and not more in all than the setting allows. Those whose worker died
    wait again, or are given up after three attempts.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, CLAIM])
    held = held_numbers()
    for left in Export.objects.filter(state=ExportState.RUNNING):
        if number_of(left) not in held:
            _begin_again(left, at)
    running = Export.objects.filter(state=ExportState.RUNNING)
    if running.count() >= settings.EXPORTS_AT_ONCE:
        return None
    place = Window(RowNumber(), partition_by=F("owner"), order_by=["created_at", "pk"])
    waiting = Export.objects.filter(state=ExportState.QUEUED).exclude(owner__in=running.values("owner"))
    export = waiting.annotate(place=place).order_by("place", "created_at", "pk").first()
    if export is None:
        return None
    hold(source, number_of(export))
    export.state, export.started_at, export.attempt = ExportState.RUNNING, at, export.attempt + 1
    export.rows, export.total = 0, None
    export.file = f"{export.pk}-{get_random_string(32)}.{export.file_format}"
    export.save(update_fields=["state", "started_at", "attempt", "rows", "total", "file"])
    return export


def number_of(export: Export) -> int:
    """Return the number by which an export is locked."""
    return export.pk % (_NUMBERS - 1) + 1


def _run(export: Export, source: BaseDatabaseWrapper, clock: Clock) -> None:
    kind = kind_named(export.kind, export.whose)
    with translation.override(export.language), unfinished_folder() as folder:
        columns = kind.columns
        what = RowsToWrite(kind.rows_for(export.owner, export.asked), columns, head_of(columns, words=export.words))
        operators = _operators_of(kind, export.owner, source)
        _note(export, total=count_rows(source, what.rows), operators=operators)
        path = folder / "file"
        rows = write_file(path, export, what, source, _noting(export))
        _note(export, rows=rows)
        size = path.stat().st_size
        keep_file(path, export.file)
        if not _finish(export, rows, size, clock()):
            remove_file(export.file)
            raise NotWantedError


def _operators_of(kind: ExportKind, owner: User, source: BaseDatabaseWrapper) -> list[int]:
    """Return the operators whose rows may be in the file: a role may be lost while these are chosen."""
    operators = kind.operators(owner)
    return sorted({*values_of(source, operators), *operators})


def _noting(export: Export) -> Callable[[int], None]:
    """Return what notes the progress, a few times a second at most."""
    noted = monotonic()

    def note(rows: int) -> None:
        """Store how many rows are written, if that was not just done."""
        nonlocal noted
        if monotonic() - noted >= NOTED_SECONDS:
            _note(export, rows=rows)
            noted = monotonic()

    return note


def _note(export: Export, **values: object) -> None:
    """Store values of an export that is still to be written by this attempt. Raises NotWantedError for another."""
    if not _mine(export).update(**values):
        raise NotWantedError


@transaction.atomic
def _finish(export: Export, rows: int, size: int, at: datetime) -> bool:
    """Offer the file and tell the person, in one transaction; return whether the export is still wanted."""
    mine = _mine(export).select_for_update().first()
    if mine is None:
        return False
    mine.state, mine.rows, mine.total, mine.size, mine.finished_at = ExportState.READY, rows, rows, size, at
    mine.expires_at = at + timedelta(days=settings.EXPORTS_KEPT_DAYS)
    mine.save(update_fields=["state", "rows", "total", "size", "finished_at", "expires_at"])
    if mine.mail:
        queue_ready_mail(mine, at=at)
    return True


def _begin_again(export: Export, at: datetime) -> None:
    """Let an export that broke off wait again, without what was written of it; give it up after three attempts."""
    if export.attempt >= MOST_ATTEMPTS:
        _give_up(export, ExportFailure.BROKEN, at)
        return
    with suppress(OperationalError, InterfaceError):
        if _mine(export).update(state=ExportState.QUEUED, rows=0, total=None, file=""):
            transaction.on_commit(lambda: remove_file(export.file), robust=True)


def _give_up(export: Export, why: ExportFailure, at: datetime) -> None:
    # Without a database the row stays as it is, and is found again as one whose worker died.
    with suppress(OperationalError, InterfaceError):
        _mine(export).update(state=ExportState.FAILED, failure=why, finished_at=at, nonce="")
        transaction.on_commit(lambda: remove_file(export.file), robust=True)


def _mine(export: Export) -> ExportQuerySet:
    return Export.objects.filter(pk=export.pk, attempt=export.attempt, state=ExportState.RUNNING)


def _is_full(error: BaseException | None) -> bool:
    """Return whether a disk was full: ours, the storage's or that of PostgreSQL."""
    while error is not None:
        if isinstance(error, psycopg.errors.DiskFull) or getattr(error, "errno", None) in _NO_SPACE:
            return True
        error = error.__cause__ or error.__context__
    return False
