"""Says to PostgreSQL who acts, for the transaction of a write that the triggers keep, and with no other statement.

`set_config(…, true)` ends with the transaction, so that a connection that goes on to somebody else remembers nobody.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.sql import Composable

from audit.acting import Acting, acting_now, acts
from audit.kept_tables import KEPT_BY_NAME

SETTING = "parking.acting"
_WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
_WRITTEN = re.compile(r'\b(INSERT INTO|UPDATE|DELETE FROM) "?(\w+)"?')
_TELL = f"SELECT set_config('{SETTING}', %s, true)"


@contextmanager
def acting_as(acting: Acting) -> Iterator[None]:
    """Let all that the block writes be done by `acting`, also within a transaction that goes on."""
    with acts(acting):
        yield
    if connection.in_atomic_block and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute(_TELL, [""])


def tell_writes(*, connection: BaseDatabaseWrapper, **_sent: Any) -> None:
    """Let a connection say with its writes who acts."""
    if _told not in connection.execute_wrappers:
        connection.execute_wrappers.append(_told)


def is_kept(statement: str | Composable) -> bool:
    """Return whether a statement may change something that is kept."""
    sql = statement if isinstance(statement, str) else statement.as_string()
    if not sql.lstrip()[:6].upper().startswith(_WRITES):
        return False
    return any(_may_be_kept(act, table, sql) for act, table in _WRITTEN.findall(sql))


def _may_be_kept(act: str, table: str, sql: str) -> bool:
    subject = KEPT_BY_NAME.get(table)
    if subject is None:
        return False
    return act != "UPDATE" or any(column in sql for column in subject.columns)


def _told(execute: Callable[..., Any], sql: str | Composable, params: Any, many: Any, context: dict[str, Any]) -> Any:
    acting = acting_now() if is_kept(sql) else None
    if acting is None:
        return execute(sql, params, many, context)
    writing: BaseDatabaseWrapper = context["connection"]
    if writing.in_atomic_block:
        _tell(writing, acting)
        return execute(sql, params, many, context)
    with transaction.atomic(using=writing.alias):
        _tell(writing, acting)
        return execute(sql, params, many, context)


def _tell(writing: BaseDatabaseWrapper, acting: Acting) -> None:
    said = {
        "how": acting.how.value,
        "by": acting.by,
        "page": acting.page,
        "request": acting.request,
        "at": acting.at.isoformat() if acting.at else None,
    }
    with writing.cursor() as cursor:
        cursor.execute(_TELL, [json.dumps(said)])
