"""A lot's places as boards and pages show them: level by level, type by type."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from lots.compatibility import SpotType
from lots.models import SPOT_LABELS, Lot, SpotCount

CAR_TYPES = (SpotType.COMPACT, SpotType.REGULAR, SpotType.LARGE)
"""Spots for any car, without a permit or a plug: these make up a board's number per level."""

BESIDE_WORDS = {
    SpotType.MOTORCYCLE: _("%(free)s for motorcycles"),
    SpotType.HANDICAP: _("%(free)s accessible"),
    SpotType.EV: _("%(free)s EV"),
}


@dataclass(frozen=True, slots=True)
class Count:
    """Places of one kind."""

    total: int = 0
    free: int = 0
    occupied: int = 0
    reserved: int = 0
    maintenance: int = 0

    def __add__(self, other: "Count") -> "Count":
        """Add two counts up."""
        return Count(
            total=self.total + other.total,
            free=self.free + other.free,
            occupied=self.occupied + other.occupied,
            reserved=self.reserved + other.reserved,
            maintenance=self.maintenance + other.maintenance,
        )


@dataclass(frozen=True, slots=True)
class LevelCounts:
    """One level's places by spot type."""

    number: int
    name: str
    by_type: dict[str, Count] = field(default_factory=dict)

    @property
    def direction(self) -> str:
        """Return where the level lies, seen from the ground: up, down or straight."""
        return "up" if self.number > 0 else "down" if self.number < 0 else "straight"

    @property
    def main(self) -> Count:
        """Return the level's headline: spots for any car, or all its spots where it has none of these."""
        cars = [self.by_type[kind] for kind in CAR_TYPES if kind in self.by_type]
        return _sum(cars or self.by_type.values())

    @property
    def beside(self) -> Count | None:
        """Return the charging spots shown beside the headline; None without any, or when the headline counts them."""
        has_cars = any(kind in self.by_type for kind in CAR_TYPES)
        return self.by_type.get(SpotType.EV) if has_cars else None

    @property
    def only_type(self) -> str:
        """Return the type's name when the level has only one and not every car may use it; else empty."""
        kinds = list(self.by_type)
        if len(kinds) != 1 or kinds[0] in CAR_TYPES:
            return ""
        return gettext("EV") if kinds[0] == SpotType.EV else str(SPOT_LABELS[SpotType(kinds[0])])


@dataclass(frozen=True, slots=True)
class LotCounts:
    """A lot's places: in all, by level from the top down, and its types in their usual order."""

    all: Count
    levels: tuple[LevelCounts, ...]
    kinds: tuple[SpotType, ...]

    @property
    def usual_kind(self) -> SpotType:
        """Return the type most drivers look for, shown where only one number has room."""
        return next(kind for kind in (SpotType.REGULAR, *self.kinds) if kind in self.kinds)

    @property
    def main_kinds(self) -> list[SpotType]:
        """Return the types that any car may use, or all where the lot has none of these."""
        return [kind for kind in self.kinds if kind in CAR_TYPES] or list(self.kinds)

    @property
    def main(self) -> Count:
        """Return the headline: the spots of `main_kinds`."""
        return _sum(count for kind, _label, count in self.sums if self._counts_to_main(kind))

    @property
    def beside_words(self) -> str:
        """Return what is free beside `main`: `4 accessible, 1 EV`; empty when nothing is."""
        beside = [
            (kind, count.free) for kind, _label, count in self.sums if not self._counts_to_main(kind) and count.free
        ]
        return ", ".join(BESIDE_WORDS[SpotType(kind)] % {"free": free} for kind, free in beside)

    def _counts_to_main(self, kind: str) -> bool:
        return kind in self.main_kinds

    @property
    def rows(self) -> list[tuple[LevelCounts, list[tuple[SpotType, str, Count | None]]]]:
        """Return the levels with their cells: type, label and count; None where a level has no such spots."""
        return [
            (level, [(kind, str(SPOT_LABELS[kind]), level.by_type.get(kind)) for kind in self.kinds])
            for level in self.levels
        ]

    @property
    def sums(self) -> list[tuple[SpotType, str, Count]]:
        """Return the sum of each column of `rows`, with its type and label."""
        return [
            (
                kind,
                str(SPOT_LABELS[kind]),
                _sum(level.by_type[kind] for level in self.levels if kind in level.by_type),
            )
            for kind in self.kinds
        ]


def lot_counts(lot: Lot) -> LotCounts:
    """Read a lot's counters; one query."""
    return _counted(_in_order(lot.counts.all()).select_related("level"))


def counts_of_lots(lot_ids: Collection[int]) -> dict[int, tuple[str, LotCounts]]:
    """Read the counters of these lots; one query. Returns each lot's slug with them, none for a lot without places."""
    rows = _in_order(SpotCount.objects.filter(lot__in=lot_ids)).select_related("level", "lot")
    lots: dict[int, list[SpotCount]] = {}
    for row in rows:
        lots.setdefault(row.lot_id, []).append(row)
    return {key: (of_lot[0].lot.slug, _counted(of_lot)) for key, of_lot in lots.items()}


def _in_order(counts: QuerySet[SpotCount]) -> QuerySet[SpotCount]:
    return counts.filter(total__gt=0).order_by("-level__number", "spot_type")


def _counted(rows: Iterable[SpotCount]) -> LotCounts:
    levels: dict[int, LevelCounts] = {}
    for row in rows:
        level = levels.setdefault(row.level_id, LevelCounts(number=row.level.number, name=row.level.name))
        level.by_type[row.spot_type] = _count(row)
    counts = tuple(levels.values())
    present = {kind for level in counts for kind in level.by_type}
    return LotCounts(
        all=_sum(count for level in counts for count in level.by_type.values()),
        levels=counts,
        kinds=tuple(kind for kind in SpotType if kind in present),
    )


def _count(row: SpotCount) -> Count:
    return Count(
        total=row.total,
        free=row.free,
        occupied=row.occupied,
        reserved=row.reserved,
        maintenance=row.maintenance,
    )


def _sum(counts: Iterable[Count]) -> Count:
    return sum(counts, Count())
