"""How much of our code and how many statements one action takes: an entry, an exit, cash at the desk, a quote.

Run as `python -m bench.trace [--files]`; prints one JSON line. Each action is done once before it is counted, so
imports and caches don't count. Only files of this repository do, and of functions those with a name.
"""

import argparse
import json
import re
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from types import FrameType
from typing import Any

from bench.box import HOST, running_servers
from bench.site import Lanes, make_site

ROOT = Path(__file__).resolve().parents[1]
_OURS = f"{ROOT}/"
_SKIPPED = (f"{ROOT}/bench/", f"{ROOT}/.venv/")
# A code object's name: comprehensions and module bodies stand in angle brackets.
_NAMED = re.compile(r"[^<]+$")


@dataclass(slots=True)
class Trace:
    """The functions that were called by the file they stand in, and the statements that were sent."""

    functions: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    flushes: int = 0
    statements: int = 0

    def note(self, frame: FrameType, event: str, _argument: object) -> None:
        """Take note of a call; this is what `sys.setprofile` calls."""
        code = frame.f_code
        file = code.co_filename
        if event != "call" or not file.startswith(_OURS) or file.startswith(_SKIPPED) or not _NAMED.match(code.co_name):
            return
        name = file.removeprefix(_OURS)
        self.flushes += (name, code.co_name) == ("common/db/flush.py", "_flush")
        self.functions.setdefault(name, set()).add((code.co_name, code.co_firstlineno))

    def as_json(self, *, files: bool) -> dict[str, Any]:
        """Return the counts, with those of each file if wanted."""
        counts = {name: len(called) for name, called in self.functions.items()}
        told = {
            "files": len(counts),
            "functions": sum(counts.values()),
            "statements": self.statements,
            "flushes": self.flushes,
        }
        return told | ({"of_each": dict(Counter(counts).most_common())} if files else {})


def main() -> None:
    """Trace and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", action="store_true", help="tell the functions of each file too")
    options = parser.parse_args()
    with running_servers():
        lanes = make_site(1)[0]
        traces = {name: traced(action) for name, action in actions(lanes)}
    print(json.dumps({"bench": "trace"} | {name: one.as_json(files=options.files) for name, one in traces.items()}))


def traced(action: Callable[[], object]) -> Trace:
    """Do an action twice and trace the second time."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    action()
    trace = Trace()
    with CaptureQueriesContext(connection) as captured:
        sys.setprofile(trace.note)
        try:
            action()
        finally:
            sys.setprofile(None)
    trace.statements = len(captured)
    return trace


def actions(lanes: Lanes) -> Iterator[tuple[str, Callable[[], object]]]:
    """Give what is traced by name, in an order in which each finds what it needs."""
    entered, left = _plates(), _plates()
    yield "entry", lambda: read(lanes.entry, next(entered))
    yield "exit", lambda: read(lanes.exit, next(left))
    yield "desk_cash_exit", _desk_cash_exit(lanes)
    yield "quote", _quote(lanes)


def _plates() -> Iterator[str]:
    return (f"ZH {number}" for number in range(1000, 10**6, 11))


def read(way: tuple[str, str], plate: str) -> dict[str, Any]:
    """Have the gates' own application answer a read at a lane, and return the answer of an opened barrier."""
    from parking.wsgi import application

    path, key = way
    body = json.dumps({"event_id": str(uuid.uuid4()), "plate": plate, "confidence": 0.97}).encode()
    request = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "HTTP_HOST": HOST,
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    answer: dict[str, Any] = json.loads(b"".join(application(request, _begin)))
    if answer.get("action") != "open":
        raise RuntimeError(answer)
    return answer


def _begin(_status: str, _headers: list[tuple[str, str]], _error: object = None, /) -> Callable[[bytes], object]:
    return len


def _desk_cash_exit(lanes: Lanes) -> Callable[[], object]:
    """Return how an attendant takes cash from the next of some cars that came in three hours ago."""
    from django.utils.timezone import now

    from accounts.people import set_up_person
    from billing.shifts import open_shift
    from gates.services import Tender, take_exit_payment
    from lots.models import Gate, Lot
    from tickets.models import Ticket

    lot = Lot.objects.select_related("operator").get(pk=lanes.lot_id)
    by = set_up_person(email="cash@bench.example", role="attendant", operator=lot.operator.slug)
    open_shift(person=by, lot=lot, drawer="bench", float_amount=10_000, at=now())
    numbers = [read(lanes.entry, f"BE {number}")["ticket"]["number"] for number in (1, 2)]
    gate = Gate.objects.get(lot=lot, direction="exit")
    Ticket.objects.filter(number__in=numbers).update(entry_at=now() - timedelta(hours=3))

    def act() -> object:
        ticket = Ticket.objects.get(number=numbers.pop())
        tender = Tender(method="cash", key=uuid.uuid4(), tendered=10_000)
        done = take_exit_payment(ticket=ticket, gate=gate, tender=tender, by=by, at=now().replace(microsecond=0))
        if not done.left:
            raise RuntimeError(done)
        return done

    return act


def _quote(lanes: Lanes) -> Callable[[], object]:
    """Return how the page of a lot is asked for a price."""
    from django.test import Client

    from lots.models import Lot

    client, slug = Client(headers={"host": HOST}), Lot.objects.get(pk=lanes.lot_id).slug
    query = {"entry": "2026-12-01T08:00", "exit": "2026-12-01T17:00", "spot_type": "regular"}

    def act() -> object:
        answer = client.get(f"/lots/{slug}/", query)
        if answer.status_code != 200:
            raise RuntimeError(answer.content)
        return answer

    return act


if __name__ == "__main__":
    main()
