"""Locks of names, for what has no row of its own that could be locked."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import IntEnum

from django.db import connection, transaction

# One after the other in rising order, so that two who lock several of the same never wait in a circle.
_LOCK = """
SELECT pg_advisory_xact_lock(%s::int, number) FROM (
    SELECT DISTINCT hashtext(name) AS number FROM unnest(%s::text[]) AS name ORDER BY number) numbers
"""


class NameLock(IntEnum):
    """What the locks of names are for; the first number of each."""

    LOTS = 1
    BOOKERS = 2
    HOLDERS = 3
    PHONE_CODES = 4
    EVENTS = 5
    KEPT_ANSWERS = 6
    AUDIT = 7
    BATCHES = 8


class NoTransactionError(RuntimeError):
    """A lock was requested outside a transaction, where it would end at once."""


def require_transaction() -> None:
    """Raise NoTransactionError outside a transaction."""
    if not transaction.get_connection().in_atomic_block:
        raise NoTransactionError("A lock needs a transaction.")


def lock_each(kind: NameLock, names: Collection[str]) -> None:
    """Wait until nobody else has one of these names locked, and hold them to the end of the transaction.

    Raises NoTransactionError outside a transaction.
    """
    require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [kind, list(names)])


@contextmanager
def held_alone(kind: NameLock, number: int) -> Iterator[bool]:
    """Hold a lock for longer than a transaction, if nobody else does; yields whether.

    Who loses the connection loses the lock with it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s::int, %s)", [kind, number])
        is_held = cursor.fetchone() == (True,)
    try:
        yield is_held
    finally:
        if is_held:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s::int, %s)", [kind, number])
