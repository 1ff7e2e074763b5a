"""The timezones that a form offers: those of the world's places, by region, without older names for them."""

from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

ZONE_COLUMN = 2
UNIVERSAL = "UTC"

Grouped = list[tuple[str, list[tuple[str, str]]]]


@cache
def zones_by_region() -> Grouped:
    """Return the choices of a timezone, grouped by region; names are those of the timezone database's `zone.tab`."""
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(_places()):
        region, _, place = name.partition("/")
        regions.setdefault(region, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return [*regions.items(), ("Elsewhere", [(UNIVERSAL, UNIVERSAL)])]


def zone_choices(present: str) -> Grouped:
    """Return the choices of a timezone with the one that a lot has already, also when it is an older name."""
    listed = zones_by_region()
    known = {name for _, zones in listed for name, _ in zones}
    return listed if not present or present in known else [("Now", [(present, present)]), *listed]


def _places() -> set[str]:
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[ZONE_COLUMN] for row in rows} & available_timezones()
