"""Keeping gates from giving places that are closed now, and letting them again."""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from lots.models import Lot, SpotCount, Tracking
from lots.services import SpotClosure, close_counted, close_spots, lock_lot
from reservations.models import Blackout


def apply_blackouts(*, at: datetime) -> int:
    """Close the places of the blackouts that run now and open those of others, and return how many changed.

    Idempotent: it looks only at what should be, so a run that was missed is caught up.
    """
    running = Blackout.objects.running(at)
    counted = Lot.objects.filter(tracking=Tracking.LEVELS, counts__maintenance__gt=0)
    spots = Lot.objects.filter(spots__maintenance=True, spots__maintenance_until__isnull=False)
    lots = Lot.objects.filter(Q(pk__in=running.values("lot")) | Q(pk__in=counted) | Q(pk__in=spots))
    return sum(close_what_is_due(lot=lot, at=at) for lot in lots.order_by("pk"))


@transaction.atomic
def close_what_is_due(*, lot: Lot, at: datetime) -> int:
    """Close exactly those places of a lot whose blackout runs now, and return how many changed."""
    lock_lot(lot.pk)
    running = list(Blackout.objects.running(at).filter(lot=lot).order_by("ends_at", "pk"))
    return _close_spots(lot, running) if lot.counts_spots else _close_counted(lot, running)


def _close_spots(lot: Lot, running: list[Blackout]) -> int:
    closed: dict[int, SpotClosure] = {}
    for blackout in running:  # the one that ends last counts
        found = lot.spots.filter(pk__in=blackout.bays) if blackout.bays else lot.spots.all()
        found = found.filter(level=blackout.level) if blackout.level_id else found
        found = found.filter(spot_type=blackout.spot_type) if blackout.spot_type else found
        closure = SpotClosure(blackout.ends_at, blackout.reason)
        closed |= dict.fromkeys(found.values_list("pk", flat=True), closure)
    return close_spots(lot=lot, closed=closed)


def _close_counted(lot: Lot, running: list[Blackout]) -> int:
    closed: Counter[tuple[int, str]] = Counter()
    for count in SpotCount.objects.filter(lot=lot):
        here = [one for one in running if one.closes_type(count.level_id, count.spot_type)]
        whole = any(one.places is None for one in here)
        closed[count.level_id, count.spot_type] = count.total if whole else sum(one.places or 0 for one in here)
    return close_counted(lot=lot, closed=closed)
