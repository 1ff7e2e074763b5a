"""Several statements in one network flush, on Django's own connection.

Each flush is one round trip. Statements are prepared, so PostgreSQL plans each once per connection. They use libpq's
pipeline mode through `psycopg.pq` with one wait per flush: psycopg's own pipelines wait for each cursor, which cost
more CPU time than the rest of a read.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import count
from typing import Any, TypeAlias
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, DataError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection, OperationalError, errors
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Ready, Wait

Step: TypeAlias = tuple[str, Mapping[str, Any]]
Row: TypeAlias = tuple[str | None, ...]
_Written: TypeAlias = tuple[int, bytes | None]

_PARAMETER = re.compile(r"%\((\w+)\)s")
_BEGIN: Step = ("BEGIN", {})
_COMMIT: Step = ("COMMIT", {})
_BROKEN = "the connection ended within a flush"
_numbers = count()
_prepared: "WeakKeyDictionary[Connection[Any], dict[str, bytes]]" = WeakKeyDictionary()


def flush(*steps: Step) -> Row | None:
    """Run the steps in order and return the first row of the last one as text, None when it has none.

    Each step sees what was committed before it began, as separate statements do. Inside `transaction.atomic()` they
    join its transaction and begin it if needed; outside, all steps are one transaction.
    """
    return _first_row(_flush(_database(), steps)[-1])


def flush_all(step: Step) -> list[Row]:
    """Run one step and return all of its rows as text; otherwise as `flush`."""
    return _rows(_flush(_database(), (step,))[-1])


def flush_each(*steps: Step, commits: bool = False) -> list[Row | None]:
    """Run the steps in order and return the first row of each; otherwise as `flush`.

    With `commits` they are the last steps of `transaction.atomic()`, which is committed in the same flush: no statement
    may follow in the block, nor an error, which could not be rolled back. In a nested block the outer one commits.
    """
    database = _database()
    ends = commits and database.in_atomic_block and not database.savepoint_ids
    results = _flush(database, [*steps, _COMMIT] if ends else steps)
    return [_first_row(result) for result in results[: len(steps)]]


def flush_write(write: Step, *following: Step, commits: bool = False) -> Row | None:
    """Run a write and further steps, and return the first row of the write; otherwise as `flush_each`."""
    return flush_each(write, *following, commits=commits)[0]


def _database() -> BaseDatabaseWrapper:
    """Return this thread's connection, without the exception that Django's `connection` proxy raises and catches."""
    return connections[DEFAULT_DB_ALIAS]


def _flush(database: BaseDatabaseWrapper, steps: Sequence[Step]) -> list[PGresult]:
    with database.wrap_database_errors:
        database.ensure_connection()
        database.validate_no_broken_transaction()
        raw: Connection[Any] = database.connection
        # Django leaves BEGIN to psycopg's cursors, which these steps bypass. Without it each flush would be
        # a transaction of its own inside the atomic block, and a lock taken here would end at once.
        begins = database.in_atomic_block and raw.pgconn.transaction_status == TransactionStatus.IDLE
        if begins:
            steps = (_BEGIN, *steps)
        known = _prepared.get(raw)
        if known is None:
            known = _prepared[raw] = {}
        written = []
        for statement, values in steps:
            text, names = _numbered(statement)
            written.append((text, [_written(values[name]) for name in names]))
        results = raw.wait(_converse(raw.pgconn, known, written))
        if database.force_debug_cursor:  # somebody counts queries
            database.queries_log.extend({"sql": text, "time": ""} for text, _ in written[begins:])
        return results[begins:]


def _converse(
    pgconn: PGconn, known: dict[str, bytes], steps: Sequence[tuple[str, Sequence[_Written]]]
) -> PQGen[list[PGresult]]:
    """Send the steps and one sync, and return each result; raises the error of the first step that failed."""
    if len(steps) == 1 and steps[0][0] in known:
        return [(yield from _asked(pgconn, known[steps[0][0]], steps[0][1]))]
    pgconn.enter_pipeline_mode()
    try:
        sent: list[str | None] = []  # the statement that each result prepares; None for the result of a step
        for text, written in steps:
            name = known.get(text)
            if name is None:
                name = known[text] = b"flush_%d" % next(_numbers)
                pgconn.send_prepare(name, text.encode(), [oid for oid, _value in written])
                sent.append(text)
            pgconn.send_query_prepared(name, [value for _oid, value in written])
            sent.append(None)
        pgconn.pipeline_sync()
        yield from _sent(pgconn)
        results = yield from _results(pgconn)
    finally:
        if pgconn.status == ConnStatus.OK:
            pgconn.exit_pipeline_mode()
    failed = next((place for place, result in enumerate(results) if result.status == ExecStatus.FATAL_ERROR), None)
    if failed is not None:
        for unprepared in filter(None, sent[failed:]):
            known.pop(unprepared)
        raise errors.error_from_result(results[failed])
    return [result for result, prepared in zip(results, sent, strict=True) if prepared is None]


def _asked(pgconn: PGconn, name: bytes, written: Sequence[_Written]) -> PQGen[PGresult]:
    """Send one prepared step without a pipeline, which would cost as much as the step; raises its error."""
    pgconn.send_query_prepared(name, [value for _oid, value in written])
    yield from _sent(pgconn)
    result = yield from _next_result(pgconn)
    if result is None:
        raise OperationalError(_BROKEN)
    while (yield from _next_result(pgconn)) is not None:
        pass
    if result.status == ExecStatus.FATAL_ERROR:
        raise errors.error_from_result(result)
    return result


def _sent(pgconn: PGconn) -> PQGen[None]:
    while pgconn.flush():
        if (yield Wait.RW) & Ready.R:
            pgconn.consume_input()


def _next_result(pgconn: PGconn) -> PQGen[PGresult | None]:
    while pgconn.is_busy():
        if (yield Wait.R):
            pgconn.consume_input()
    return pgconn.get_result()


def _results(pgconn: PGconn) -> PQGen[list[PGresult]]:
    """Read the results up to the sync."""
    results: list[PGresult] = []
    ended = False
    while True:
        result = yield from _next_result(pgconn)
        if result is None:
            if ended:
                raise OperationalError(_BROKEN)
        elif result.status == ExecStatus.PIPELINE_SYNC:
            return results
        else:
            results.append(result)
        ended = result is None


def _first_row(result: PGresult) -> Row | None:
    return _row(result, 0) if result.ntuples else None


def _rows(result: PGresult) -> list[Row]:
    return [_row(result, number) for number in range(result.ntuples)]


def _row(result: PGresult, number: int) -> Row:
    values = [result.get_value(number, column) for column in range(result.nfields)]
    return tuple([None if value is None else value.decode() for value in values])


@cache
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """Return a statement with numbered parameters, and their names in order."""
    names = tuple(dict.fromkeys(_PARAMETER.findall(statement)))
    return _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names


def as_text(value: object) -> str | None:
    """Return a value as text that PostgreSQL reads where it knows the type."""
    return None if value is None else (_TYPES.get(type(value)) or _how(type(value)))[1](value)


def _written(value: object) -> _Written:
    """Return a parameter's type (0: inferred by PostgreSQL) and text."""
    if value is None:
        return 0, None
    oid, write = _TYPES.get(type(value)) or _how(type(value))
    return oid, write(value).encode()


