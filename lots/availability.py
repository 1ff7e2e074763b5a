"""What is free in a lot: the counters that the database keeps, added up, and sent again only when they have changed."""

import datetime as dt
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.http import Http404
from django.utils.http import parse_etags

from common.etags import weak_etag
from common.flush import flush
from lots.models import Lot

MOST_REMEMBERED = 2_000
CACHE_CONTROL = "public, no-cache"
"""May be kept, but asked about again each time."""
STATES = ("total", "free", "occupied", "reserved", "maintenance")
# The levels' numbers by their keys, and the counters: to join and sort them here takes half of PostgreSQL's time.
COUNTERS = """
SELECT (SELECT json_object_agg(level.id, level.number) FROM lots_level level WHERE level.lot_id = lot.id), (
    SELECT json_agg(json_build_array(c.level_id, c.spot_type, c.total, c.free, c.occupied, c.reserved, c.maintenance))
    FROM lots_spotcount c WHERE c.lot_id = lot.id AND c.total > 0
) FROM lots_lot lot WHERE lot.slug = %(slug)s
"""


def availability(lot: Lot, *, at: dt.datetime) -> dict[str, Any]:
    """Count a lot's places by state, as a whole, by level number and by spot type; one query."""
    return _added_up(lot.slug, *_counters(lot.slug)) | {"as_of": at}


def tell_availability(slug: str, *, if_none_match: str, at: dt.datetime) -> tuple[str, bytes | None]:
    """Return the ETag of what is free in a lot, and it as JSON; None for that while the asker knows it. One query.

    `if_none_match` is the header of that name, `at` is in UTC. Raises Http404.
    """
    etag, counted = _told(slug, *_counters(slug))
    if if_none_match and _knows(if_none_match, etag):
        return etag, None
    as_of = at.replace(tzinfo=None).isoformat(timespec="microseconds")
    return etag, f'{counted[:-1]}, "as_of": "{as_of}Z"}}'.encode()


@lru_cache(maxsize=MOST_REMEMBERED)
def _told(slug: str, levels: str, counters: str) -> tuple[str, str]:
    """Return the ETag, and what is told but for its time: both are the same while the counters are."""
    told = _added_up(slug, levels, counters)
    return weak_etag(told), json.dumps(told)


def _knows(if_none_match: str, etag: str) -> bool:
    known = parse_etags(if_none_match)
    return "*" in known or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in known}


def _counters(slug: str) -> tuple[str, str]:
    """Return a lot's levels and counters as PostgreSQL writes them; raises Http404."""
    row = flush((COUNTERS, {"slug": slug})) if "\0" not in slug else None
    if row is None:
        raise Http404
    levels, counters = row
    return levels or "{}", counters or "[]"


def _added_up(slug: str, levels: str, counters: str) -> dict[str, Any]:
    numbers: dict[str, int] = json.loads(levels)
    rows: list[tuple[int, str, list[int]]] = sorted(
        (numbers[str(level)], spot_type, states) for level, spot_type, *states in json.loads(counters)
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
