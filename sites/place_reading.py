"""Reads the levels and zones of a lot in a site file; how many there may be is known before any spot is named."""

from collections.abc import Mapping
from typing import Any

from common.db.choices import values_of
from common.errors import FieldError
from lots.compatibility import SpotType
from lots.services import ZoneValues
from lots.services.levels import level_name
from lots.services.zones import MOST_SPOTS_PER_LOT
from sites.shapes import LevelSpec
from sites.site_reader import SiteReader

MOST_LEVELS = 300
MOST_ZONES = 2_000
LOWEST_LEVEL, HIGHEST_LEVEL = -200, 500
_LARGEST = 1_000_000
LEVEL_FIELDS = ("number", "name", "zones")
ZONE_FIELDS = ("name", "spot_type", "count", "prefix", "start", "distance", "elevator_distance")

Placed = tuple[str, ZoneValues]


def read_levels(reader: SiteReader, data: Any, path: str, *, counts_spots: bool) -> tuple[LevelSpec, ...]:
    """Read a lot's levels, with no number, zone name or spot name twice and no more spots than a lot can have."""
    levels, placed = [], []
    for place, item in reader.items(data, path, MOST_LEVELS):
        fields = reader.fields(item, place, LEVEL_FIELDS)
        if fields is not None:
            zones = _zones(reader, fields.get("zones", []), f"{place}.zones")
            levels.append(_level(reader, fields, place, zones))
            placed += zones
    _refuse_repeated_numbers(reader, levels)
    total = sum(zone.count for _, zone in placed)
    if total > MOST_SPOTS_PER_LOT:
        reader.refuse(path, f"hold {total:,} spots; a lot has at most {MOST_SPOTS_PER_LOT:,}")
    elif counts_spots:
        _refuse_repeated_spots(reader, placed)
    return tuple(levels)


def _level(reader: SiteReader, data: Mapping[str, Any], path: str, zones: list[Placed]) -> LevelSpec:
    reader.require(data, path, ("number",))
    number = reader.integer(data.get("number", 0), f"{path}.number", LOWEST_LEVEL, HIGHEST_LEVEL)
    name = reader.text(data.get("name", ""), f"{path}.name", 60)
    return LevelSpec(path, number, name or level_name(number), tuple(zone for _, zone in zones))


def _zones(reader: SiteReader, data: Any, path: str) -> list[Placed]:
    zones: list[Placed] = []
    for place, item in reader.items(data, path, MOST_ZONES):
        fields = reader.fields(item, place, ZONE_FIELDS)
        if fields is not None:
            zones.append((place, _zone(reader, fields, place)))
    seen: dict[str, str] = {}
    for place, zone in zones:
        if zone.name and seen.setdefault(zone.name, place) != place:
            reader.refuse(f"{place}.name", f"is {zone.name} again, as {seen[zone.name]}")
    return zones


def _zone(reader: SiteReader, data: Mapping[str, Any], path: str) -> ZoneValues:
    reader.require(data, path, ("name", "count"))

    def whole(name: str, absent: int | None) -> int | None:
        value = data.get(name, absent)
        most = MOST_SPOTS_PER_LOT if name == "count" else _LARGEST
        return None if value is None and absent is None else reader.integer(value, f"{path}.{name}", 0, most)

    return ZoneValues(
        name=reader.filled_text(data["name"], f"{path}.name", 60) if "name" in data else "",
        spot_type=reader.choice(data.get("spot_type", SpotType.REGULAR), f"{path}.spot_type", values_of(SpotType)),
        count=whole("count", 0) or 0,
        prefix=reader.text(data.get("prefix", ""), f"{path}.prefix", 20),
        start=whole("start", 1) or 0,
        distance=whole("distance", None),
        elevator_distance=whole("elevator_distance", None),
    )


def _refuse_repeated_numbers(reader: SiteReader, levels: list[LevelSpec]) -> None:
    seen: dict[int, str] = {}
    for level in levels:
        if seen.setdefault(level.number, level.path) != level.path:
            reader.refuse(f"{level.path}.number", f"is {level.number} again, as {seen[level.number]}")


def _refuse_repeated_spots(reader: SiteReader, placed: list[Placed]) -> None:
    owners: dict[str, str] = {}
    for place, zone in placed:
        taken = [number for number in zone.spot_numbers() if owners.setdefault(number, place) != place]
        if taken:
            reader.add([FieldError(place, f"names spot {taken[0]} again, as {owners[taken[0]]}")])
