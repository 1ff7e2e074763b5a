"""Files of rows that a worker tries line by line before anything is written, and then carries out, some at a time.

What was cut off goes on: the rows that are dealt with and their outcomes are committed together.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import ConflictError

KEPT_FOR = timedelta(days=30)
"""How long a file can be looked at after it was checked or imported; it names people who may have no account."""


class ImportState(models.TextChoices):
    """A file is checked line by line before anything is written; then it is carried out, once."""

    CHECKING = "checking", gettext_lazy("Checking")
    CHECKED = "checked", gettext_lazy("Checked")
    IMPORTING = "importing", gettext_lazy("Importing")
    DONE = "done", gettext_lazy("Done")


RUNNING = (ImportState.CHECKING, ImportState.IMPORTING)


class FileNotCheckedError(ConflictError):
    """The file is being checked, or has a row that is wrong."""

    code = "file_not_checked"


class RowImport(models.Model):
    """A file: `rows` as read, and of those that are done their `outcomes`, as many.

    A row has its `line`, and an `error` when it can't be read; so has an outcome.
    """

    state = models.CharField(max_length=9, choices=ImportState.choices, default=ImportState.CHECKING)
    rows = models.JSONField(default=list)
    outcomes = models.JSONField(default=list)
    wrong = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True


File = TypeVar("File", bound=RowImport)
Rows = list[dict[str, Any]]
CarryOut = Callable[[File, Rows, datetime], Rows]
"""Carries rows out and returns an outcome for each."""


@transaction.atomic
def let_import(*, held: File) -> File:
    """Let a worker carry out a file that was checked without an error. Idempotent. Raises FileNotCheckedError (409)."""
    model = type(held)
    found = model._default_manager.select_for_update(no_key=True).get(pk=held.pk)  # noqa: SLF001 documented
    if found.state in {ImportState.IMPORTING, ImportState.DONE}:
        return found
    if found.state != ImportState.CHECKED or found.wrong:
        raise FileNotCheckedError(_("Only a file that was checked without an error can be imported."))
    found.state, found.outcomes, found.finished_at = ImportState.IMPORTING, [], None
    found.save(update_fields=["state", "outcomes", "finished_at"])
    return found


def run_files(files: models.QuerySet[File], carry_out: CarryOut[File], *, at_once: int, at: datetime) -> int:
    """Check or carry out the files that wait, the oldest first, and return how many rows were dealt with.

    So many rows `at_once` are written in one transaction; a check undoes them.
    """
    done = 0
    while waiting := files.filter(state__in=RUNNING).order_by("created_at", "pk").first():
        done += _next_rows(files, waiting.pk, carry_out, at_once, at)
    return done


def clear_files(files: models.QuerySet[File], *, at: datetime) -> int:
    """Remove the files that were checked or imported long ago, and return how many; what they made stays."""
    over = files.exclude(state__in=RUNNING).filter(finished_at__lte=at - KEPT_FOR)
    return over.delete()[0]


@transaction.atomic
def _next_rows(files: models.QuerySet[File], key: int, carry_out: CarryOut[File], at_once: int, at: datetime) -> int:
    """Deal with the next rows of a file; those and their outcomes are committed together."""
    found = files.select_for_update(of=("self",), no_key=True).get(pk=key)
    if found.state not in RUNNING:
        return 0
    is_check, begin = found.state == ImportState.CHECKING, len(found.outcomes)
    rows = found.rows[begin : begin + at_once]
    with transaction.atomic():
        outcomes = carry_out(found, rows, at)
        if is_check:
            transaction.set_rollback(True)
    found.outcomes += outcomes
    found.wrong = sum("error" in one for one in found.outcomes)
    if len(found.outcomes) >= len(found.rows):
        found.state, found.finished_at = ImportState.CHECKED if is_check else ImportState.DONE, at
    found.save(update_fields=["outcomes", "wrong", "state", "finished_at"])
    return len(rows)
