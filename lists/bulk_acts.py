"""The acts that can be done with many rows of a list, as the rooms of the lists declare them (setting BULK_ACTS)."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from accounts.models import User


@dataclass(frozen=True, slots=True)
class RowToDo:
    """A row that an act is done with: what its person `agreed` to, in minor units, and what the form `given` asks."""

    row: Any
    agreed: int
    given: Mapping[str, Any]
    by: User
    at: datetime


@dataclass(frozen=True, slots=True)
class BulkAct:
    """One act: `rows` returns those among some keys with which a person may do it now.

    `carry_out` does it with one row through its service, in a transaction of its own, and raises DomainError where
    rules refuse; so does `undo`, where there is a way back. `name_of` is what people call a row.
    """

    name: str
    label: str | Promise
    rows: Callable[[User, Collection[int]], QuerySet[Any]]
    name_of: Callable[[Any], str]
    carry_out: Callable[[RowToDo], object]
    undo: Callable[[RowToDo], object] | None = None


@cache
def all_acts() -> dict[str, BulkAct]:
    """Return every act by its name."""
    return {act.name: act for act in _listed(settings.BULK_ACTS)}


def _listed(paths: Collection[str]) -> Iterator[BulkAct]:
    for path in paths:
        yield from import_string(path)
