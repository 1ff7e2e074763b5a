"""Measures bookings over HTTP, next to pgbench with the same statements.

Run as `python -m bench.booking [--lots N] [--spots N] [--seconds S] [--connections C]`; prints one JSON line. Each
connection is a driver who books and cancels, `spread` over all lots, and `contended`, where every fourth call is for
the last two places of one lot.
"""

import argparse
import datetime as dt
import json
import random
import statistics
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.booking_ceiling import PATH, PLATE, Calls, ceiling, count_from_afar, csrf_of, record
from bench.box import HOST, Rate, machine, running, running_servers
from bench.cars import Connection
from bench.site import make_site

CONTENDED = {"spread": 0.0, "contended": 0.25}
"""The share of calls that are for the last places of the first lot."""
PLACES_LEFT = 2
ROUNDS = 3
WARM_SECONDS = 4.0


@dataclass(slots=True)
class Booked:
    """The seconds of each booking, refusal and cancellation, and what went wrong."""

    bookings: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    cancellations: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    tried_for_the_last: int = 0
    seconds: float = 0.0

    def add(self, other: "Booked") -> None:
        """Add the results of more calls."""
        for name in ("bookings", "refusals", "cancellations", "errors"):
            getattr(self, name).extend(getattr(other, name))
        self.tried_for_the_last += other.tried_for_the_last
        self.seconds += other.seconds

    @property
    def calls(self) -> int:
        """Return the number of calls."""
        return len(self.bookings) + len(self.refusals) + len(self.cancellations)

    @property
    def refused(self) -> float:
        """Return the share of calls for the last places that found none."""
        return len(self.refusals) / self.tried_for_the_last if self.tried_for_the_last else 0.0


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=500)
    parser.add_argument("--spots", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    with running_servers() as folder:
        count_from_afar()
        make_site(options.lots, options.spots)
        _leave_places("lot-0", PLACES_LEFT)
        _leave_places("lot-2", 0)
        cookies = [_driver(number) for number in range(options.connections)]
        calls = record(cookies[0], {"free": body("lot-1", PLATE), "full": body("lot-2", PLATE)})
        _leave_places("lot-2", options.spots)
        with running(folder, "web") as (port, _web):
            figures = {name: _measured(folder, port, cookies, calls, name, options) for name in CONTENDED}
        doubles = _doubly_promised()
    print(json.dumps({"bench": "booking", **machine(), **vars(options), **figures, "doubly_promised": doubles}))


def body(lot: str, plate: str) -> dict[str, str]:
    """Return a booking of two hours, the day after tomorrow."""
    noon = dt.datetime.now(dt.UTC).replace(hour=12, minute=0, second=0, microsecond=0) + dt.timedelta(days=2)
    return {"lot": lot, "plate": plate, "start": noon.isoformat(), "end": (noon + dt.timedelta(hours=2)).isoformat()}


def drive(port: int, cookies: Sequence[str], *, lots: int, contended: float, seconds: float) -> Booked:
    """Let each driver book and cancel without pauses for some seconds."""
    found, stop_at = [Booked() for _ in cookies], time.monotonic() + seconds
    threads = [
        threading.Thread(target=_drive_one, args=(port, cookie, lots, contended, stop_at, booked))
        for cookie, booked in zip(cookies, found, strict=True)
    ]
    started, total = time.monotonic(), Booked()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for booked in found:
        total.add(booked)
    total.seconds = time.monotonic() - started
    return total


def _measured(  # noqa: PLR0913, PLR0917 - the facts of one measurement
    folder: Path, port: int, cookies: Sequence[str], calls: Calls, name: str, options: argparse.Namespace
) -> dict[str, Any]:
    """Measure one mix of calls, alternating with its ceiling."""
    mix: Mapping[str, Any] = {"lots": options.lots, "contended": CONTENDED[name]}
    drive(port, cookies, seconds=WARM_SECONDS, **mix)
    total, pairs = Booked(), []
    for _ in range(ROUNDS):
        part = drive(port, cookies, seconds=options.seconds / ROUNDS, **mix)
        bound = ceiling(
            folder,
            calls,
            spots=options.spots,
            refused=part.refused,
            connections=options.connections,
            seconds=options.seconds / ROUNDS,
            **mix,
        )
        total.add(part)
        pairs.append((part, bound))
    return _figures(total, pairs)


def _figures(total: Booked, pairs: Sequence[tuple[Booked, Rate]]) -> dict[str, Any]:
    taken = sorted(total.bookings)
    return {
        "ratio": round(statistics.median(part.calls / part.seconds / bound.per_second for part, bound in pairs), 3),
        "calls_per_second": round(total.calls / total.seconds, 1),
        "bookings_per_second": round(len(total.bookings) / total.seconds, 1),
        "ceiling_calls_per_second": round(statistics.median(bound.per_second for _, bound in pairs), 1),
        "booking_p50_ms": round(taken[len(taken) // 2] * 1000, 1),
        "booking_p99_ms": round(taken[int(len(taken) * 0.99)] * 1000, 1),
        "ceiling_call_p50_ms": statistics.median(bound.p50_ms for _, bound in pairs),
        "refused": round(total.refused, 3),
        "errors": len(total.errors),
        "first_error": next(iter(total.errors), None),
    }


def _drive_one(  # noqa: PLR0913, PLR0917 - the facts of one thread
    port: int, cookie: str, lots: int, contended: float, stop_at: float, booked: Booked
) -> None:
    draw, connection = random.Random(), Connection(port)
    while time.monotonic() < stop_at:
        wants_the_last = draw.random() < contended
        booked.tried_for_the_last += wants_the_last
        lot = "lot-0" if wants_the_last else f"lot-{draw.randrange(1, lots)}"
        took, status, said = _call(connection, "POST", PATH, cookie, body(lot, f"ZH {draw.randrange(10**8)}"))
        if status == 201:
            booked.bookings.append(took)
            took, status, said = _call(connection, "DELETE", f"{PATH}/{said['id']}", cookie)
            booked.cancellations.append(took)
        elif status == 409 and wants_the_last and said["code"] == "no_availability":
            booked.refusals.append(took)
            continue
        if status != 200:
            booked.errors.append(f"{status} {said}")


def _call(
    connection: Connection, method: str, path: str, cookie: str, sent: Mapping[str, str] | None = None
) -> tuple[float, int, Any]:
    text = json.dumps(sent) if sent else ""
    request = (
        f"{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\nX-CSRFToken: {csrf_of(cookie)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(text)}\r\n\r\n{text}"
    )
    took, answer = connection.ask(request)
    head, _end, said = answer.partition(b"\r\n\r\n")
    return took, int(head.split()[1]), json.loads(said)


def _leave_places(slug: str, count: int) -> None:
    """Leave so many places of a lot, the others are out of use."""
    from lots.models import Lot

    spots = Lot.objects.get(slug=slug).spots.order_by("pk")
    kept = list(spots.values_list("pk", flat=True)[:count])
    spots.update(maintenance=True)
    spots.filter(pk__in=kept).update(maintenance=False)


def _driver(number: int) -> str:
    """Create a driver and return the cookies of a session."""
    from django.test import Client

    from accounts.people import set_up_person

    client = Client()
    client.force_login(set_up_person(email=f"driver-{number}@bench.example", role="driver"))
    return f"sessionid={client.cookies['sessionid'].value}; csrftoken={'b' * 32}"


def _doubly_promised() -> int:
    """Return how many bookings were promised a place of another, by the invariant of `verify`."""
    from verification import prove
    from verification.place_invariants import RESERVATIONS_NEVER_OVERLAP

    return prove([RESERVATIONS_NEVER_OVERLAP])[0].total


if __name__ == "__main__":
    main()
