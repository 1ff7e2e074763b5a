"""One lock per lot, so that writers of its spots and counters queue instead of deadlocking."""

from django.conf import settings
from django.db import connection

from common.changes import tell_when_committed
from common.db.flush import Step
from common.db.name_locks import NameLock, require_transaction

_LOCK = "SELECT pg_advisory_xact_lock(%(kind)s::int, %(lot)s::int)"
# A two-part advisory lock is shown by its parts, with 2 as objsubid.
_HELD = """
SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = %s::int::oid AND objid = %s::int::oid AND objsubid = 2
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid = pg_backend_pid() AND granted
"""


class LotNotLockedError(AssertionError):
    """The caller must hold the lot's lock and does not."""


def lock_lot(lot_id: int) -> None:
    """Wait for the lot's lock and hold it to the end of the transaction.

    Take it as a statement of its own, before any row of the lot's places is read, so that later reads see what it
    protects. Several lots are locked in rising order of id. Who follows the lot is told after the commit that it has
    changed. Raises NoTransactionError outside a transaction.
    """
    require_transaction()
    with connection.cursor() as cursor:
        cursor.execute(*lot_lock(lot_id))
    tell_when_committed(lot_id)


def lot_lock(lot_id: int) -> Step:
    """Return the statement that takes the lot's lock, to be run with others in one flush; otherwise as `lock_lot`."""
    return _LOCK, {"kind": int(NameLock.LOTS), "lot": lot_id}


def assert_lot_locked(lot_id: int) -> None:
    """Raise LotNotLockedError unless this transaction holds the lot's lock.

    Costs a query, so it only checks where `ASSERT_LOCKS` is set: in tests.
    """
    if settings.ASSERT_LOCKS and not holds_lot_lock(lot_id):
        raise LotNotLockedError(f"The lock of lot {lot_id} is not held.")


def holds_lot_lock(lot_id: int) -> bool:
    """Return whether PostgreSQL lists the lot's lock as held by this connection."""
    connection.ensure_connection()
    # Bypasses Django's cursors, so that assertions don't count as an action's statements.
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        return cursor.execute(_HELD, [int(NameLock.LOTS), lot_id]).fetchone() is not None
