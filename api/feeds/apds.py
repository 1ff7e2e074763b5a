"""APDS 4: the parking places with their supply and demand, and what was observed of them last."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from api.feeds.counted import CountedLot

LANGUAGE = "en"
VERSION = 1


def places_document(lots: Sequence[CountedLot], *, at: datetime) -> dict[str, Any]:
    """Return the lots as places of the highest layer."""
    return _listed([place_document(one) for one in lots], at)


def observations_document(lots: Sequence[CountedLot], *, at: datetime) -> dict[str, Any]:
    """Return what was counted last in each lot with a position, which an observation needs."""
    return _listed([_observation(one) for one in lots if one.has_position], at)


def place_document(one: CountedLot) -> dict[str, Any]:
    """Return a lot as a place."""
    lot, whole = one.lot, one.whole
    place: dict[str, Any] = {
        "id": lot.slug,
        "version": VERSION,
        "name": _text(lot.name),
        "layer": 0,
        "type": "parkingPlace",
        "timeZone": lot.timezone,
        "hierarchyElementRecord": {"creationTime": _instant(lot.created_at)},
        "hierarchyElementReference": {
            "elementId": _reference(lot.slug, "Place"),
            "supply": [
                {"supplyQuantity": one.usable, "supplyViewType": "spaceView" if lot.counts_spots else "vehicleView"}
            ],
            "demandTable": [{"timestamp": _instant(one.at), "demandType": [_demand(one)]}],
        },
        "characteristics": [
            {
                "accessControlled": True,
                "openToPublic": True,
                "spacesTotal": whole.total,
                "structureType": "offStreetStructure" if one.is_covered else "offStreetSurface",
            }
        ],
        "occupancyLevel": {"occupancyIndicator": {"entryDefinedValue": _level(one)}},
    }
    if one.address:
        place["placeStreetAddress"] = [_address(one)]
    if one.has_position:
        place["indicativePlacePointLocation"] = [_point(one)]
    return place


def _observation(one: CountedLot) -> dict[str, Any]:
    slug, counted_at = one.lot.slug, _instant(one.counted_at)
    return {
        "id": f"{slug}:{counted_at}",
        "version": VERSION,
        "method": "anpr",
        "observationStartTime": counted_at,
        "observationEndTime": _instant(one.at),
        "creationDateTime": _instant(one.at),
        "description": _text(
            f"{one.whole.free} of {one.whole.total} spaces are free, {round(100 * one.confidence)} % sure."
        ),
        "location": {"observerLocation": _point(one), "observedLocationTextual": _text(one.address or one.lot.name)},
        "elementIds": _reference(slug, "Place"),
        "observerOrganisation": _reference(one.lot.operator.slug, "Organisation"),
    }


def _demand(one: CountedLot) -> dict[str, Any]:
    """Return what is taken of the places; below full confidence it is derived from what was seen before."""
    return {
        "count": one.taken,
        "percentage": one.percent_taken,
        "occupancyCalculation": "counted" if one.confidence == 1 else "derived",
        "recordDateTime": _instant(one.counted_at),
    }


def _level(one: CountedLot) -> str:
    if not one.is_open:
        return "closed"
    return "open" if one.whole.free else "full"


def _address(one: CountedLot) -> dict[str, Any]:
    lot, address = one.lot, dict[str, Any]()
    if lot.address:
        address["addressLines"] = [{"order": 0, "type": "street", "text": _text(lot.address)}]
    if lot.city:
        address["city"] = _text(lot.city)
    if lot.postal_code:
        address["postCode"] = lot.postal_code
    return address


def _point(one: CountedLot) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [one.lot.longitude, one.lot.latitude]}


def _reference(key: str, class_name: str) -> dict[str, Any]:
    return {"id": key, "version": VERSION, "className": class_name}


def _text(text: str) -> list[dict[str, str]]:
    return [{"language": LANGUAGE, "string": text}]


def _listed(items: list[dict[str, Any]], at: datetime) -> dict[str, Any]:
    meta = {"referenceInstant": int(at.timestamp()), "offset": 0, "pageSize": len(items), "total": len(items)}
    return {"meta": meta, "data": items}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
