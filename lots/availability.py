"""Free spots of a lot from the database's counters, with an ETag that changes when they do."""

import datetime as dt
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from django.http import Http404

from common.db.flush import Row, flush_all
from common.web.etags import has_etag, weak_etag
from lots.models import Lot

MOST_REMEMBERED = 2_000
CACHE_CONTROL = "public, no-cache"
"""May be cached, but must be revalidated."""
Counters: TypeAlias = tuple[Row, ...]
STATES = ("total", "free", "occupied", "reserved", "maintenance")
# A row per level and spot type; one empty row for a lot without places.
COUNTERS = """
SELECT level.number, c.spot_type, c.total, c.free, c.occupied, c.reserved, c.maintenance
FROM lots_lot lot
LEFT JOIN (lots_spotcount c JOIN lots_level level ON level.id = c.level_id) ON c.lot_id = lot.id AND c.total > 0
WHERE lot.slug = %(slug)s
"""
PUBLIC_COUNTERS = f"{COUNTERS.rstrip()} AND lot.published AND lot.archived_at IS NULL\n"


def availability(lot: Lot, *, at: dt.datetime) -> dict[str, Any]:
    """Count a lot's places by state, as a whole, by level number and by spot type; one query."""
    return _added_up(lot.slug, _counters(COUNTERS, lot.slug)) | {"as_of": at}


def tell_availability(slug: str, *, if_none_match: str, at: dt.datetime) -> tuple[str, bytes | None]:
    """Return the ETag and the JSON of a public lot's free spots; None as JSON when `if_none_match` has it. One query.

    `if_none_match` is the header of that name, `at` is in UTC. Raises Http404.
    """
    etag, counted = _told(slug, _counters(PUBLIC_COUNTERS, slug))
    if has_etag(if_none_match, etag):
        return etag, None
    as_of = at.replace(tzinfo=None).isoformat(timespec="microseconds")
    return etag, f'{counted[:-1]}, "as_of": "{as_of}Z"}}'.encode()


@lru_cache(maxsize=MOST_REMEMBERED)
def _told(slug: str, counters: Counters) -> tuple[str, str]:
    """Return the ETag and the JSON without its time: both depend on the counters alone."""
    told = _added_up(slug, counters)
    return weak_etag(told), json.dumps(told)


def _counters(statement: str, slug: str) -> Counters:
    """Return a lot's counters as PostgreSQL writes them, in any order. Raises Http404."""
    rows = flush_all((statement, {"slug": slug})) if "\0" not in slug else []
    if not rows:
        raise Http404
    return tuple(rows)


def _added_up(slug: str, counters: Counters) -> dict[str, Any]:
    rows = sorted(
        (int(number), spot_type, [int(state or 0) for state in states])
        for number, spot_type, *states in counters
        if number is not None and spot_type is not None
    )
    by_level: dict[str, list[list[int]]] = {}
    types: dict[str, list[list[int]]] = {}
    for number, spot_type, states in rows:
        by_level.setdefault(str(number), []).append(states)
        types.setdefault(spot_type, []).append(states)
    return {
        "lot": slug,
        **_sums([states for _number, _type, states in rows]),
        "by_level": {number: _sums(parts) for number, parts in by_level.items()},
        "by_type": {spot_type: _sums(parts) for spot_type, parts in types.items()},
    }


def _sums(parts: Sequence[Sequence[int]]) -> dict[str, int]:
    return dict(zip(STATES, map(sum, zip(*parts, strict=True)) if parts else [0] * len(STATES), strict=True))
