"""Corrections of the demo's counts: cars that nobody saw come in, and the mornings at which they are forgotten."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.models import User
from lots.models import Lot
from lots.services import CarsCounted, correct_count, reset_counts

WALKS = ((24, 2), (17, 1), (9, 3), (4, 1), (1, 2))
"""How many days ago somebody walked round in the evening, and how many cars more there were than counted."""
EVENING, MORNING = time(21, 40), time(4, 0, 40)


def correct_counts(lot: Lot, *, by: User, at: datetime) -> None:
    """Correct a lot's count on some evenings of the past weeks, each until the next morning."""
    zone = ZoneInfo(lot.timezone)
    for days, more in WALKS:
        evening = datetime.combine(at.astimezone(zone).date() - timedelta(days=days), EVENING, zone)
        count = lot.counts.select_related("level").order_by("-total").first()
        if count is None or count.free < more:
            continue
        counted = CarsCounted(count.level, count.spot_type, count.occupied + more, "CarsCounted on the evening walk")
        correct_count(lot=lot, counted=counted, by=by, at=evening)
        reset_counts(at=min(datetime.combine(evening.date() + timedelta(days=1), MORNING, zone), at))
