"""Several statements in one network flush, on Django's own connection and in its transaction.

Between two flushes there is a round trip; what needs no answer of ours in between goes together. The statements are
prepared: PostgreSQL plans each once a connection.
"""

import re
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

from django.db import connection
from psycopg import Connection, RawCursor
from psycopg.types.numeric import Int8

Step: TypeAlias = tuple[str, Mapping[str, Any]]

_PARAMETER = re.compile(r"%\((\w+)\)s")


def run_together(*steps: Step, commit: bool = False) -> tuple[Any, ...] | None:
    """Run the steps in order and return the first row of the last one, None when it has none.

    Call inside a transaction. Each step sees what was committed before it began, as statements of their own do. With
    `commit` a transaction that nothing surrounds ends in the same flush; its block is left right after.
    """
    with connection.wrap_database_errors:
        connection.ensure_connection()
        raw: Connection[Any] = connection.connection
        # Django asks psycopg to prepare nothing, as its own statements differ each time; these never do.
        raw.prepare_threshold = sys.maxsize
        with raw.pipeline():
            for statement, parameters in steps:
                text, names = _numbered(statement)
                cursor = RawCursor(raw)
                cursor.execute(text, [_typed(parameters[name]) for name in names], prepare=True)
            if commit and len(connection.atomic_blocks) == 1:
                raw.commit()
        return cursor.fetchone()


@cache
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """Return a statement with numbered parameters and their names in order; psycopg itself would do this each time."""
    names = tuple(dict.fromkeys(_PARAMETER.findall(statement)))
    return _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names


def _typed(value: object) -> object:
    # One type for all integers: by itself psycopg takes the smallest, and each mixture would be prepared anew.
    return Int8(value) if type(value) is int else value
