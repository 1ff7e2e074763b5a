"""Places: lots, levels, zones, spots and their counters."""

from lots.models.counts import CountCorrection, SpotCount
from lots.models.labels import (
    DIRECTION_LABELS,
    LANGUAGE_CHOICES,
    PREPAY_LABELS,
    SPOT_LABELS,
    SpotStatus,
    Tracking,
)
from lots.models.lanes import Gate
from lots.models.lots import Lot, LotEntrance, LotQuerySet
from lots.models.places import Level, Spot, Zone

__all__ = [
    "DIRECTION_LABELS",
    "LANGUAGE_CHOICES",
    "PREPAY_LABELS",
    "SPOT_LABELS",
    "CountCorrection",
    "Gate",
    "Level",
    "Lot",
    "LotEntrance",
    "LotQuerySet",
    "Spot",
    "SpotCount",
    "SpotStatus",
    "Tracking",
    "Zone",
]
