"""A lot with an entry and an exit lane, and devices that read there as cameras do."""

import datetime as dt
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from unittest.mock import patch

from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from lots.models import Lot
from tests.factories import make_device, make_gate, make_lot


class Lane:
    """One gate with a camera of its own."""

    def __init__(self, lot: Lot, direction: str, **fields: Any) -> None:
        self.gate = make_gate(lot, direction, **fields)
        self.device, self.key = make_device(self.gate)
        self.client = Client(headers={"authorization": f"Bearer {self.key}"})

    def send(self, body: Any, path: str | None = None) -> HttpResponse:
        path = path or f"/api/v1/gates/{self.gate.code}/reads"
        return self.client.post(path, body, content_type="application/json")

    def read(self, plate: str | None = "ZH 123456", *, minute: float = 0, **fields: Any) -> dict[str, Any]:
        """Read a plate; `minute` is how far from now the server's clock stands then."""
        later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minute)
        # Two threads that patched at once would leave one of their clocks behind.
        with patch("api.gate_reads.now", lambda: later) if minute else nullcontext():
            response = self.send({"event_id": str(uuid.uuid4()), "plate": plate, "confidence": 0.95} | fields)
        assert response.status_code == 200, response.content
        return response.json()


class Lanes:
    """A lot with one lane in each direction."""

    def __init__(self, **lot: Any) -> None:
        self.lot = make_lot(**lot)
        self.entry = Lane(self.lot, "entry")
        self.exit = Lane(self.lot, "exit")


@contextmanager
def undone() -> Iterator[None]:
    """Undo all that is written in the block, which may hold durable transactions as a test does."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


def at(minutes: float = 0) -> str:
    """An instant some minutes from now, as devices write it."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)).isoformat()