def _how(kind: type) -> tuple[int, Callable[[Any], str]]:
    """Return and cache how a subclass, such as an enumeration, is written: as its base type."""
    how = _TYPES[kind] = next(how for known, how in list(_TYPES.items()) if issubclass(kind, known))
    return how


def _text(value: str) -> str:
    if "\0" in value:
        raise DataError("PostgreSQL text can't hold a NUL")
    return value


def _array(values: list[object]) -> str:
    """Write a list of numbers or texts as PostgreSQL's array literal."""
    quoted = (_text(str(value)).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "{" + ",".join(f'"{value}"' for value in quoted) + "}"


# Object identifiers of PostgreSQL's catalogue (pg_type.dat). Text has none, so that it also serves for other types.
# A subclass comes before its base.
_TYPES: dict[type, tuple[int, Callable[[Any], str]]] = {
    bool: (16, lambda value: "t" if value else "f"),
    int: (20, str),
    str: (0, _text),
    datetime: (1184, datetime.isoformat),
    date: (1082, date.isoformat),
    timedelta: (1186, lambda value: f"{value.total_seconds()} seconds"),
    UUID: (2950, str),
    float: (701, repr),
    Decimal: (1700, str),
    bytes: (17, lambda value: f"\\x{value.hex()}"),
    list: (0, _array),
}
