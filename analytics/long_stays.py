"""Stays that are unusually long: more than 99 of 100 at their lot, so their car may have left unseen."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock

from cachetools import TTLCache
from django.db.models.expressions import RawSQL

from analytics.sql import fetch
from tickets.models import Ticket, TicketQuerySet

WITHOUT_EXPERIENCE = timedelta(days=14)
"""What is long at a lot with fewer than ENOUGH stays in the last 90 days."""
ENOUGH = 100
REMEMBERED_SECONDS = 600
MOST_LOTS = 10_000
LATEST = 10_000
"""How many of a lot's last stays tell what is usual there."""

# Read along the index of exits, a lot at a time. What a person ended has the length that they said.
_USUAL = f"""
SELECT lot.id AS lot_id, usual.longest FROM unnest(%(lots)s::bigint[]) lot (id) CROSS JOIN LATERAL (
    SELECT count(*) AS stays, percentile_disc(0.99) WITHIN GROUP (ORDER BY latest.length) AS longest FROM (
        SELECT exit_at - entry_at AS length FROM tickets_ticket
        WHERE lot_id = lot.id AND exit_at IS NOT NULL AND exit_at BETWEEN %(at)s - interval '90 days' AND %(at)s
            AND status = 'closed' AND closed_reason <> 'left_unseen'
        ORDER BY exit_at DESC LIMIT {LATEST}
    ) latest
) usual WHERE usual.stays >= {ENOUGH}
"""  # noqa: S608 only our own numbers
# The stays inside that began before a time, which each lot has its own of.
INSIDE_SINCE = """
unnest(%(lots)s::bigint[], %(since)s::timestamptz[]) usual (lot_id, since) JOIN tickets_ticket stay
    ON stay.lot_id = usual.lot_id AND stay.entry_at < usual.since AND stay.status IN ('entering', 'active', 'paid')
"""

_known: TTLCache[int, timedelta] = TTLCache(maxsize=MOST_LOTS, ttl=REMEMBERED_SECONDS)
_lock = Lock()


def usual_lengths(lot_ids: Sequence[int], at: datetime) -> dict[int, timedelta]:
    """Return by lot how long a stay may be before it is unusually long; one query, for some minutes none."""
    with _lock:
        known = {key: found for key in lot_ids if (found := _known.get(key)) is not None}
    missing = [key for key in lot_ids if key not in known]
    if not missing:
        return known
    longest = {row.lot_id: row.longest for row in fetch(_USUAL, {"lots": missing, "at": at})}
    asked = {key: longest.get(key, WITHOUT_EXPERIENCE) for key in missing}
    with _lock:
        _known.update(asked)
    return known | asked


def long_before(lot_ids: Sequence[int], at: datetime) -> list[datetime]:
    """Return for each lot the instant before which a stay that is still inside began unusually long ago."""
    usual = usual_lengths(lot_ids, at)
    return [at - usual[key] for key in lot_ids]


def keep_long(stays: TicketQuerySet, lot_ids: Sequence[int], at: datetime) -> TicketQuerySet:
    """Keep the stays inside at these lots that are unusually long."""
    found = INSIDE_SINCE.replace("%(lots)s", "%s").replace("%(since)s", "%s")
    keys = RawSQL(f"SELECT stay.id FROM {found}", [list(lot_ids), long_before(lot_ids, at)])  # noqa: S608, S611 only our own text
    return stays.filter(pk__in=keys)


def is_long(ticket: Ticket, usual: timedelta, at: datetime) -> bool:
    """Return whether a stay is inside for longer than is usual at its lot."""
    return ticket.is_open and at - ticket.entry_at > usual
