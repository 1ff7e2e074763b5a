"""Which public lots a search finds, nearest first."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Avg, Count, Exists, F, FloatField, IntegerField, Min, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Floor, Least

from lots.compatibility import SpotType
from lots.geometry import Around, Farthest, LotPoint, Planar, Within, box_of, measured, metres_from, point_of
from lots.models import Lot, SpotCount
from lots.positions import Area, Position, cells_of_geohash, geohash_of_cell, precision_for
from lots.queries import with_words

COVERED = "covered"
"""The amenity of a lot with a roof over its places."""
MOST_CLUSTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LotSearch:
    """What lots are searched by: words, a position, a distance from it, and what they must have.

    A lot fits a vehicle of `height_cm` if its limit allows it, or it has none. `electric` and `accessible` ask for such
    spots, `spot_type` for places of that type.
    """

    query: str = ""
    near: Position | None = None
    radius_m: float | None = None
    spot_type: str = ""
    electric: bool = False
    accessible: bool = False
    covered: bool = False
    height_cm: int | None = None

    @property
    def needed_types(self) -> set[str]:
        """Return the spot types that a lot must have."""
        needed = {SpotType.EV: self.electric, SpotType.HANDICAP: self.accessible, self.spot_type: self.spot_type}
        return {str(kind) for kind, is_needed in needed.items() if is_needed}


def matching_lots(search: LotSearch) -> QuerySet[Any]:
    """Return the public lots that have what a search asks for, wherever they are."""
    lots: QuerySet[Any] = with_words(Lot.objects.public(), search.query)
    for kind in sorted(search.needed_types):
        lots = lots.filter(Exists(SpotCount.objects.filter(lot=OuterRef("pk"), spot_type=kind, total__gt=0)))
    if search.covered:
        lots = lots.filter(amenities__contains=[COVERED])
    if search.height_cm:
        lots = lots.filter(Q(max_height_cm=None) | Q(max_height_cm__gte=search.height_cm))
    return lots


def nearest_lots(search: LotSearch, *, first: int, limit: int) -> list[Any]:
    """Return a part of the lots that are found, nearest first and those without a position last; else by name.

    Each has its `distance_m`, None without a position of either. One statement, or three where lots without a position
    are among them.
    """
    lots = matching_lots(search).order_by("name", "pk")
    if search.near is None:
        return list(lots.annotate(distance_m=_NOWHERE)[first : first + limit])
    located = _by_distance(lots, search.near, search.radius_m, first + limit)
    found = list(located[first : first + limit])
    if len(found) == limit or search.radius_m is not None:
        return found
    passed = 0 if found or not first else first - lots.filter(_LOCATED).count()
    nowhere = lots.exclude(_LOCATED).annotate(distance_m=_NOWHERE)
    return found + list(nowhere[passed : passed + limit - len(found)])


def count_lots(search: LotSearch, *, most: int | None = None) -> int:
    """Return how many lots are found; with `most` no more are counted."""
    lots = matching_lots(search).order_by()
    if search.near is not None and search.radius_m is not None:
        lots = _within(lots, search.near, measured(search.radius_m))
        lots = lots.annotate(distance_m=metres_from(search.near)).filter(distance_m__lte=search.radius_m)
    return lots.count() if most is None else lots[:most].count()


class Cluster(NamedTuple):
    """Lots in one cell of a geohash: how many, their middle, and the slug and name of one of them."""

    geohash: str
    latitude: float
    longitude: float
    lots: int
    slug: str
    name: str


def clusters_in(search: LotSearch, area: Area, *, cells: int, without: Collection[int] = ()) -> list[Cluster]:
    """Return the lots in an area by cells of a geohash, about so many from west to east; one statement."""
    precision = precision_for(area, cells)
    columns, rows = cells_of_geohash(precision)
    lots = matching_lots(search).filter(Within(LotPoint(), box_of(area))).exclude(pk__in=without).order_by()
    column = Floor((F("longitude") + 180.0) / 360.0 * columns, output_field=IntegerField())
    row = Floor((F("latitude") + 90.0) / 180.0 * rows, output_field=IntegerField())
    cells_found = lots.values(column=column, row=row).annotate(
        lots=Count("pk"), middle_latitude=Avg("latitude"), middle_longitude=Avg("longitude"), slug=Min("slug")
    )
    named = cells_found.annotate(called=Min("name")).order_by("-lots", "slug")[:MOST_CLUSTERS]
    return [
        Cluster(
            geohash_of_cell(int(cell["column"]), int(cell["row"]), precision),
            cell["middle_latitude"],
            cell["middle_longitude"],
            cell["lots"],
            cell["slug"],
            cell["called"],
        )
        for cell in named
    ]


_LOCATED = Q(latitude__isnull=False, longitude__isnull=False)
_NOWHERE = Value(None, output_field=FloatField())


def _by_distance(lots: QuerySet[Any], near: Position, radius_m: float | None, wanted: int) -> QuerySet[Any]:
    """Return the lots with a position in order, of which only the first `wanted` are sure to be among them.

    The index finds as many that are near in degrees; none of the nearest is farther than the farthest of these.
    """
    metres = metres_from(near)
    some = lots.filter(_LOCATED).order_by(Planar(LotPoint(), point_of(near))).values(metres=metres)
    farthest: Any = Farthest(some[:wanted])
    if radius_m is not None:
        farthest = Least(farthest, measured(radius_m))
    found: QuerySet[Any] = _within(lots, near, farthest).annotate(distance_m=metres)
    if radius_m is not None:
        found = found.filter(distance_m__lte=radius_m)
    return found.order_by(F("distance_m"), "name", "pk")


def _within(lots: QuerySet[Any], near: Position, metres: Any) -> QuerySet[Any]:
    latitude, longitude = map(measured, (near.latitude, near.longitude))
    found: QuerySet[Any] = lots.filter(Within(LotPoint(), Around(latitude, longitude, metres)))
    return found
