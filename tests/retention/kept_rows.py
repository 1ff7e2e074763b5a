"""Stays, reads and what belongs to them, as old as a test wants them."""

import datetime as dt
import hashlib
import uuid
from typing import Any

from django.utils.timezone import now

from gates.models import GateEvent
from lots.models import Gate, Lot
from tests.factories import make_charge, make_device, make_ticket
from tickets.models import Ticket

DAY = dt.timedelta(days=1)
PLATE = "ZH 123456"


def ago(days: float) -> dt.datetime:
    return now() - days * DAY


def read_at(gate: Gate, days: float, plate: str | None = PLATE, **fields: Any) -> GateEvent:
    """Make a read that was received so many days ago."""
    at, normalised = ago(days), plate and plate.replace(" ", "")
    told = {"number": "PS-1", "plate": normalised, "status": "active"}
    defaults = {
        "kind": "read", "event_id": uuid.uuid4(), "body_hash": hashlib.sha256(b"x").digest(), "captured_at": at,
        "at": at, "received_at": at, "plate": plate, "plate_normalised": normalised, "action": "open", "reason": "ok",
        "read": {"candidates": [{"plate": plate}], "image_url": "https://cam/1.jpg"},
        "answer": {"action": "open", "ticket": told},
    }  # fmt: skip
    device = gate.devices.first() or make_device(gate)[0]
    return GateEvent.objects.create(lot=gate.lot, gate=gate, device=device, **defaults | fields)


def left(lot: Lot, days: float, plate: str | None = PLATE, *, paid: bool = True, **fields: Any) -> Ticket:
    """Make a stay that ended so many days ago and cost something, which was paid then, or not at all."""
    at = ago(days)
    settled = {"settled_at": at, "captured_amount": 600} if paid else {}
    charge = fields.pop("charge", None) or make_charge(lot, 600, at=at, **settled)
    ended = {"status": "closed", "exit_at": at, "closed_reason": "paid", "changed_at": at, "exit_plate": plate}
    return make_ticket(lot, plate, at - dt.timedelta(hours=2), charge=charge, **ended | fields)
