"""Places that are closed for a time, and open by themselves after it. The lot's lock is held."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from lots.models import Lot, Spot, SpotCount
from lots.services.locks import assert_lot_locked


class SpotClosure(NamedTuple):
    """Until when a spot is closed, and why."""

    until: datetime
    why: str


@transaction.atomic
def close_spots(*, lot: Lot, closed: Mapping[int, SpotClosure]) -> int:
    """Close exactly these spots, by their keys, of those that no person has taken out of use; return how many change.

    A parked car stays. Idempotent.
    """
    assert_lot_locked(lot.pk)
    timed = lot.spots.exclude(maintenance_until=None)
    changed = list(timed.exclude(pk__in=closed))
    for spot in changed:
        spot.maintenance, spot.maintenance_note, spot.maintenance_until = False, "", None
    by_nobody = lot.spots.filter(pk__in=closed, maintenance=False) | timed.filter(pk__in=closed)
    for spot in by_nobody:
        until, why = closed[spot.pk]
        if (spot.maintenance_until, spot.maintenance_note) != (until, why):
            spot.maintenance, spot.maintenance_note, spot.maintenance_until = True, why, until
            changed.append(spot)
    Spot.objects.bulk_update(changed, ["maintenance", "maintenance_note", "maintenance_until"], batch_size=2_000)
    return len(changed)


@transaction.atomic
def close_counted(*, lot: Lot, closed: Mapping[tuple[int, str], int]) -> int:
    """Close so many places of each level (its key) and type, where only cars are counted; return how many change.

    Where more cars are inside than may be, as many as are free are closed: the rest when they leave and this is called
    again. Idempotent.
    """
    assert_lot_locked(lot.pk)
    changed = 0
    for count in SpotCount.objects.filter(lot=lot):
        wanted = min(closed.get((count.level_id, count.spot_type), 0), count.total - count.occupied - count.reserved)
        if count.maintenance != wanted:
            changed += SpotCount.objects.filter(pk=count.pk).update(maintenance=wanted)
    return changed
