"""Cars of one lot by day or by hour of its clock: who came, who left, how long they stayed, and how many were inside.

A stay in review has left, nobody knows when: it came, and was never inside.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from analytics.sql import fetch
from billing.books.spans import Span
from lots.access import LotName
from tickets.models import OPEN

# The cars inside are a sum over time of who came and left. It is cut at each half hour, so that every day and hour of
# the lot's clock has a piece, also after the clock was changed. Only those who were inside at the beginning, or came or
# left since then, are read, each by its index. At one instant cars leave before others come.
_TRAFFIC = """
WITH asked AS (
    SELECT %(first)s::date::timestamp AT TIME ZONE %(zone)s AS begins,
        least(%(at)s::timestamptz,
            (%(last)s::date + 1)::timestamp AT TIME ZONE %(zone)s - interval '1 microsecond') AS ends
),
change AS (
    SELECT asked.begins AS at, 1 AS cars, 0 AS came, 0 AS gone, interval '0' AS length
    FROM asked JOIN tickets_ticket stay ON stay.lot_id = %(lot)s AND stay.exit_at >= asked.begins
        AND stay.entry_at < asked.begins AND stay.status <> 'void'
    UNION ALL
    SELECT asked.begins, 1, 0, 0, interval '0'
    FROM asked JOIN tickets_ticket stay ON stay.lot_id = %(lot)s AND stay.entry_at < asked.begins
        AND stay.status = ANY(%(open)s) AND stay.exit_at IS NULL
    UNION ALL
    SELECT stay.entry_at, (stay.exit_at IS NOT NULL OR stay.status = ANY(%(open)s))::int, 1, 0, interval '0'
    FROM asked JOIN tickets_ticket stay ON stay.lot_id = %(lot)s AND stay.status <> 'void'
        AND stay.entry_at BETWEEN asked.begins AND asked.ends
    UNION ALL
    SELECT stay.exit_at, -1, 0, (stay.status = 'closed')::int,
        CASE WHEN stay.status = 'closed' THEN stay.exit_at - stay.entry_at ELSE interval '0' END
    FROM asked JOIN tickets_ticket stay ON stay.lot_id = %(lot)s AND stay.status <> 'void'
        AND stay.exit_at BETWEEN asked.begins AND asked.ends
    UNION ALL
    SELECT half_hour, 0, 0, 0, interval '0' FROM asked
    CROSS JOIN generate_series(begins, ends, interval '30 minutes') half_hour
),
piece AS (
    SELECT at AT TIME ZONE %(zone)s AS clock, came, gone, length,
        sum(cars) OVER (ORDER BY at, cars ROWS UNBOUNDED PRECEDING) AS inside
    FROM change
)
SELECT {part} AS part, sum(came)::int AS came, sum(gone)::int AS gone,
    extract(epoch FROM sum(length))::float8 AS seconds, max(inside)::int AS most_inside
FROM piece GROUP BY 1
"""
_BY_DAY, _BY_HOUR = _TRAFFIC.format(part="clock::date"), _TRAFFIC.format(part="extract(hour FROM clock)::int")


@dataclass(frozen=True, slots=True)
class Traffic:
    """Cars that came and left in some time, how long those had stayed together, and the most that were inside."""

    came: int = 0
    gone: int = 0
    stayed: timedelta = timedelta()
    most_inside: int = 0

    @property
    def average_stay(self) -> timedelta | None:
        """Return how long those who left had stayed; None when nobody left."""
        return self.stayed / self.gone if self.gone else None

    def __add__(self, other: "Traffic") -> "Traffic":
        """Return the traffic of both times together."""
        most = max(self.most_inside, other.most_inside)
        return Traffic(self.came + other.came, self.gone + other.gone, self.stayed + other.stayed, most)


def traffic_by_day(lot: LotName, span: Span, at: datetime) -> dict[date, Traffic]:
    """Return the traffic of the days of a lot that have begun; one query."""
    return _found(_BY_DAY, lot, span, at)


def traffic_by_hour(lot: LotName, day: date, at: datetime) -> dict[int, Traffic]:
    """Return the traffic of the hours of a lot's day that have begun; one query."""
    return _found(_BY_HOUR, lot, Span(day, day), at)


def _found(statement: str, lot: LotName, span: Span, at: datetime) -> dict[Any, Traffic]:
    asked = {"lot": lot.pk, "zone": lot.timezone, "first": span.first, "last": span.last, "at": at, "open": list(OPEN)}
    return {
        row.part: Traffic(row.came, row.gone, timedelta(seconds=row.seconds), row.most_inside)
        for row in fetch(statement, asked)
    }
