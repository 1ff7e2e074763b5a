"""Full-speed cars that don't give up, in a process of their own.

Run as `python -m tests.faults.traffic URL GATES_URL SEED [--cars N] [--skew H]`; every second lane sends to GATES_URL.
It says `driving`, drives until its input ends, waits until the periodic work goes on too, and prints the reckoning as
one JSON object.
"""

import argparse
import json
import os
import sys
import threading
import time
from random import Random
from typing import Any
from zlib import crc32

TRIES = 400
LONGEST_PAUSE = 0.4
WORK_SECONDS = 90


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parking.settings")
    import django

    django.setup()
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("gates_url")
    arguments.add_argument("seed", type=int)
    arguments.add_argument("--cars", type=int, default=8_000)
    arguments.add_argument("--skew", type=float, default=0.0)
    options = arguments.parse_args()
    _say(json.dumps(_drive(options)))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _drive(options: argparse.Namespace) -> dict[str, Any]:
    from django.db import connections

    from traffic.simulation.journey import Fate, Journey
    from traffic.simulation.reckoning import reckon
    from traffic.simulation.recorded import recorded_by
    from traffic.simulation.scenario import Odds, draw_visits
    from traffic.simulation.schedule import CONNECTIONS, Day
    from traffic.simulation.sites import own_course

    seed = options.seed
    server = _server(options, CONNECTIONS)
    with own_course([]) as course:
        connections.close_all()
        odds = Odds(misread=0.05, duplicates=0.1)
        visits = draw_visits(options.cars, room=course.room, odds=odds, seed=seed)
        journeys = [Journey(visit, course.sites[visit.lot], server, seed) for visit in visits]
        day = Day(journeys, speed=None, stepped=lambda: None)
        threading.Thread(target=lambda: (sys.stdin.read(), day.stop()), daemon=True).start()
        _say("driving")
        began = time.monotonic()
        day.run()
        seconds = time.monotonic() - began
        payments_hang = not _payments_concluded()
        driven = [journey for journey in journeys if journey.fate is not Fate.COMING]
        _look_at_the_barrier(driven)
        reckoning = reckon(driven, recorded_by(course.devices))
    server.close()
    return {
        "cars": reckoning.cars,
        "cars_not_yet_sent": len(journeys) - len(driven),
        "passages": sum(len(journey.sent) for journey in driven),
        "seconds": round(seconds, 1),
        "reconciles": reckoning.reconciles,
        "differs": [row.label for row in reckoning.rows if not row.agrees],
        "discrepancies": list(reckoning.discrepancies[:20]),
        "fates": {str(fate): count for fate, count in reckoning.fates.items()},
        "payments_hang": payments_hang,
        "work_goes_on": _periodic_work_goes_on(),
    }


def _server(options: argparse.Namespace, connections: int) -> Any:
    from datetime import datetime, timedelta

    from traffic import client
    from traffic.client import KeyedLane, Server

    # Lanes that are back at once meet the next kill in the midst of their work.
    client.LONGEST_PAUSE = LONGEST_PAUSE

    gates = Server(options.gates_url, connections=connections, tries=TRIES)

    class Lanes(Server):
        """Lanes of which every second has the address of the gates' own processes.

        Their clocks are wrong by up to `skew` hours either way, each by its own amount.
        """

        def read(self, lane: KeyedLane, body: dict[str, Any]) -> dict[str, Any]:
            if options.skew and not body["offline"]:
                hours = Random(f"{options.seed}{lane.gate}").uniform(-options.skew, options.skew)
                captured = datetime.fromisoformat(body["captured_at"]) + timedelta(hours=hours)
                body = body | {"captured_at": captured.isoformat()}
            return super().read(lane, body)

        def _answered(self, method: str, path: str, *more: Any) -> Any:
            of_gate = path.startswith("/api/v1/gates/") and crc32(path.split("/")[4].encode()) % 2
            return gates._answered(method, path, *more) if of_gate else super()._answered(method, path, *more)

        def close(self) -> None:
            gates.close()
            super().close()

    return Lanes(options.url, connections=connections, tries=TRIES)


def _payments_concluded() -> bool:
    """Wait until the periodic work has concluded every payment that a kill cut off."""
    from billing.models import Payment, PaymentState

    deadline = time.monotonic() + WORK_SECONDS
    while Payment.objects.filter(state=PaymentState.PENDING).exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.3)
    return True


def _look_at_the_barrier(journeys: list[Any]) -> None:
    """Let cars go whose lane opened by itself, because their payment was only concluded after they had given up."""
    from traffic.simulation.journey import Fate

    for journey in journeys:
        if journey.fate is Fate.AT_EXIT and journey.server.status(journey._key) == "closed":
            journey._is_out("paid")


def _periodic_work_goes_on() -> bool:
    """Tell whether beat, Redis and the worker together take a message from the outbox."""
    from django.utils.timezone import now

    from accounts.models import Operator
    from notifications.models import Message

    due = {"created_at": now(), "next_attempt_at": now()}
    about = {"operator": Operator.objects.earliest("pk"), "recipient": "nobody@localhost", "template": "none"}
    message = Message.objects.create(key=f"traffic-{time.time()}", **about, **due)
    deadline = time.monotonic() + WORK_SECONDS
    while time.monotonic() < deadline:
        message.refresh_from_db()
        if message.attempts:
            return True
        time.sleep(0.3)
    return False


if __name__ == "__main__":
    main()
