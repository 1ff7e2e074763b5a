"""Several statements in one network flush, on Django's own connection and in its transaction.

Between two flushes there is a round trip; what needs no answer of ours in between goes together. The statements are
prepared: PostgreSQL plans each once a connection.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from django.db import connection
from psycopg import Connection, Cursor
from psycopg.types.numeric import Int8

Step: TypeAlias = tuple[str, Mapping[str, Any]]


def run_together(*steps: Step, commit: bool = False) -> tuple[Any, ...] | None:
    """Run the steps in order and return the first row of the last one, None when it has none.

    Call inside a transaction. Each step sees what was committed before it began, as statements of their own do. With
    `commit` a transaction that nothing surrounds ends in the same flush; its block is left right after.
    """
    with connection.wrap_database_errors:
        connection.ensure_connection()
        raw: Connection[Any] = connection.connection
        with raw.pipeline():
            for statement, parameters in steps:
                cursor = Cursor(raw)
                cursor.execute(statement, _typed(parameters), prepare=True)  # type: ignore[arg-type]
            if commit and len(connection.atomic_blocks) == 1:
                raw.commit()
        return cursor.fetchone()


def _typed(parameters: Mapping[str, Any]) -> dict[str, Any]:
    # One type for all integers: by itself psycopg takes the smallest, and each mixture would be prepared anew.
    return {name: Int8(value) if type(value) is int else value for name, value in parameters.items()}
