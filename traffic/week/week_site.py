"""The site of a week: a garage paid at the exit, a yard that holds cards, and a small lot that is paid when booked."""

import json
from datetime import datetime
from typing import Any

from lots.gate_rules import Direction
from sites import import_site, read_site

OPERATOR = "week"
LOTS = {"week-garage": ("spots", "none"), "week-yard": ("levels", "hold"), "week-corner": ("spots", "capture")}
CAR_DAYS_OF_A_PLACE = 3.5
"""How many cars a day one place is asked for by: a little more than it takes."""
TIMEZONE = "Europe/Zurich"
_TARIFF: dict[str, Any] = {
    "name": "By the hour",
    "grace_minutes": 10,
    "exit_grace_minutes": 15,
    "tax_percent": "8.1",
    "day_starts_at": "00:00",
    "plans": [
        {
            "name": "Any day",
            "max_price": 2900,
            "bands": [
                {"from": "07:00", "to": "19:00", "price": 150, "increment_minutes": 30},
                {"from": "19:00", "to": "07:00", "price": 130, "increment_minutes": 60},
            ],
        }
    ],
}


def make_week_site(*, cars: int, days: int, at: datetime) -> list[str]:
    """Import the site, with places for so many cars in so many days, and return the slugs of its lots."""
    places = max(2, round(cars / days / len(LOTS) / CAR_DAYS_OF_A_PLACE))
    lots = [_lot(slug, *rules, places) for slug, rules in LOTS.items()]
    operator = {"slug": OPERATOR, "name": "Week", "currency": "CHF", "timezone": TIMEZONE}
    import_site(read_site(json.dumps({"operator": operator, "lots": lots})), at=at)
    return list(LOTS)


def _lot(slug: str, tracking: str, prepay: str, places: int) -> dict[str, Any]:
    zone = {"name": "A", "spot_type": "regular", "count": places, "prefix": "A-"}
    return {
        "slug": slug,
        "name": slug.replace("-", " ").title(),
        "timezone": TIMEZONE,
        "published": False,
        "tracking": tracking,
        "prepay": prepay,
        "no_show_percent": 80,
        "levels": [{"number": 0, "name": "Ground", "zones": [zone]}],
        "gates": [{"code": f"{slug}-{direction}", "direction": direction.value, "level": 0} for direction in Direction],
        "tariffs": [_TARIFF],
    }
