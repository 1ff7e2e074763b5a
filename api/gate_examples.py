"""What devices at gates send and are answered in the OpenAPI document."""

from typing import Any

from api.described_calls import described
from api.gate_schemas import DEVICE_KEY, body_of
from common.plates import PlateError
from gates.reads.answer import EventConflictError
from gates.reads.body import GateReadBody, InvalidReadError, PassageBody, ReadBody
from gates.services.passages import NotAnOpeningError, PassageConflictError

_EVENT = "5c9d3f0e-6f3c-4f0b-9d3c-1f3b2a4c5d6e"
_READ_SENT: dict[str, Any] = {
    "event_id": _EVENT,
    "plate": "ZH 123456",
    "confidence": 0.94,
    "captured_at": "2026-03-02T08:15:04+01:00",
    "candidates": [{"plate": "ZH 123458", "confidence": 0.61}],
    "vehicle_type": "regular",
    "region": "CH-ZH",
    "seq": 1812,
}
_TICKET: dict[str, Any] = {
    "number": "PS-7K3M9QX244",
    "entry_time": "2026-03-02T08:15:04+01:00",
    "exit_time": None,
    "status": "active",
    "plate": "ZH123456",
    "link": "https://parking.example/t/4f8Zk2Qm7Rw1",
}
_OPENED: dict[str, Any] = {
    "event_id": _EVENT,
    "action": "open",
    "reason": "ok",
    "ticket": _TICKET,
    "spot": {"number": "A-12", "level": 0, "level_name": "Ground", "zone": "A", "type": "regular"},
    "fee": None,
    "message": "Welcome. Spot A-12, ground floor.",
    "replayed": False,
}
_LINE = {"label": "Week", "from": "2026-03-02T08:15:00+01:00", "to": "2026-03-02T10:47:00+01:00", "amount": 1200}
_TO_PAY = _OPENED | {
    "action": "pay",
    "reason": "fee_due",
    "spot": None,
    "fee": {"amount": 1200, "currency": "CHF", "lines": [_LINE], "tax": 90},
    "message": "Please pay CHF 12.00.",
}
_COMMANDS = {
    "held_open": False,
    "items": [
        {"id": 318, "event_id": _EVENT, "action": "open", "reason": "paid", "issued_at": "2026-03-02T10:49:12+01:00"}
    ],
}
_READS = (InvalidReadError, EventConflictError, PlateError)

READ = body_of(ReadBody, _READ_SENT) | described(answers={200: _OPENED}, errors=_READS)
ENTRY = body_of(GateReadBody, _READ_SENT | {"gate": "central-in-1"}) | described(answers={200: _OPENED}, errors=_READS)
EXIT = body_of(GateReadBody, _READ_SENT | {"gate": "central-out-1"}) | described(answers={200: _TO_PAY}, errors=_READS)
PASSAGE = body_of(
    PassageBody,
    {
        "event_id": "8d4a0f3c-0f55-4a52-8d1e-6b0a2d1f7e11",
        "of_event": _EVENT,
        "outcome": "passed",
        "at": "2026-03-02T08:15:11+01:00",
    },
) | described(
    answers={
        200: {
            "event_id": "8d4a0f3c-0f55-4a52-8d1e-6b0a2d1f7e11",
            "of_event": _EVENT,
            "outcome": "passed",
            "replayed": False,
        }
    },
    refused={404: {"event_not_found": "This gate has no such event."}},
    errors=(InvalidReadError, PassageConflictError, NotAnOpeningError),
)
COMMANDS = DEVICE_KEY | described(answers={200: _COMMANDS})
ACK = DEVICE_KEY | described(
    answers={200: {"id": 318, "obeyed_at": "2026-03-02T10:49:13+01:00", "replayed": False}},
    refused={404: {"not_found": "There is no such command at this gate."}},
)
