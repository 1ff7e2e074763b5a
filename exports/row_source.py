"""Reads the rows of an export on a connection of their own, so that progress can be noted beside it."""

import csv
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.sql import Query

from exports.columns import CellType, Column, opened

LOCKS = 0x45585054
"""The first number of the advisory locks of exports being written; the second is that of the export."""
AT_A_TIME = 2000


@contextmanager
def source_connection() -> Iterator[BaseDatabaseWrapper]:
    """Open a second connection, and a transaction in which all rows are of one instant."""
    source = connection.copy()
    try:
        source.ensure_connection()
        source.set_autocommit(False)
        with source.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield source
    finally:
        source.close()


def hold(source: BaseDatabaseWrapper, number: int) -> None:
    """Mark an export as being written for as long as the connection lives; PostgreSQL drops it with the worker."""
    with source.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, number])


def held_numbers() -> set[int]:
    """Return the numbers of the exports that are being written now, anywhere."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2 "
            "AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [LOCKS],
        )
        return {number for (number,) in cursor.fetchall()}


def count_rows(source: BaseDatabaseWrapper, rows: QuerySet[Any]) -> int:
    """Return how many rows there are at the instant of the connection."""
    query = rows.query.clone()
    query.clear_ordering(force=True)
    query.select_related = False
    sql, parameters = _compiled(source, query)
    with source.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({sql}) counted", parameters)  # noqa: S608 compiled by Django
        (found,) = cursor.fetchone()
    return int(found)


def values_of(source: BaseDatabaseWrapper, values: QuerySet[Any, Any]) -> list[Any]:
    """Return the values of one column at the instant of the connection."""
    with source.cursor() as cursor:
        cursor.execute(*_compiled(source, values.query))
        return [value for (value,) in cursor.fetchall()]


def copied_rows(
    source: BaseDatabaseWrapper, rows: QuerySet[Any], columns: tuple[Column, ...], delimiter: str
) -> Iterator[memoryview | bytes]:
    """Yield the lines of a CSV file, one row each; all texts are in quotes.

    PostgreSQL writes them, but where some texts are sealed.
    """
    if any(one.cell_type == CellType.SEALED for one in columns):
        lines = csv.writer(_GivesLinesBack(), delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        yield from (lines.writerow(row) for row in read_rows(source, rows, columns))
        return
    sql, parameters = _statement(source, rows, columns)
    quoted = ", ".join(_alias_of(place) for place, one in enumerate(columns) if one.cell_type == CellType.TEXT)
    options = f"FORMAT csv, DELIMITER '{delimiter}', ENCODING 'UTF8'{f', FORCE_QUOTE ({quoted})' if quoted else ''}"
    with source.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT ({options})", parameters) as copy:
        yield from copy


def read_rows(
    source: BaseDatabaseWrapper, rows: QuerySet[Any], columns: tuple[Column, ...]
) -> Iterator[tuple[str | None, ...]]:
    """Yield the same cells, row by row, by a cursor of the server; sealed texts are opened."""
    closed = {place for place, one in enumerate(columns) if one.cell_type == CellType.SEALED}
    sql, parameters = _statement(source, rows, columns)
    with source.chunked_cursor() as cursor:
        cursor.execute(sql, parameters)
        while many := cursor.fetchmany(AT_A_TIME):
            yield from (_opened(row, closed) if closed else row for row in many)


class _GivesLinesBack:
    """A file whose `write` returns the line, so that `csv` needs no buffer."""

    def write(self, line: str) -> bytes:
        """Return the line."""
        return line.encode()


def _opened(row: tuple[str | None, ...], closed: Collection[int]) -> tuple[str | None, ...]:
    return tuple(opened(cell) if place in closed else cell for place, cell in enumerate(row))


def _statement(source: BaseDatabaseWrapper, rows: QuerySet[Any], columns: tuple[Column, ...]) -> tuple[str, Any]:
    cells = {_alias_of(place): column.cell for place, column in enumerate(columns)}
    named = rows.annotate(**cells).values_list(*cells)
    return _compiled(source, named.query)


def _compiled(source: BaseDatabaseWrapper, query: Query) -> tuple[str, Any]:
    # Rows of which Django knows that there are none are asked for as well: a file without rows is a file, too.
    statement: tuple[str, Any] = query.get_compiler(connection=source, elide_empty=False).as_sql()
    return statement


def _alias_of(place: int) -> str:
    return f"cell_{place}"
