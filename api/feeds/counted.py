"""The public lots with what is counted in them, as each format tells it; a few queries however many lots there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery

from analytics.scope import Scope
from analytics.silence import confidence_of_counts, silent_since
from gates.models import GateEvent
from lots.access import LotName
from lots.availability import STATES
from lots.boards import Count
from lots.calendar import is_open, opening_hours_of
from lots.compatibility import SpotType
from lots.lot_search import COVERED
from lots.models import Lot, SpotCount
from lots.opening_hours import osm_rules

ALWAYS = "24/7"


@dataclass(frozen=True, slots=True)
class CountedLot:
    """A lot with its places, in all and by type, as of `at`.

    `counted_at` is when its gates last saw something, `confidence` how sure the counts are, from 0 to 1. `levels` are
    the numbers of those with places.
    """

    lot: Lot
    at: datetime
    counted_at: datetime
    confidence: float
    whole: Count
    by_type: dict[SpotType, Count]
    levels: tuple[int, ...]

    @property
    def usable(self) -> int:
        """Return how many places are not out of use."""
        return self.whole.total - self.whole.maintenance

    @property
    def taken(self) -> int:
        """Return how many places can't be taken now."""
        return self.whole.total - self.whole.free

    @property
    def percent_taken(self) -> float:
        """Return the same of 100 places; all, where there are none."""
        return round(100 * self.taken / self.whole.total, 1) if self.whole.total else 100.0

    @property
    def is_open(self) -> bool:
        """Return whether walk-ins may enter."""
        return is_open(self.lot, self.at)

    @property
    def is_covered(self) -> bool:
        """Return whether it has a roof."""
        return COVERED in self.lot.amenities or len(self.levels) > 1

    @property
    def is_underground(self) -> bool:
        """Return whether all of it is below the ground."""
        return bool(self.levels) and max(self.levels) < 0

    @property
    def has_position(self) -> bool:
        """Return whether it is known where it is."""
        return self.lot.latitude is not None and self.lot.longitude is not None

    @property
    def address(self) -> str:
        """Return its address on one line."""
        town = " ".join(part for part in (self.lot.postal_code, self.lot.city) if part)
        return ", ".join(part for part in (self.lot.address, town) if part)

    @property
    def opening_hours(self) -> str:
        """Return its hours as OpenStreetMap writes them."""
        hours = opening_hours_of(self.lot)
        return "; ".join(osm_rules(hours)) if hours.days else ALWAYS

    @property
    def version(self) -> list[object]:
        """Return a value that changes with what is counted, and not with the clock alone."""
        lot = self.lot
        told = [lot.slug, lot.name, lot.operator.name, self.address, lot.latitude, lot.longitude, lot.max_height_cm]
        counts = [[kind, *(getattr(count, state) for state in STATES)] for kind, count in self.by_type.items()]
        now = [self.counted_at, self.confidence, self.is_open, self.opening_hours, self.is_covered, self.levels]
        return [*told, *now, counts]


def counted_lots(at: datetime) -> list[CountedLot]:
    """Return all public lots by name, with their places as of `at`, in three queries."""
    seen = GateEvent.objects.filter(lot=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    public = Lot.objects.public().select_related("operator").annotate(seen_at=Subquery(seen))
    return _counted(public.order_by("name", "pk"), at)


def _counted(found: QuerySet[Lot], at: datetime) -> list[CountedLot]:
    lots = list(found)
    names = tuple(map(LotName.of, lots))
    silent = silent_since(Scope(names), at) if lots else {}
    rows = SpotCount.objects.filter(lot__in=lots, total__gt=0).select_related("level")
    by_lot: dict[int, list[SpotCount]] = {}
    for row in rows.order_by("lot_id", "level__number", "spot_type"):
        by_lot.setdefault(row.lot_id, []).append(row)
    return [_lot(lot, by_lot.get(lot.pk, ()), silent.get(lot.pk), at) for lot in lots]


def _lot(lot: Lot, rows: Sequence[SpotCount], since: datetime | None, at: datetime) -> CountedLot:
    types = {SpotType(row.spot_type) for row in rows}
    return CountedLot(
        lot=lot,
        at=at,
        counted_at=min(at, getattr(lot, "seen_at", None) or lot.created_at),
        confidence=confidence_of_counts(since, at),
        whole=_sum(rows),
        by_type={kind: _sum(row for row in rows if row.spot_type == kind) for kind in SpotType if kind in types},
        levels=tuple(sorted({row.level.number for row in rows})),
    )


def _sum(rows: Iterable[SpotCount]) -> Count:
    return sum((Count(**{state: getattr(row, state) for state in STATES}) for row in rows), Count())
