"""Sealing what is stored again, by the key that seals now: after a key was rolled, or a column began to be sealed.

Rows are taken in batches by their key, locked without waiting and written at once, so that traffic goes on beside it.
What somebody has locked comes in the next pass. What was sealed is its own mark of how far it went, so that it goes on
wherever it stopped, and may run twice at once.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.apps import apps
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from common.db.sealed_fields import EncryptedTextField, KeyedHashField
from common.sealing import keyed_hash, seal, sealed_beginning, unseal

BATCH = 200
_UNTIL_WRITTEN = "FOR NO KEY UPDATE SKIP LOCKED"
PASSES = 20


class SealedTable(NamedTuple):
    """A table, its key, its sealed columns, and those of hashes with the column that each is of."""

    name: str
    key: str
    columns: tuple[str, ...]
    hashes: tuple[tuple[str, str], ...] = ()


def sealed_tables() -> Iterator[SealedTable]:
    """Yield the tables that have sealed columns."""
    for model in apps.get_models():
        fields = model._meta.concrete_fields  # noqa: SLF001 documented
        columns = tuple(field.attname for field in fields if isinstance(field, EncryptedTextField))
        hashes = tuple((field.attname, field.of) for field in fields if isinstance(field, KeyedHashField))
        if columns:
            yield SealedTable(model._meta.db_table, model._meta.pk.attname, columns, hashes)  # noqa: SLF001 documented


def seal_again(*, using: str = "default", batch: int = BATCH) -> int:
    """Seal everything that another key has sealed, or none, by the first key; return how many rows that were."""
    return sum(seal_table(table, using=using, batch=batch) for table in sealed_tables())


def left_to_seal(*, using: str = "default") -> dict[str, int]:
    """Return how many rows of each table are not sealed by the first key, without the tables that have none."""
    counts = {}
    with connections[using].cursor() as cursor:
        for table in sealed_tables():
            query = sql.SQL("SELECT count(*) FROM {} WHERE {}").format(sql.Identifier(table.name), _is_left(table))
            cursor.execute(query, _beginnings(table))
            (counts[table.name],) = cursor.fetchone()
    return {name: count for name, count in counts.items() if count}


def seal_table(table: SealedTable, *, using: str = "default", batch: int = BATCH) -> int:
    """Seal what is left in one table and return how many rows that were; passes on until a pass finds nothing."""
    total = 0
    for _ in range(PASSES):
        done = sum(_passed(table, using, batch))
        total += done
        if not done:
            break
    return total


def _passed(table: SealedTable, using: str, batch: int) -> Iterator[int]:
    """Go through a table once, by its key."""
    after: Any = None
    while True:
        with transaction.atomic(using=using):
            rows = _locked(connections[using], table, after, batch)
            _write(connections[using], table, rows)
        if not rows:
            return
        yield len(rows)
        after = rows[-1][0]


def _locked(connection: BaseDatabaseWrapper, table: SealedTable, after: Any, batch: int) -> list[tuple[Any, ...]]:
    columns = sql.SQL(", ").join(map(sql.Identifier, (table.key, *table.columns)))
    follows = sql.SQL("TRUE") if after is None else sql.SQL("{} > %s").format(sql.Identifier(table.key))
    query = sql.SQL("SELECT {} FROM {} WHERE {} AND ({}) ORDER BY {} LIMIT %s {}").format(
        columns,
        sql.Identifier(table.name),
        follows,
        _is_left(table),
        sql.Identifier(table.key),
        sql.SQL(_UNTIL_WRITTEN),
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [*([] if after is None else [after]), *_beginnings(table), batch])
        return list(cursor.fetchall())


def _write(connection: BaseDatabaseWrapper, table: SealedTable, rows: list[tuple[Any, ...]]) -> None:
    names = [*table.columns, *(name for name, _ in table.hashes)]
    settings = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in names)
    query = sql.SQL("UPDATE {} SET {} WHERE {} = %s").format(
        sql.Identifier(table.name), settings, sql.Identifier(table.key)
    )
    with connection.cursor() as cursor:
        for key, *stored in rows:
            plain = dict(zip(table.columns, (None if one is None else unseal(one) for one in stored), strict=True))
            sealed = [None if text is None else seal(text) for text in plain.values()]
            hashes = [keyed_hash(plain[of] or "", purpose=of) if plain[of] else "" for _, of in table.hashes]
            cursor.execute(query, [*sealed, *hashes, key])


def _is_left(table: SealedTable) -> sql.Composable:
    """Return the condition of rows with a text that the first key has not sealed; NULL and empty ones need nothing."""
    one = sql.SQL("({0} <> '' AND NOT starts_with({0}, %s))")
    return sql.SQL(" OR ").join(one.format(sql.Identifier(name)) for name in table.columns)


def _beginnings(table: SealedTable) -> list[str]:
    return [sealed_beginning()] * len(table.columns)
