"""What tills look like in the OpenAPI document."""

from typing import Any

LISTED_SHIFT: dict[str, Any] = {
    "id": 58,
    "lot": "central",
    "drawer": "Till 1",
    "person": "desk@acme.example",
    "device": None,
    "state": "open",
    "currency": "CHF",
    "float_amount": 20000,
    "sales": 41,
    "difference": None,
    "opened_at": "2026-03-02T06:00:00+01:00",
    "counting_at": None,
    "counted_at": None,
    "closed_at": None,
    "closed_by": None,
    "note": "",
}
MOVEMENT_SENT = {"kind": "drop", "amount": 30000, "reason": ""}
MOVEMENT = MOVEMENT_SENT | {
    "id": 903,
    "currency": "CHF",
    "moved_by": "desk@acme.example",
    "created_at": "2026-03-02T11:30:00+01:00",
}
OPEN_SHIFT = LISTED_SHIFT | {"movements": [MOVEMENT], "counts": [], "sums": [], "needs_note": False}
COUNTED_SHIFT = OPEN_SHIFT | {
    "state": "counting",
    "difference": -50,
    "counting_at": "2026-03-02T14:00:00+01:00",
    "counted_at": "2026-03-02T14:06:00+01:00",
    "counts": [{"tender": "cash", "currency": "CHF", "counted": 25150, "expected": 25200, "difference": -50}],
    "sums": [
        {"kind": "drop", "tender": "cash", "currency": "CHF", "amount": -30000, "entries": 1},
        {"kind": "float", "tender": "cash", "currency": "CHF", "amount": 20000, "entries": 1},
        {"kind": "sale", "tender": "cash", "currency": "CHF", "amount": 35200, "entries": 41},
    ],
}
CLOSED_SHIFT = COUNTED_SHIFT | {
    "state": "closed",
    "closed_at": "2026-03-02T14:08:00+01:00",
    "closed_by": "desk@acme.example",
}
