"""How sure the counts of lots are: a gate that has gone silent may let cars pass uncounted."""

from datetime import datetime, timedelta

from analytics.findings import SILENT_GATES
from analytics.remembering import remembered
from analytics.scope import Scope
from analytics.sql import fetch
from lots.observations import DECAY_PER_MINUTE, LOWEST_CONFIDENCE

MINUTE = timedelta(minutes=1)
ASKED_EVERY_SECONDS = 30


@remembered(seconds=ASKED_EVERY_SECONDS)
def silent_since(scope: Scope, at: datetime) -> dict[int, datetime]:
    """Return since when the longest silent gate of each lot is silent, for the lots that have one; one query."""
    since: dict[int, datetime] = {}
    for row in fetch(SILENT_GATES, {"lots": scope.ids, "at": at}):
        since[row.lot_id] = min(row.since, since.get(row.lot_id, row.since))
    return since


def confidence_of_counts(since: datetime | None, at: datetime) -> float:
    """Return how sure a lot's counts are, from 0 to 1: as a silent sensor's, it falls by 0.1 a minute to 0.5."""
    if since is None:
        return 1.0
    return round(max(LOWEST_CONFIDENCE, 1.0 - DECAY_PER_MINUTE * (max(at - since, timedelta()) / MINUTE)), 2)
