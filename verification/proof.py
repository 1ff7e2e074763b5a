"""Defines an invariant and checks it."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

ROWS_LISTED = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    """A condition that must always hold.

    `number` is its place in the domain's list; `query` selects the violating rows as one text column. Rows of an
    `informational` one are worth reading but are no violations.
    """

    number: int
    name: str
    sentence: str
    query: str
    informational: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of a check: how many rows violate the invariant, and the first of them."""

    invariant: Invariant
    total: int
    rows: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Return whether no row violates the invariant."""
        return self.total == 0 or self.invariant.informational


@contextmanager
def snapshot() -> Iterator[None]:
    """Hold a read-only snapshot, so that all checks see the same instant under traffic.

    Spots, stays, charges and counters change in one transaction each, so they agree in any snapshot.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def prove(invariants: Iterable[Invariant], *, rows_listed: int = ROWS_LISTED) -> list[Proof]:
    """Check `invariants` on the current transaction's snapshot; each lists at most `rows_listed` rows."""
    return [_prove_one(invariant, rows_listed) for invariant in invariants]


def _prove_one(invariant: Invariant, rows_listed: int) -> Proof:
    with connection.cursor() as cursor:
        cursor.execute(
            # Only our own SQL and a number; without parameters a percent sign needs no doubling.
            f"SELECT breach, count(*) OVER () FROM ({invariant.query}) broken (breach) LIMIT {rows_listed:d}"  # noqa: S608
        )
        found = cursor.fetchall()
    return Proof(invariant, total=found[0][1] if found else 0, rows=tuple(row[0] for row in found))
