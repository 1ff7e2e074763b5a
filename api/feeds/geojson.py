"""GeoJSON: the lots as points, with what is free in them."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.urls import reverse

from api.feeds.counted import CountedLot


def features_document(lots: Sequence[CountedLot], *, site: str, at: datetime) -> dict[str, Any]:
    """Return the lots as features; one without a position has no geometry."""
    return {"type": "FeatureCollection", "as_of": at.isoformat(), "features": [_feature(one, site) for one in lots]}


def _feature(one: CountedLot, site: str) -> dict[str, Any]:
    lot = one.lot
    point = {"type": "Point", "coordinates": [lot.longitude, lot.latitude]}
    return {
        "type": "Feature",
        "id": lot.slug,
        "geometry": point if one.has_position else None,
        "properties": {
            "name": lot.name,
            "operator": lot.operator.name,
            "address": one.address,
            "url": site + reverse("driver:lot", args=[lot.slug]),
            "open": one.is_open,
            "opening_hours": one.opening_hours,
            **asdict(one.whole),
            "by_type": {kind.value: asdict(count) for kind, count in one.by_type.items()},
            "updated_at": one.counted_at.isoformat(),
            "confidence": one.confidence,
        },
    }
