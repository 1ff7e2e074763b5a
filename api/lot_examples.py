"""What lots, their places, prices and recent past look like in the OpenAPI document."""

from typing import Any

from api.described_calls import IF_NONE_MATCH, described, page_of
from billing.pricing import errors as pricing
from billing.quoting import NoTariffError
from billing.services.promo_codes import CodeUsedUpError
from common.time import InvalidInstantError
from reservations.booked_time import InvalidPeriodError

_COUNTED = {"total": 54, "free": 12, "occupied": 39, "reserved": 2, "maintenance": 1}
_LOT: dict[str, Any] = {
    "slug": "central",
    "name": "Central Garage",
    "address": "1 Main St",
    "postal_code": "8001",
    "city": "Zürich",
    "latitude": 47.3769,
    "longitude": 8.5417,
    "timezone": "Europe/Zurich",
    "currency": "CHF",
    "tracking": "spots",
    "open": True,
    "max_height_cm": 200,
    "amenities": ["lift", "toilet", "cctv"],
    "total": 54,
    "free": 12,
    "free_by_type": {"regular": 10, "ev": 2},
    "distance_m": None,
}
_FOUND: dict[str, Any] = _LOT | {
    "distance_m": 320.5,
    "from": "2026-03-02T12:00:00+01:00",
    "to": "2026-03-02T14:00:00+01:00",
    "priced_as": "regular",
    "price": 800,
    "left": 9,
    "open_then": True,
    "walk_minutes": 5,
}
_QUOTE = {
    "total": 800,
    "tax": 60,
    "currency": "CHF",
    "lines": [
        {"label": "Week", "from": "2026-03-02T12:00:00+01:00", "to": "2026-03-02T14:00:00+01:00", "amount": 800},
    ],
}
_ACTIVITY: dict[str, Any] = {
    "id": 90211,
    "at": "2026-03-02T10:49:12+01:00",
    "gate": "South",
    "direction": "exit",
    "plate": "ZH 123456",
    "ticket": "PS-7K3M9QX244",
    "text": "Let out",
    "amount": 1200,
    "currency": "CHF",
    "flags": [],
}
_TAKEN = {"currency": "CHF", "charged": 41800, "credited": 600, "captured": 41200, "refunded": 200}
_REVENUE = _TAKEN | {"net": 41000, "tax": 3072, "stays": 96}
_ADMINS_ALONE = {403: {"forbidden": "You are no admin of a lot."}}

FIND_LOTS = described(answers={200: page_of(_FOUND)}, errors=[InvalidInstantError, InvalidPeriodError])
LOT = described(
    answers={200: _LOT | {"opening_hours": {"mon-fri": "06:00-24:00"}, "levels": [{"number": 0, "name": "Ground"}]}}
)
AVAILABILITY = described(
    answers={
        200: {"lot": "central", **_COUNTED, "as_of": "2026-03-02T11:20:00Z"}
        | {"by_level": {"0": _COUNTED}, "by_type": {"regular": _COUNTED}}
    },
    header=IF_NONE_MATCH,
)
QUOTE = described(
    sent={"entry": "2026-03-02T12:00:00+01:00", "exit": "2026-03-02T14:00:00+01:00", "spot_type": "regular"},
    answers={200: _QUOTE},
    errors=[
        *(InvalidInstantError, NoTariffError, CodeUsedUpError, pricing.InvalidDiscountError),
        *(pricing.NoPlanError, pricing.TimeOutOfRangeError),
    ],
)
STATUS = described(answers={200: {"status": "ok"}, 503: {"status": "down", "down": {"redis": "no answer"}}})
ACTIVITIES = described(answers={200: {"items": [_ACTIVITY]}}, refused={403: {"forbidden": "You don't work there."}})
REVENUE = described(
    answers={
        200: {"from": "2026-03-01", "to": "2026-03-02", "group_by": "day", "lots": ["central"]}
        | {"rows": [{"key": "2026-03-02", **_REVENUE}], "totals": [_REVENUE]}
        | {"outstanding": [{"currency": "CHF", "amount": 1200}]}
    },
    refused=_ADMINS_ALONE | {404: {"not_found": "There is no such lot, or you may not see it."}},
)
