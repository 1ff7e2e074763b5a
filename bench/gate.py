"""Cars through gates over HTTP, beside pgbench with the same statements on the same database, and beside viewers.

Run as `python -m bench.gate [--lots N] [--seconds S] [--connections C] [--viewers V]`; prints one JSON line.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.box import cpu_seconds, machine, running, running_servers, server_pid
from bench.cars import Outcome, drive, warm_up
from bench.ceiling import ceiling
from bench.site import Lanes, make_site

IDLE_SECONDS = 6.0
WARM_SECONDS = 4.0
ROUNDS = 3
# Two cars in a row on one spot with no exit between them; within a lot the order of events is that of its lock.
_DOUBLE = """
SELECT count(*) FROM (
    SELECT g.direction, lag(g.direction) OVER (PARTITION BY t.spot_id ORDER BY e.id) AS before
    FROM gates_gateevent e JOIN gates_gate g ON g.id = e.gate_id JOIN tickets_ticket t ON t.id = e.ticket_id
    WHERE e.action = 'open' AND e.first_id IS NULL
) passed WHERE direction = 'entry' AND before = 'entry'
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--viewers", type=int, default=50)
    options = parser.parse_args()
    with running_servers() as folder:
        lanes = make_site(options.lots)
        with running(folder, "gates") as (port, gates), running(folder, "web") as (web_port, web):
            processes = {"gates": gates, "web": web, "postgres": server_pid(folder)}
            figures = _measured(folder, port, processes, lanes, options)
            figures |= _beside_viewers(port, web_port, lanes, options)
        print(json.dumps({"bench": "gate", **machine(), "lots": options.lots, **figures, **_double_allocations()}))


def _measured(
    folder: Path, port: int, processes: dict[str, int], lanes: list[Lanes], options: argparse.Namespace
) -> dict[str, Any]:
    """Measure the gates alone, in turns with their ceiling."""
    warm_up(port, lanes, connections=options.connections)
    ceiling(folder, lanes, connections=options.connections, seconds=WARM_SECONDS)
    _analyze()
    idle = drive(port, lanes, connections=1, seconds=IDLE_SECONDS, pause=0.02)
    busy, ratios, ceilings, used = Outcome(), [], [], Counter()
    for _ in range(ROUNDS):
        before = _cpu(processes)
        part = drive(port, lanes, connections=options.connections, seconds=options.seconds / ROUNDS)
        used.update({name: seconds - before[name] for name, seconds in _cpu(processes).items()})
        ceilings.append(ceiling(folder, lanes, connections=options.connections, seconds=options.seconds / ROUNDS))
        ratios.append(len(part.reads) / part.seconds / ceilings[-1])
        busy.add(part)
    return {
        "connections": options.connections,
        "reads_per_second": round(len(busy.reads) / busy.seconds, 1),
        "cycles_per_second": round(len(busy.exits) / busy.seconds, 1),
        "ceiling_reads_per_second": round(statistics.median(ceilings), 1),
        "ratio": round(statistics.median(ratios), 3),
        **_latencies(busy),
        "idle_p50_ms": _milliseconds(statistics.median(idle.reads)),
        "errors": len(busy.errors) + len(idle.errors),
        "first_error": next(iter(busy.errors + idle.errors), None),
        "cpu_ms_per_read": {name: round(seconds / len(busy.reads) * 1000, 2) for name, seconds in used.items()},
    }


def _beside_viewers(port: int, web_port: int, lanes: list[Lanes], options: argparse.Namespace) -> dict[str, Any]:
    """Measure the gates alone and beside people who look at pages, in turns."""
    seconds = options.seconds / ROUNDS
    alone, beside, looked = [], [], []
    errors = 0
    with _viewers(web_port, 3.0, options.viewers):
        pass  # so that the pages' processes are warm too
    for _ in range(ROUNDS):
        quiet = drive(port, lanes, connections=options.connections, seconds=seconds)
        with _viewers(web_port, seconds + 1, options.viewers) as found:
            watched = drive(port, lanes, connections=options.connections, seconds=seconds)
        alone.append(_percentile(quiet.reads, 0.99))
        beside.append(_percentile(watched.reads, 0.99))
        looked.append(found)
        errors += len(quiet.errors) + len(watched.errors)
    return {
        "viewers": options.viewers,
        "beside_viewers": {
            "p99_ms": _milliseconds(statistics.median(beside)),
            "p99_alone_ms": _milliseconds(statistics.median(alone)),
            "p99_times": round(statistics.median(b / a for a, b in zip(alone, beside, strict=True)), 2),
            "errors": errors,
            "pages": looked[-1],
        },
    }


@contextmanager
def _viewers(port: int, seconds: float, count: int) -> Iterator[dict[str, Any]]:
    """Have viewers at work during the block; what they found is there after it."""
    # As nice as can be: their machines are not this one.
    line = ["nice", "-n", "19", sys.executable, "-m", "bench.viewers", str(port), str(seconds), str(count)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE)
    found: dict[str, Any] = {}
    yield found
    found.update(json.loads(process.communicate(timeout=120)[0]))


def _cpu(processes: dict[str, int]) -> dict[str, float]:
    """Return the processor time used so far by each, and by this process, which is the client."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    return {name: cpu_seconds(pid) for name, pid in processes.items()} | {"client": own.ru_utime + own.ru_stime}


def _analyze() -> None:
    """Have the planner know the tables, as autovacuum sees to within a minute on a box that runs."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _latencies(outcome: Outcome) -> dict[str, float]:
    return {
        f"{name}_{label}_ms": _milliseconds(_percentile(sorted(taken), share))
        for name, taken in (("entry", outcome.entries), ("exit", outcome.exits), ("read", outcome.reads))
        for label, share in (("p50", 0.5), ("p99", 0.99))
    }


def _percentile(taken: list[float], share: float) -> float:
    return taken[int(len(taken) * share)]


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _double_allocations() -> dict[str, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_DOUBLE)
        return {"double_allocations": int(cursor.fetchone()[0])}


if __name__ == "__main__":
    main()
