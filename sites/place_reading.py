"""Parses the levels and zones of a lot. Limits are checked before any spot name is generated."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from common.db.choices import values_of
from common.errors import FieldError
from lots.checks import HIGHEST_LEVEL, LARGEST_NUMBER, LOWEST_LEVEL
from lots.compatibility import SpotType
from lots.drawn_rows import FARTHEST, FULL_TURN
from lots.services import ZoneValues
from lots.services.levels import level_name
from lots.services.zones import MOST_SPOTS_PER_LOT
from sites.shapes import LevelSpec
from sites.site_reader import SiteReader

MOST_LEVELS = 300
MOST_ZONES = 2_000
LEVEL_FIELDS = ("number", "name", "zones")
ZONE_FIELDS = ZoneValues.__slots__

Placed = tuple[str, ZoneValues]


def read_levels(reader: SiteReader, data: Any, path: str, *, counts_spots: bool) -> tuple[LevelSpec, ...]:
    """Parse a lot's levels and check that numbers and names are unique and the spots not too many."""
    levels, placed = [], []
    for place, item in reader.items(data, path, MOST_LEVELS):
        fields = reader.fields(item, place, LEVEL_FIELDS)
        if fields is not None:
            zones = _zones(reader, fields.get("zones", []), f"{place}.zones")
            levels.append(_level(reader, fields, place, zones))
            placed += zones
    _refuse_repeated_numbers(reader, levels)
    total = sum(zone.count for _place, zone in placed)
    if total > MOST_SPOTS_PER_LOT:
        reader.refuse(
            path,
            _("have %(total)s spots; a lot can have at most %(most)s")
            % {"total": format(total, ","), "most": format(MOST_SPOTS_PER_LOT, ",")},
        )
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
            reader.refuse(
                f"{place}.name",
                _("%(name)s is already used by %(place)s") % {"name": zone.name, "place": seen[zone.name]},
            )
    return zones


def _zone(reader: SiteReader, data: Mapping[str, Any], path: str) -> ZoneValues:
    reader.require(data, path, ("name", "count"))

    def whole(name: str, absent: int | None, *, least: int = 0, most: int = LARGEST_NUMBER) -> int | None:
        value = data.get(name, absent)
        return None if value is None and absent is None else reader.integer(value, f"{path}.{name}", least, most)

    if (data.get("left") is None) != (data.get("top") is None):
        reader.refuse(path, _("has a place on the plan only with both left and top"))

    return ZoneValues(
        name=reader.filled_text(data["name"], f"{path}.name", 60) if "name" in data else "",
        spot_type=reader.choice(data.get("spot_type", SpotType.REGULAR), f"{path}.spot_type", values_of(SpotType)),
        count=whole("count", 0, most=MOST_SPOTS_PER_LOT) or 0,
        prefix=reader.text(data.get("prefix", ""), f"{path}.prefix", 20),
        start=whole("start", 1) or 0,
        distance=whole("distance", None),
        elevator_distance=whole("elevator_distance", None),
        step=whole("step", 1, least=1) or 1,
        left=whole("left", None, most=FARTHEST),
        top=whole("top", None, most=FARTHEST),
        angle=whole("angle", 0, most=FULL_TURN - 1) or 0,
    )


def _refuse_repeated_numbers(reader: SiteReader, levels: list[LevelSpec]) -> None:
    seen: dict[int, str] = {}
    for level in levels:
        if seen.setdefault(level.number, level.path) != level.path:
            reader.refuse(
                f"{level.path}.number",
                _("%(name)s is already used by %(place)s") % {"name": level.number, "place": seen[level.number]},
            )


def _refuse_repeated_spots(reader: SiteReader, placed: list[Placed]) -> None:
    owners: dict[str, str] = {}
    for place, zone in placed:
        taken = [number for number in zone.spot_numbers() if owners.setdefault(number, place) != place]
        if taken:
            reader.add(
                [
                    FieldError(
                        place,
                        _("spot %(name)s is already in %(place)s") % {"name": taken[0], "place": owners[taken[0]]},
                    )
                ]
            )
