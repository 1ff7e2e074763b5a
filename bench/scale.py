"""Measures gates and pages with 1,000, 100,000 and 1,000,000 spots, and with ten million ended stays.

Run as `python -m bench.scale [--old-tickets N] [--rounds R]`; prints one JSON line. Each size is a separate
installation; they are measured in turns, so that the machine's variations affect all. The smallest is the ceiling:
`times` is how many times as long the others take.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from bench.box import machine, running, running_servers
from bench.cars import Connection, Outcome, pass_through, warm_up
from bench.fill import add_history, fill
from bench.pages import PAGES, look
from bench.site import SPOTS_PER_LOT, Lanes, log_in, make_site

SMALLEST = 1_000
SIZES = (SMALLEST, 100_000, 1_000_000)
TENTHS_TAKEN = 6
WARM_CONNECTIONS = 4
LOTS_VISITED = 200
# The smallest has more but smaller lots, so that pages list as many everywhere.
LOTS_ON_A_PAGE = 25
CARS_A_ROUND = 60
LOOKS_A_ROUND = 12


@dataclass(frozen=True, slots=True)
class Box:
    """A running installation, as its process describes it."""

    gates_port: int
    web_port: int
    lanes: list[Lanes]
    cookies: dict[str, str]


def main() -> None:
    """Measure and print; with `--serve`, run one of the installations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old-tickets", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--serve", type=int, nargs=2, metavar=("SPOTS", "TICKETS"))
    options = parser.parse_args()
    if options.serve:
        _serve(*options.serve)
        return
    wanted = [(spots, 0) for spots in SIZES] + [(SIZES[-1], options.old_tickets)]
    with ExitStack() as running_boxes:
        boxes = {
            f"{spots:,} spots, {tickets:,} old tickets": running_boxes.enter_context(_box(spots, tickets))
            for spots, tickets in wanted
        }
        times = _rounds(boxes, options.rounds)
    smallest, *others = times
    found = {
        name: {
            what: {
                "p50_ms": round(statistics.median(taken) * 1000, 2),
                "times": round(_times(taken, times[smallest][what]), 2),
            }
            for what, taken in of_box.items()
        }
        for name, of_box in times.items()
    }
    worst = {
        name: {
            "gates": max(found[name][what]["times"] for what in ("entry", "exit")),
            "pages": max(found[name][what]["times"] for what in PAGES),
        }
        for name in others
    }
    print(json.dumps({"bench": "scale", **machine(), "times_at_most": worst, "found": found}))


def _times(taken: list[float], of_smallest: list[float]) -> float:
    """Return how many times as long something takes: the median of the rounds' quotients."""
    return statistics.median(one / other for one, other in zip(taken, of_smallest, strict=True))


def _rounds(boxes: Mapping[str, Box], rounds: int) -> dict[str, dict[str, list[float]]]:
    """Measure the installations in turns; returns the medians of each round."""
    times: dict[str, dict[str, list[float]]] = {
        name: {what: [] for what in ("entry", "exit", *PAGES)} for name in boxes
    }
    for number in range(-1, rounds):
        for name, box in boxes.items():
            found = _one_round(box, number)
            if number >= 0:  # the first round is for warming up
                for what, seconds in found.items():
                    times[name][what].append(seconds)
    return times


def _one_round(box: Box, number: int) -> dict[str, float]:
    outcome, draw = Outcome(), Random(f"round {number}")
    lane = Connection(box.gates_port)
    for _ in range(CARS_A_ROUND):
        pass_through(lane, draw.choice(box.lanes), f"SC {draw.randrange(10**9)}", outcome)
    if outcome.errors:
        raise RuntimeError(outcome.errors[0])
    eyes = Connection(box.web_port)
    found = {"entry": statistics.median(outcome.entries), "exit": statistics.median(outcome.exits)}
    for name, page in PAGES.items():
        found[name] = statistics.median(look(eyes, page, box.cookies) for _ in range(LOOKS_A_ROUND))
    return found


@contextmanager
def _box(spots: int, tickets: int) -> Iterator[Box]:
    """Run an installation of a size in a separate process during the block."""
    line = [sys.executable, "-m", "bench.scale", "--serve", str(spots), str(tickets)]
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        lanes = [Lanes(lot, tuple(entry), tuple(exit_)) for lot, entry, exit_ in told.pop("lanes")]
        sys.stderr.write(f"{spots:,} spots, {tickets:,} old tickets: made in {told.pop('seconds')} s\n")
        yield Box(lanes=lanes, **told)
    finally:
        process.communicate()


def _serve(spots: int, tickets: int) -> None:
    """Set up an installation, print its description, and serve until the reader is gone."""
    began = time.monotonic()
    with running_servers() as folder:
        lots = max(LOTS_ON_A_PAGE, spots // SPOTS_PER_LOT)
        lanes = make_site(lots, spots // lots)
        fill(tenths=TENTHS_TAKEN)
        if tickets:
            add_history(tickets)
        cookies = {role: log_in(role) for role in ("attendant", "admin")}
        with running(folder, "gates") as (gates_port, _gates), running(folder, "web") as (web_port, _web):
            # The same number of lanes everywhere, so that they are equally well cached.
            visited = Random(1).sample(lanes, min(LOTS_VISITED, len(lanes)))
            for _ in range(max(1, LOTS_VISITED // len(visited) // 10)):
                warm_up(gates_port, visited, connections=WARM_CONNECTIONS)
            told: dict[str, Any] = {
                "gates_port": gates_port,
                "web_port": web_port,
                "lanes": [(one.lot_id, one.entry, one.exit) for one in visited],
                "cookies": cookies,
                "seconds": round(time.monotonic() - began),
            }
            print(json.dumps(told), flush=True)
            os.read(sys.stdin.fileno(), 1)


if __name__ == "__main__":
    main()
