"""DATEX II, version 3: a table of parking places, and their status."""

from collections.abc import Sequence
from datetime import UTC, datetime

from lxml import etree

from api.feeds.counted import CountedLot

BASE = "http://datex2.eu/schema/3/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES = {
    "d2": f"{BASE}d2Payload",
    "com": f"{BASE}common",
    "fac": f"{BASE}facilities",
    "loc": f"{BASE}locationReferencing",
    "prk": f"{BASE}parking",
    "xsi": XSI,
}
TABLE = "lots"
VERSION = "1"
NOWHERE = "xx"
"""The code of a country for who tells none."""


def table_document(lots: Sequence[CountedLot], *, publisher: str, at: datetime) -> bytes:
    """Return the lots as a table of places: what they are, where, and how many spaces they have."""
    root = _publication("prk:ParkingTablePublication", lots, publisher, at)
    table = _add(root, "prk:parkingTable", id=TABLE, version=VERSION)
    _add(table, "prk:versionTime", _instant(at))
    for one in lots:
        place = _add(table, "prk:hierarchyElementGeneral", id=one.lot.slug, version=VERSION)
        place.set(_qualified("xsi:type"), "prk:Place")
        _add_text(place, "fac:name", one.lot.name)
        if one.address:
            _add_text(place, "fac:description", one.address)
        if one.has_position:
            _add_position(place, one)
        _add(place, "prk:layer", "0")
        _add(place, "prk:type", "place")
        _add_supply(place, one)
        _add(place, "prk:layout", "building" if one.is_covered else "openSpace")
    return _written(root)


def status_document(lots: Sequence[CountedLot], *, publisher: str, at: datetime) -> bytes:
    """Return the status of the lots: whether they are open, their vacant and taken spaces, and how sure that is."""
    root = _publication("prk:ParkingStatusPublication", lots, publisher, at)
    _add(root, "prk:parkingTableReference", id=TABLE, version=VERSION, targetClass="prk:ParkingTable")
    for one in lots:
        status = _add(root, "prk:parkingStatusInformation")
        _add(status, "fac:reference", id=one.lot.slug, version=VERSION, targetClass="fac:FacilityObject")
        _add(status, "fac:lastUpdated", _instant(one.counted_at))
        _add(status, "fac:openingStatus", "open" if one.is_open else "closed")
        _add_occupancy(status, one)
        _add_supply(status, one)
    return _written(root)


def _publication(kind: str, lots: Sequence[CountedLot], publisher: str, at: datetime) -> etree._Element:
    root = etree.Element(_qualified("d2:payload"), nsmap=NAMESPACES)
    root.set(_qualified("xsi:type"), kind)
    root.set("lang", "en")
    root.set("modelBaseVersion", "3")
    _add(root, "com:publicationTime", _instant(at))
    creator = _add(root, "com:publicationCreator")
    countries = (str(one.lot.holidays.get("country") or "") for one in lots)
    _add(creator, "com:country", next((code.lower() for code in countries if code), NOWHERE)[:2])
    _add(creator, "com:nationalIdentifier", publisher)
    return root


def _add_occupancy(status: etree._Element, one: CountedLot) -> None:
    occupancy = _add(status, "prk:occupancy")
    _add(occupancy, "prk:numberOfSpacesOverride", str(one.usable))
    _add(occupancy, "prk:numberOfVacantSpaces", str(one.whole.free))
    _add(occupancy, "prk:numberOfOccupiedSpaces", str(one.taken))
    _add(occupancy, "prk:occupancy", str(one.percent_taken))
    probability = _add(occupancy, "prk:probability")
    _add(probability, "com:percentage", str(round(100 * one.confidence, 1)))


def _add_supply(parent: etree._Element, one: CountedLot) -> None:
    supply = _add(parent, "prk:supply")
    _add(supply, "prk:quantity", str(one.whole.total))
    _add(supply, "prk:viewType", "spaceView" if one.lot.counts_spots else "vehicleView")


def _add_position(place: etree._Element, one: CountedLot) -> None:
    location = _add(place, "fac:locationReference")
    location.set(_qualified("xsi:type"), "loc:PointLocation")
    point = _add(_add(location, "loc:pointByCoordinates"), "loc:pointCoordinates")
    _add(point, "loc:latitude", str(one.lot.latitude))
    _add(point, "loc:longitude", str(one.lot.longitude))


def _add_text(parent: etree._Element, name: str, text: str) -> None:
    values = _add(_add(parent, name), "com:values")
    _add(values, "com:value", text).set("lang", "en")


def _add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, _qualified(name), attributes)
    element.text = text
    return element


def _qualified(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _written(root: etree._Element) -> bytes:
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written
