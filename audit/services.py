"""Chaining what the triggers have kept.

Keys are given while transactions run, which commit in any order, and a lock held to their end would stand in the order
of all others. So entries are numbered and chained after their commit, by one at a time.
"""

from django.db import connection, transaction

from common.db.name_locks import NameLock

BATCH = 1000


@transaction.atomic
def chain_entries(*, limit: int = BATCH) -> int:
    """Give up to `limit` committed entries their places in the chain; return how many, none while another does it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s::int, 0)", [NameLock.AUDIT])
        if cursor.fetchone() != (True,):
            return 0
        cursor.execute("SELECT audit_chain(%s)", [limit])
        (chained,) = cursor.fetchone() or (0,)
        return int(chained)
