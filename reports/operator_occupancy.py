"""How full lots were in a month: the mean share of their places that stays had, by weekday and hour of their clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from analytics.sql import fetch
from reports.month_names import next_month
from tickets.models import OPEN

HOURS, WEEKDAYS = 24, 7
TOP = 5

# The cars of a lot are a sum over time of who came and left. It is cut at each half hour of the month, so that every
# piece is of one hour of the lot's clock, also after the clock was changed: offsets change by half hours at most.
# The places are those that there are now. A stay in review has left, nobody knows when, and counts nowhere.
_SHARES = """
WITH lot AS (
    SELECT lot.id, lot.timezone AS zone, counted.places, %(first)s::date::timestamp AT TIME ZONE lot.timezone AS begins,
        least(%(after)s::date::timestamp AT TIME ZONE lot.timezone, %(at)s::timestamptz) AS ends
    FROM lots_lot lot
    JOIN LATERAL (SELECT sum(total)::bigint AS places FROM lots_spotcount WHERE lot_id = lot.id) counted
        ON counted.places > 0
    WHERE lot.id = ANY(%(lots)s::bigint[])
),
stay AS (
    SELECT lot.id AS lot_id, greatest(ticket.entry_at, lot.begins) AS since, ticket.exit_at AS until
    FROM lot JOIN tickets_ticket ticket
        ON ticket.lot_id = lot.id AND ticket.exit_at > lot.begins AND ticket.entry_at < lot.ends
    WHERE ticket.status <> 'void'
    UNION ALL
    SELECT lot.id, greatest(ticket.entry_at, lot.begins), NULL
    FROM lot JOIN tickets_ticket ticket ON ticket.lot_id = lot.id AND ticket.entry_at < lot.ends
    WHERE ticket.status = ANY(%(open)s) AND ticket.exit_at IS NULL
),
change AS (
    SELECT lot_id, since AS at, 1 AS cars FROM stay
    UNION ALL
    SELECT lot_id, until, -1 FROM stay JOIN lot ON lot.id = stay.lot_id WHERE until < lot.ends
    UNION ALL
    SELECT lot.id, half_hour, 0
    FROM lot CROSS JOIN generate_series(lot.begins, lot.ends - interval '1 second', interval '30 minutes') half_hour
),
piece AS (
    SELECT lot_id, at, sum(cars) OVER (PARTITION BY lot_id ORDER BY at ROWS UNBOUNDED PRECEDING) AS cars,
        lead(at) OVER (PARTITION BY lot_id ORDER BY at) AS until
    FROM change
),
timed AS (
    SELECT lot.id AS lot_id, piece.cars, lot.places,
        extract(epoch FROM coalesce(piece.until, lot.ends) - piece.at) AS seconds,
        extract(isodow FROM piece.at AT TIME ZONE lot.zone)::int AS weekday,
        extract(hour FROM piece.at AT TIME ZONE lot.zone)::int AS hour
    FROM piece JOIN lot ON lot.id = piece.lot_id
)
SELECT lot_id, weekday, hour, (sum(cars * seconds) / nullif(sum(places * seconds), 0))::float8 AS share,
    (sum(seconds) / 3600)::float8 AS hours, max(places) AS places
FROM timed GROUP BY GROUPING SETS ((weekday, hour), (lot_id), ())
"""


@dataclass(frozen=True, slots=True)
class OccupiedLot:
    """The mean share of a lot's places that was used, and over how many hours of the month."""

    lot: int
    share: float
    places: int
    hours: float


@dataclass(frozen=True, slots=True)
class OccupiedMonth:
    """The mean share of all places together, by weekday (Monday first) and hour, None without any, and by lot."""

    share: float | None
    by_hour: tuple[tuple[float | None, ...], ...]
    lots: tuple[OccupiedLot, ...]


def occupied_in(lots: Sequence[int], month: date, *, at: datetime) -> OccupiedMonth:
    """Return how full lots were in a month of their clocks, until `at`; one query, however long the stays are."""
    parameters = {"lots": list(lots), "first": month, "after": next_month(month), "at": at, "open": list(OPEN)}
    by_hour: list[list[float | None]] = [[None] * HOURS for _ in range(WEEKDAYS)]
    whole, found = None, []
    for row in fetch(_SHARES, parameters):
        if row.lot_id is not None:
            found.append(OccupiedLot(row.lot_id, row.share, row.places, row.hours))
        elif row.weekday is not None:
            by_hour[row.weekday - 1][row.hour] = row.share
        else:
            whole = row.share
    return OccupiedMonth(
        whole, tuple(tuple(line) for line in by_hour), tuple(sorted(found, key=lambda one: -one.share))
    )


def top_hours(by_hour: Sequence[Sequence[float | None]]) -> list[tuple[int, int, float]]:
    """Return the fullest hours: the weekday from 0, the hour and the share."""
    known = [
        (weekday, hour, share)
        for weekday, line in enumerate(by_hour)
        for hour, share in enumerate(line)
        if share is not None and share > 0
    ]
    return sorted(known, key=lambda one: (-one[2], one[0], one[1]))[:TOP]
