"""The timezones that a form offers, by region: those of `zone.tab`, without deprecated aliases."""

from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from django.utils.translation import gettext

ZONE_COLUMN = 2
UNIVERSAL = "UTC"

Grouped = list[tuple[str, list[tuple[str, str]]]]


def zones_by_region() -> Grouped:
    """Return all timezones as choices, grouped by region."""
    return [*_regions().items(), (gettext("Elsewhere"), [(UNIVERSAL, UNIVERSAL)])]


@cache
def _regions() -> dict[str, list[tuple[str, str]]]:
    regions: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(_places()):
        region, _, place = name.partition("/")
        regions.setdefault(region, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return regions


def zone_choices(present: str) -> Grouped:
    """Return the choices, with a lot's current timezone added when it is an alias."""
    listed = zones_by_region()
    known = {name for _, zones in listed for name, _ in zones}
    return listed if not present or present in known else [(gettext("Now"), [(present, present)]), *listed]


def _places() -> set[str]:
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[ZONE_COLUMN] for row in rows} & available_timezones()
