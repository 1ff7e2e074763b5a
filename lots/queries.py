"""Reads of places: counts of lots, lots by words, the spots of a level."""

from collections.abc import Iterable
from typing import Any

from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from lots.availability import STATES
from lots.boards import Count
from lots.models import Level, Lot, Spot, SpotCount
from lots.search import Folded

LONGEST_QUERY = 100


def counts_by_type(lots: Iterable[Lot]) -> dict[int, dict[str, Count]]:
    """Count the places of several lots by lot id and spot type, sorted by type; one query."""
    found: dict[int, dict[str, Count]] = {lot.pk: {} for lot in lots}
    # Added up here: Django takes longer to write the sums of levels than they take.
    rows = SpotCount.objects.filter(lot__in=list(found), total__gt=0).order_by("spot_type")
    for lot_id, kind, *numbers in rows.values_list("lot_id", "spot_type", *STATES):
        of_level = Count(**dict(zip(STATES, numbers, strict=True)))
        found[lot_id][kind] = found[lot_id].get(kind, Count()) + of_level
    return found


def with_counts(lots: QuerySet[Lot]) -> QuerySet[Any]:
    """Annotate lots with `total_places`, `free_places` and `occupied_places`."""
    counts = SpotCount.objects.filter(lot=OuterRef("pk")).order_by().values("lot")
    return lots.annotate(
        **{
            f"{state}_places": Coalesce(Subquery(counts.values(sum=Sum(state))), 0, output_field=IntegerField())
            for state in ("total", "free", "occupied")
        }
    )


def with_words(lots: QuerySet[Lot], query: str) -> QuerySet[Lot]:
    """Keep the lots whose name or address has every word of a query, ignoring case and accents."""
    for word in query[:LONGEST_QUERY].replace("\0", " ").split():
        lots = lots.filter(Q(search_text__contains=Folded(Value(word))) | Q(postal_code__istartswith=word))
    return lots


def spots_on(level: Level) -> list[Spot]:
    """List a level's spots in their order, each with its zone; one query."""
    return list(level.spots.select_related("zone").order_by("ordinal", "pk"))
