"""How much of a time each bay of a level was occupied, by the stays in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from lots.models import Level

# A stay in review occupied its bay until it was put there. What two stays claim at once counts once.
_USE = """
SELECT spot_id, sum(stays)::int, extract(epoch FROM sum(upper(part) - lower(part)))::bigint
FROM (
    SELECT spot_id, CASE WHEN ordinality = 1 THEN stays ELSE 0 END AS stays, part
    FROM (
        SELECT spot_id, count(*) AS stays,
            range_agg(tstzrange(greatest(since, %(start)s), least(until, %(end)s))) AS parts
        FROM (
            SELECT spot_id, entry_at AS since,
                coalesce(exit_at, CASE WHEN status = 'review' THEN changed_at ELSE %(end)s END) AS until
            FROM tickets_ticket
            WHERE lot_id = %(lot)s AND spot_id IN (SELECT id FROM lots_spot WHERE level_id = %(level)s)
                AND status <> 'void' AND entry_at < %(end)s AND (exit_at IS NULL OR exit_at > %(start)s)
        ) stay
        WHERE until > greatest(since, %(start)s)
        GROUP BY spot_id
    ) bay, unnest(parts) WITH ORDINALITY AS cut(part, ordinality)
) piece
GROUP BY spot_id
"""


@dataclass(frozen=True, slots=True)
class BayUse:
    """How many stays a bay had in a time, for how long it was occupied, and of what."""

    stays: int = 0
    occupied: timedelta = timedelta(0)
    of: timedelta = timedelta(0)

    @property
    def share(self) -> float:
        """Return the occupied share of the time, from 0 to 1."""
        return self.occupied / self.of if self.of else 0.0


def use_of_bays(level: Level, start: datetime, end: datetime) -> dict[int, BayUse]:
    """Return the use of each bay of a level, by its key, from `start` to `end`; one query. Unused ones are left out."""
    if end <= start:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_USE, {"lot": level.lot_id, "level": level.pk, "start": start, "end": end})
        rows = cursor.fetchall()
    return {spot: BayUse(stays, timedelta(seconds=seconds), end - start) for spot, stays, seconds in rows}
