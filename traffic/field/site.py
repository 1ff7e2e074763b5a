"""The site that a field run makes: a garage that knows its bays and a yard that counts cars, each with many lanes."""

import json
from typing import Any

from django.db.models import Sum
from django.utils.timezone import now

from lots.gate_rules import Direction
from lots.models import Lot
from sites import import_site, read_site
from traffic.field.scenario import FieldLot
from traffic.simulation.sites import Course

OPERATOR = "field"
LOTS = {"field-garage": "spots", "field-yard": "levels"}
ENTRIES, EXITS = 10, 40
"""Lanes a lot, of which every other one confirms passages; a car that waits for nobody holds an exit for minutes."""
_HOURLY: dict[str, Any] = {
    "name": "By the hour",
    "grace_minutes": 10,
    "exit_grace_minutes": 15,
    "tax_percent": "8.1",
    "plans": [{"name": "Any day", "bands": [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}]}],
}


def make_field_site(*, cars: int) -> list[str]:
    """Import the site, with room for so many cars in each of its lots beside those inside; return their slugs."""
    lots = [_lot(slug, tracking, _places(slug, cars)) for slug, tracking in LOTS.items()]
    operator = {"slug": OPERATOR, "name": "Field", "currency": "CHF"}
    import_site(read_site(json.dumps({"operator": operator, "lots": lots})), at=now())
    return list(LOTS)


def field_lots(course: Course) -> list[FieldLot]:
    """Return what the lanes of a course allow."""
    return [
        FieldLot(
            slug,
            confirming=(sum(one.confirms for one in site.entries), sum(one.confirms for one in site.exits)),
            plain=(sum(not one.confirms for one in site.entries), sum(not one.confirms for one in site.exits)),
        )
        for slug, site in course.sites.items()
    ]


def _places(slug: str, cars: int) -> int:
    """Return how many places a lot must have: never fewer than before, as cars may stand there."""
    lot = Lot.objects.filter(slug=slug)
    total, free = (int(lot.aggregate(sum=Sum(f"counts__{name}", default=0))["sum"]) for name in ("total", "free"))
    return max(total, total - free + cars)


def _lot(slug: str, tracking: str, places: int) -> dict[str, Any]:
    return {
        "slug": slug,
        "name": slug.replace("-", " ").title(),
        "timezone": "Europe/Zurich",
        "published": False,
        "tracking": tracking,
        "dedupe_seconds": 15,
        "levels": [
            {
                "number": 0,
                "name": "Ground",
                "zones": [{"name": "A", "spot_type": "large", "count": places, "prefix": "A-"}],
            }
        ],
        "gates": [_gate(slug, Direction.ENTRY, number) for number in range(ENTRIES)]
        + [_gate(slug, Direction.EXIT, number) for number in range(EXITS)],
        "tariffs": [_HOURLY],
    }


def _gate(slug: str, direction: Direction, number: int) -> dict[str, Any]:
    return {
        "code": f"{slug}-{direction}-{number}",
        "direction": direction.value,
        "level": 0,
        "confirms_passage": bool(number % 2),
    }
