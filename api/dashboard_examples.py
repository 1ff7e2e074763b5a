"""What a lot's figures look like in the OpenAPI document."""

from typing import Any

_COUNTED = {"total": 54, "free": 12, "occupied": 39, "reserved": 2, "maintenance": 1}
_PRESENT = 12


def _hour(hour: int, cars: int = 0, left: int = 0, inside: int | None = None) -> dict[str, Any]:
    return {"hour": hour, "cars": cars, "cars_yesterday": 8, "cars_left": left, "most_inside": inside}


DASHBOARD: dict[str, Any] = {
    "lot": "central",
    "as_of": "2026-03-02T11:20:00Z",
    "availability": {"lot": "central", **_COUNTED, "by_level": {"0": _COUNTED}, "by_type": {"regular": _COUNTED}}
    | {"as_of": "2026-03-02T11:20:00Z"},
    "revenue": [{"currency": "CHF", "today": 41200, "week_ago": 38600, "change_percent": 7}],
    "vehicles": {"entered": 71, "left": 44},
    "average_stay_minutes": 94,
    "by_hour": [*(_hour(hour, 9, 5, 40) for hour in range(_PRESENT)), *(_hour(hour) for hour in range(_PRESENT, 24))],
    "occupancy": {"total": 54, "occupied": 39, "percent": 72.2}
    | {"by_level": [{"level": 0, "total": 54, "occupied": 39, "percent": 72.2}]}
    | {"by_type": [{"spot_type": "regular", "total": 54, "occupied": 39, "percent": 72.2}]},
    "revenue_to_date": {"currency": "CHF", "today": 41200, "week": 41200, "month": 79300},
    "average_ticket": {"amount": 940, "currency": "CHF"},
    "peak_hour": {"hour": 8, "cars": 9},
    "turnover": 1.31,
    "alerts": {"critical": 1, "warning": 0},
    "attention": [
        {"kind": "silent", "severity": "critical", "text": "Central Garage: gate North silent for 2 h 10 min"}
        | {"href": "https://parking.example/manage/gates/?lot=central"}
    ],
}
_DAY = {
    "entries": 212,
    "exits": 209,
    "occupancy_high": 51,
    "occupancy_high_percent": 94.4,
    "average_stay_minutes": 97,
    "captured": 186400,
    "refunded": 700,
    "net": 185700,
}
ANALYTICS: dict[str, Any] = {
    "lot": "central",
    "as_of": "2026-03-02T12:20:00+01:00",
    "timezone": "Europe/Zurich",
    "period": "1d",
    "from": "2026-03-02",
    "to": "2026-03-02",
    "currency": "CHF",
    "days": [{"day": "2026-03-02"} | _DAY],
    "totals": _DAY,
}
