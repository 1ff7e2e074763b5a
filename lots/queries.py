"""Reads of places: free spots, nearby lots, the spots of a level."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, FloatField, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import ASin, Coalesce, Cos, Least, Power, Radians, Sin, Sqrt

from lots.boards import CAR_TYPES
from lots.models import Level, Lot, Spot, SpotCount
from lots.search import Folded

EARTH_RADIUS_METRES = 6_371_008.8
LONGEST_QUERY = 100


@dataclass(frozen=True, slots=True)
class Position:
    """A place on earth in degrees."""

    latitude: float
    longitude: float


def free_by_type(lots: Iterable[Lot]) -> dict[int, dict[str, int]]:
    """Count the free places of several lots by lot id and spot type; one query."""
    free: dict[int, dict[str, int]] = {lot.pk: {} for lot in lots}
    rows = SpotCount.objects.filter(lot__in=list(free), total__gt=0).values("lot_id", "spot_type").order_by("spot_type")
    for row in rows.annotate(free_places=Sum("free")):
        free[row["lot_id"]][row["spot_type"]] = row["free_places"]
    return free


def with_counts(lots: QuerySet[Lot], *, spot_type: str = "") -> QuerySet[Any]:
    """Annotate lots with `total_places`, `free_places` and `occupied_places`, of one spot type or of all."""
    counts = SpotCount.objects.filter(lot=OuterRef("pk")).order_by().values("lot")
    if spot_type:
        counts = counts.filter(spot_type=spot_type)
    return lots.annotate(
        **{
            f"{state}_places": Coalesce(Subquery(counts.values(sum=Sum(state))), 0, output_field=IntegerField())
            for state in ("total", "free", "occupied")
        }
    )


def with_car_counts(lots: QuerySet[Any]) -> QuerySet[Any]:
    """Annotate lots with `car_total_places` and `car_free_places`: spots for any car, as on boards.

    In a lot without such spots they count all spots.
    """
    counts = SpotCount.objects.filter(lot=OuterRef("pk"), spot_type__in=CAR_TYPES, total__gt=0).order_by().values("lot")
    counted: QuerySet[Any] = lots.annotate(
        **{
            f"car_{state}_places": Coalesce(Subquery(counts.values(sum=Sum(state))), F(f"{state}_places"))
            for state in ("total", "free")
        }
    )
    return counted


def with_words(lots: QuerySet[Lot], query: str) -> QuerySet[Lot]:
    """Keep the lots whose name or address has every word of a query, ignoring case and accents."""
    for word in query[:LONGEST_QUERY].replace("\0", " ").split():
        lots = lots.filter(Q(search_text__contains=Folded(Value(word))) | Q(postal_code__istartswith=word))
    return lots


def find_lots(
    *, near: Position | None = None, radius_m: float | None = None, query: str = "", spot_type: str = ""
) -> QuerySet[Any]:
    """Find public lots by words of their name or address and by distance, nearest first, else by name.

    Each has `distance_m` (None without a position of either), `total_places`, `free_places` and `occupied_places` (of
    `spot_type` when given, and then only lots that have such places). Slice the result to page it.
    """
    lots: QuerySet[Any] = with_counts(with_words(Lot.objects.public(), query), spot_type=spot_type)
    if spot_type:
        lots = lots.filter(total_places__gt=0)
    nowhere = Value(None, output_field=FloatField())
    lots = lots.annotate(distance_m=nowhere if near is None else _distance(near))
    if radius_m is not None:
        lots = lots.filter(distance_m__lte=radius_m)
    return lots.order_by(F("distance_m").asc(nulls_last=True), "name", "pk")


def spots_on(level: Level) -> list[Spot]:
    """List a level's spots in their order, each with its zone; one query."""
    return list(level.spots.select_related("zone").order_by("ordinal", "pk"))


def _distance(near: Position) -> Case:
    """Great-circle distance by the haversine formula, in metres on a sphere."""
    here = Radians(Value(near.latitude, output_field=FloatField()))
    north = Radians(F("latitude") - near.latitude, output_field=FloatField())
    east = Radians(F("longitude") - near.longitude, output_field=FloatField())
    chord = Power(Sin(north / 2), 2) + Cos(here) * Cos(Radians("latitude")) * Power(Sin(east / 2), 2)
    # Rounding may lift the chord of opposite points above 1, the end of the arc sine's domain.
    metres = 2 * EARTH_RADIUS_METRES * ASin(Least(Value(1.0), Sqrt(chord)))
    located = When(latitude__isnull=False, longitude__isnull=False, then=metres)
    return Case(located, default=None, output_field=FloatField())
