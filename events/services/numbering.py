"""Giving events the numbers by which readers get them.

Keys and transaction ids are given while transactions run, and those commit in any order: who reads by either passes
events that commit late. Numbers are given afterwards, to what is committed, in the order of the keys. Where a lock
orders the writers of a lot or a subject, the second writes after the first has committed, so none is numbered before
an earlier one.
"""

from django.db import connection, transaction

from common.db.name_locks import NameLock

BATCH = 5000
# One at a time; the lock ends after the commit, so the next sees what the last has numbered.
_ALONE = "SELECT pg_try_advisory_xact_lock(%s::int, 0)"
_NUMBER = """
WITH fresh AS MATERIALIZED (
    SELECT e.id, e.operator_id, row_number() OVER (PARTITION BY e.operator_id ORDER BY e.id) AS place
    FROM (SELECT id, operator_id FROM events_event WHERE number IS NULL ORDER BY id LIMIT %s) e
), counters AS (
    INSERT INTO events_eventcounter AS c (operator_id, last)
    SELECT fresh.operator_id, count(*) FROM fresh JOIN accounts_operator o ON o.id = fresh.operator_id
    GROUP BY fresh.operator_id
    ON CONFLICT (operator_id) DO UPDATE SET last = c.last + excluded.last
    RETURNING c.operator_id, c.last
), counted AS (
    SELECT c.operator_id, c.last - max(fresh.place) AS before
    FROM counters c JOIN fresh USING (operator_id) GROUP BY c.operator_id, c.last
)
UPDATE events_event e SET number = counted.before + fresh.place
FROM fresh JOIN counted USING (operator_id) WHERE e.id = fresh.id
"""


@transaction.atomic
def number_events(*, limit: int = BATCH) -> int:
    """Give up to `limit` committed events their numbers and return how many; none while another does it."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE, [NameLock.EVENTS])
        if cursor.fetchone() != (True,):
            return 0
        cursor.execute(_NUMBER, [limit])
        return int(cursor.rowcount)
