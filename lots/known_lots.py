"""Public lots as they are kept for a while: for pages and feeds that show them, never for what is decided."""

from collections.abc import Collection
from dataclasses import astuple
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.db.written_rows import read_row, written_row
from common.two_level_cache import Kept
from lots.access import get_public_lot
from lots.lot_search import Cluster, LotSearch, clusters_in, count_lots, nearest_lots
from lots.models import Lot
from lots.positions import Area

_lots = Kept("lots", _("Lots"), setting="CACHE_SECONDS", most=2_000)
_found = Kept("found", _("Lots that a search finds"), setting="CACHE_SECONDS", most=2_000)
_pins = Kept("pins", _("Pins of the map"), setting="CACHE_SECONDS", most=500)


def known_public_lot(slug: str) -> Lot:
    """Return the lot of a public page, as `get_public_lot` does."""
    return read_row(Lot, _lots.get(f"/{slug}", lambda: written_row(get_public_lot(slug))))


def known_nearest(search: LotSearch, *, first: int, limit: int) -> list[Any]:
    """Return the lots that a search finds, as `nearest_lots` does, with their `distance_m`."""
    fresh: dict[str, Any] = {}

    def load() -> list[tuple[int, float | None]]:
        nearest = nearest_lots(search, first=first, limit=limit)
        fresh.update({f"#{lot.pk}": written_row(lot) for lot in nearest})
        return [(lot.pk, lot.distance_m) for lot in nearest]

    def load_rows(keys: list[str]) -> dict[str, Any]:
        return {**_rows([key for key in keys if key not in fresh]), **fresh}

    found = _found.get(f"{astuple(search)} {first} {limit}", load)
    rows = _lots.get_all([f"#{key}" for key, _distance in found], load_rows)
    lots: list[Any] = []
    for key, distance in found:
        # One that was removed meanwhile is left out.
        if written := rows[f"#{key}"]:
            lots.append(lot := read_row(Lot, written))
            lot.distance_m = distance  # type: ignore[attr-defined]
    return lots


def known_count(search: LotSearch, *, most: int | None = None) -> int:
    """Return how many lots a search finds, as `count_lots` does."""
    return int(_found.get(f"{astuple(search)} of {most}", lambda: count_lots(search, most=most)))


def known_clusters(search: LotSearch, area: Area, *, cells: int, without: Collection[int] = ()) -> list[Cluster]:
    """Return the lots of an area by cells, as `clusters_in` does."""
    key = f"{astuple(search)} {area} {cells} {sorted(without)}"
    return [Cluster(*one) for one in _pins.get(key, lambda: clusters_in(search, area, cells=cells, without=without))]


def _rows(keys: list[str]) -> dict[str, Any]:
    if not keys:
        return {}
    found = {f"#{lot.pk}": written_row(lot) for lot in Lot.objects.filter(pk__in=[int(key[1:]) for key in keys])}
    return {key: found.get(key) for key in keys}
