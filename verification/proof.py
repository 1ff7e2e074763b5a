"""What an invariant is and how one is proved."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

ROWS_LISTED = 20


@dataclass(frozen=True, slots=True)
class Invariant:
    """One thing that must hold.

    `number` is its place in the list of the domain's invariants, `query` selects the rows that break it as one text
    column. The rows of one that is `informational` are worth reading and prove nothing wrong.
    """

    number: int
    name: str
    sentence: str
    query: str
    informational: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome of one proof: how many rows break the invariant and the first of them."""

    invariant: Invariant
    total: int
    rows: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Say whether nothing breaks the invariant."""
        return self.total == 0 or self.invariant.informational


@contextmanager
def snapshot() -> Iterator[None]:
    """Hold one read-only snapshot, so that every proof sees the same instant while traffic goes on.

    Spots, stays, charges and their counters move in one transaction each, so "at rest" is true of any snapshot.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def prove(invariants: Iterable[Invariant], *, rows_listed: int = ROWS_LISTED) -> list[Proof]:
    """Prove each of `invariants` on what the current transaction sees; list at most `rows_listed` rows of each."""
    return [_prove_one(invariant, rows_listed) for invariant in invariants]


def _prove_one(invariant: Invariant, rows_listed: int) -> Proof:
    with connection.cursor() as cursor:
        cursor.execute(
            # Only our own text and a number; without parameters a percent sign needs no doubling.
            f"SELECT breach, count(*) OVER () FROM ({invariant.query}) broken (breach) LIMIT {rows_listed:d}"  # noqa: S608
        )
        found = cursor.fetchall()
    return Proof(invariant, total=found[0][1] if found else 0, rows=tuple(row[0] for row in found))
