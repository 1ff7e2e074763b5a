"""Lays a lot out as a whole, as a site file describes it: zones in their order and every spot by its name.

The lot's lock is held, and the caller has made sure that nothing in use or on record is removed. What people change one
by one in the back office goes through `zones` and `levels`, which check that themselves.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from lots.models import Level, Lot, Spot, Zone
from lots.services.locks import assert_lot_locked
from lots.services.zones import BATCH


def lay_out_level(*, lot: Lot, number: int, name: str, level: Level | None = None) -> Level:
    """Make a level, or rename the one there is."""
    assert_lot_locked(lot.pk)
    if level is None:
        return Level.objects.create(lot=lot, number=number, name=name)
    level.name = name
    level.save(update_fields=["name"])
    return level


def lay_out_zone(*, level: Level, values: Mapping[str, Any], zone: Zone | None = None) -> Zone:
    """Make a zone from values by field name, without its spots, or change those fields of the one there is."""
    assert_lot_locked(level.lot_id)
    if zone is None:
        return Zone.objects.create(level=level, **values)
    for name, value in values.items():
        setattr(zone, name, value)
    if values:
        zone.save(update_fields=list(values))
    return zone


def lay_out_spots(*, lot: Lot, spots: Sequence[Spot]) -> None:
    """Make spots, or move those that have their names to the same place, type and order."""
    assert_lot_locked(lot.pk)
    Spot.objects.bulk_create(
        spots,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["lot", "number"],
        update_fields=["level", "zone", "spot_type", "ordinal"],
    )


def remove_laid_out(*, lot: Lot, places: QuerySet[Any]) -> None:
    """Remove levels, zones or spots of a lot."""
    assert_lot_locked(lot.pk)
    places.delete()
