"""One lock per lot, so that writers of its spots and counters queue instead of deadlocking."""

from django.db import connection, transaction

from common.flush import Step

LOT_LOCKS = 1
_LOCK = "SELECT pg_advisory_xact_lock(%(kind)s::int, %(lot)s::int)"


class NoTransactionError(RuntimeError):
    """A lock was asked for outside a transaction, where it would end at once."""


def lock_lot(lot_id: int) -> None:
    """Wait for the lot's lock and hold it to the end of the transaction.

    Taken as a statement of its own and before any row of the lot's places, so that what is read after it is what the
    lock protects. Several lots are locked in rising order of id. Raises NoTransactionError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NoTransactionError("lock_lot needs a transaction")
    with connection.cursor() as cursor:
        cursor.execute(*lot_lock(lot_id))


def lot_lock(lot_id: int) -> Step:
    """Return the statement that takes the lot's lock, to be run with others in one flush; otherwise as `lock_lot`."""
    return _LOCK, {"kind": LOT_LOCKS, "lot": lot_id}
