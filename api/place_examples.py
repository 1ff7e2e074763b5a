"""What a lot's levels, zones, spots, gates and tariffs look like in the OpenAPI document."""

from typing import Any

from api.described_calls import IF_MATCH, IF_NONE_MATCH, described, page_of
from billing.pricing.errors import InvalidTariffError
from billing.services.tariffs import TariffEndsBeforeStartError, TariffOverlapError, TariffSupersededError
from common.time import InvalidInstantError
from lots.services.gates import GateCodeTakenError
from lots.services.levels import LevelExistsError, PlacesInUseError
from lots.services.zones import CapacityInUseError, SpotExistsError, TooManySpotsError, ZoneExistsError
from reservations.services import BayClosedError

_ADMINS_ALONE = {403: {"forbidden": "You work at the lot, but are no admin of it."}}
_READ: dict[str, Any] = {"refused": _ADMINS_ALONE, "header": IF_NONE_MATCH}
_WRITTEN: dict[str, Any] = {"refused": _ADMINS_ALONE, "header": IF_MATCH}

_ZONE_SENT = {"name": "A", "spot_type": "regular", "count": 50, "prefix": "A-", "start": 1, "distance": 20}
_DRAWN = {"step": 1, "left": 40, "top": 25, "angle": 90}
_ZONE: dict[str, Any] = {"id": 8} | _ZONE_SENT | _DRAWN | {"elevator_distance": 35}
_LEVEL: dict[str, Any] = {"number": 0, "name": "Ground", "zones": [_ZONE]}
_SPOT: dict[str, Any] = {
    "number": "A-12",
    "level": 0,
    "level_name": "Ground",
    "zone": "A",
    "type": "regular",
    "status": "occupied",
    "maintenance": False,
    "note": "",
    "maintenance_until": None,
    "observation": {"occupied": True, "source": "sensor", "confidence": 0.98, "at": "2026-03-02T07:16:00Z"},
    "stay": {"number": "PS-7K3M9QX244", "plate": "ZH 123456", "entry_time": "2026-03-02T07:15:04Z"},
}
_GATE_SENT = {"code": "central-in-2", "direction": "entry", "name": "North", "level": 0, "confirms_passage": True}
_GATE: dict[str, Any] = {
    "code": "central-in-2",
    "lot": "central",
    "name": "North",
    "direction": "entry",
    "level": 0,
    "confirms_passage": True,
    "closed": False,
    "held_open_since": None,
}
_BANDS = [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}]
_RULES = {"tax_percent": "8.1", "tax_included": True, "plans": [{"name": "Hourly", "bands": _BANDS}]}
_TARIFF_SENT = {"name": "Standard", "valid_from": "2026-04-01", "valid_until": None, "rules": _RULES}
_TARIFF: dict[str, Any] = {
    "id": 17,
    "lot": "central",
    **_TARIFF_SENT,
    "revision": 1,
    "standing": "scheduled",
    "created_at": "2026-03-02T11:20:00Z",
    "superseded_at": None,
}

LEVELS = described(answers={200: page_of(_LEVEL)}, refused=_ADMINS_ALONE)
ADD_LEVEL = described(
    sent={"number": 1, "name": "First floor"},
    answers={201: {"number": 1, "name": "First floor", "zones": []}},
    refused=_ADMINS_ALONE,
    errors=[LevelExistsError],
)
LEVEL = described(answers={200: _LEVEL}, **_READ)
CHANGE_LEVEL = described(
    sent={"name": "Street"}, answers={200: _LEVEL | {"name": "Street"}}, errors=[LevelExistsError], **_WRITTEN
)
DELETE_LEVEL = described(errors=[PlacesInUseError], **_WRITTEN)
ADD_ZONE = described(
    sent=_ZONE_SENT | _DRAWN,
    answers={201: _LEVEL},
    refused=_ADMINS_ALONE,
    errors=[ZoneExistsError, SpotExistsError, TooManySpotsError],
)
CHANGE_ZONE = described(
    sent={"distance": 25, "left": 60, "top": 25},
    answers={200: _ZONE | {"distance": 25, "left": 60}},
    errors=[ZoneExistsError, CapacityInUseError, TooManySpotsError],
    **_WRITTEN,
)
DELETE_ZONE = described(errors=[PlacesInUseError, CapacityInUseError], **_WRITTEN)

SPOTS = described(answers={200: page_of(_SPOT)}, refused=_ADMINS_ALONE)
SPOT = described(answers={200: _SPOT}, **_READ)
CHANGE_SPOT = described(
    sent={"maintenance": True, "note": "Broken kerb"},
    answers={200: _SPOT | {"status": "maintenance", "maintenance": True, "note": "Broken kerb", "stay": None}},
    errors=[InvalidInstantError, BayClosedError],
    **_WRITTEN,
)

GATES = described(answers={200: page_of(_GATE)}, refused=_ADMINS_ALONE)
ADD_GATE = described(sent=_GATE_SENT, answers={201: _GATE}, refused=_ADMINS_ALONE, errors=[GateCodeTakenError])
GATE = described(answers={200: _GATE}, **_READ)
CHANGE_GATE = described(sent={"closed": True}, answers={200: _GATE | {"closed": True}}, **_WRITTEN)
DELETE_GATE = described(
    refused=_ADMINS_ALONE | {409: {"gate_in_use": "The gate has devices or events."}}, header=IF_MATCH
)

_PRICES = [TariffOverlapError, TariffEndsBeforeStartError, InvalidTariffError]
TARIFFS = described(answers={200: page_of(_TARIFF)}, refused=_ADMINS_ALONE)
ADD_TARIFF = described(sent=_TARIFF_SENT, answers={201: _TARIFF}, refused=_ADMINS_ALONE, errors=_PRICES)
TARIFF = described(answers={200: _TARIFF}, **_READ)
CHANGE_TARIFF = described(
    sent={"valid_until": "2026-12-31"},
    answers={200: _TARIFF | {"valid_until": "2026-12-31"}},
    errors=[*_PRICES, TariffSupersededError],
    **_WRITTEN,
)
WITHDRAW_TARIFF = described(errors=[TariffSupersededError], **_WRITTEN)
