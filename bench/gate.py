"""Measures gate reads over HTTP, next to pgbench with the same statements, and with people viewing pages.

Run as `python -m bench.gate [--lots N] [--seconds S] [--connections C] [--viewers V] [--bookings N]`; prints one JSON
line.
"""

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.box import HOST, Rate, cpu_seconds, machine, running, running_servers, server_pid
from bench.cars import drive, warm_up
from bench.ceiling import ceiling
from bench.fill import add_bookings
from bench.site import Lanes, make_site

IDLE_SECONDS = 6.0
WARM_SECONDS = 4.0
ROUNDS = 3
WRK_SCRIPT = Path(__file__).with_name("gate.lua")
# Two cars in a row on one spot without an exit between them; a lot's lock orders its events.
_DOUBLE = """
SELECT count(*) FROM (
    SELECT g.direction, lag(g.direction) OVER (PARTITION BY t.spot_id ORDER BY e.id) AS before
    FROM gates_gateevent e JOIN lots_gate g ON g.id = e.gate_id JOIN tickets_ticket t ON t.id = e.ticket_id
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
    parser.add_argument("--bookings", type=int, default=0, help="live ones, in each lot one that is due within 3 hours")
    options = parser.parse_args()
    with running_servers() as folder:
        lanes = make_site(options.lots)
        if options.bookings:
            add_bookings(options.bookings)
        with running(folder, "gates") as (port, gates), running(folder, "web") as (web_port, web):
            processes = {"gates": gates, "web": web, "postgres": server_pid(folder)}
            figures = _measured(folder, port, processes, lanes, options)
            figures |= _beside_viewers(folder, port, web_port, lanes, options)
        size = {"lots": options.lots, "bookings": options.bookings}
        print(json.dumps({"bench": "gate", **machine(), **size, **figures, **_double_allocations()}))


def _measured(
    folder: Path, port: int, processes: dict[str, int], lanes: list[Lanes], options: argparse.Namespace
) -> dict[str, Any]:
    """Measure the gates alone, alternating with their ceiling."""
    warm_up(port, lanes, connections=options.connections)
    ceiling(folder, lanes, connections=options.connections, seconds=WARM_SECONDS)
    _analyze()
    idle = drive(port, lanes, connections=1, seconds=IDLE_SECONDS, pause=0.02)
    parts: list[Part] = []
    ceilings: list[Rate] = []
    used: Counter[str] = Counter()
    for _ in range(ROUNDS):
        before = _cpu(processes)
        parts.append(_drive(folder, port, lanes, options))
        used.update({name: seconds - before[name] for name, seconds in _cpu(processes).items()})
        ceilings.append(ceiling(folder, lanes, connections=options.connections, seconds=options.seconds / ROUNDS))
    reads, seconds = sum(part.reads for part in parts), sum(part.seconds for part in parts)
    return {
        "client": "wrk" if shutil.which("wrk") else "ours",
        "connections": options.connections,
        "reads_per_second": round(reads / seconds, 1),
        "cycles_per_second": round(reads / seconds / 2, 1),
        "ceiling_reads_per_second": round(statistics.median(one.per_second for one in ceilings), 1),
        "ratio": round(
            statistics.median(
                part.reads / part.seconds / one.per_second for part, one in zip(parts, ceilings, strict=True)
            ),
            3,
        ),
        "p50_ms": statistics.median(part.p50_ms for part in parts),
        "p99_ms": statistics.median(part.p99_ms for part in parts),
        "ceiling_p50_ms": statistics.median(one.p50_ms for one in ceilings),
        "ceiling_p99_ms": statistics.median(one.p99_ms for one in ceilings),
        "idle_p50_ms": _milliseconds(statistics.median(idle.reads)),
        "errors": sum(part.errors for part in parts) + len(idle.errors),
        "first_error": next(iter([part.first_error for part in parts if part.errors] + idle.errors), None),
        "cpu_ms_per_read": {name: round(taken / reads * 1000, 2) for name, taken in used.items()},
    }


@dataclass(frozen=True, slots=True)
class Part:
    """The results of driving cars for a while."""

    reads: int
    seconds: float
    p50_ms: float
    p99_ms: float
    errors: int
    first_error: str


def _drive(folder: Path, port: int, lanes: list[Lanes], options: argparse.Namespace) -> Part:
    """Drive cars without pauses, with wrk where it is installed, because it uses the least CPU."""
    seconds = options.seconds / ROUNDS
    if not shutil.which("wrk"):
        driven = drive(port, lanes, connections=options.connections, seconds=seconds)
        p50, p99 = (_milliseconds(driven.reads[int(len(driven.reads) * share)]) for share in (0.5, 0.99))
        first = next(iter(driven.errors), "")
        return Part(len(driven.reads), driven.seconds, p50, p99, len(driven.errors), first)
    file = folder / "lanes.txt"
    file.write_text("".join(f"{' '.join((*lot.entry, *lot.exit))}\n" for lot in lanes))
    size = [f"-t{options.connections}", f"-c{options.connections}", f"-d{max(1, round(seconds))}s", "--timeout", "30s"]
    line = ["wrk", *size, "-s", str(WRK_SCRIPT), f"http://{HOST}:{port}", "--", str(file)]
    said = subprocess.run(line, capture_output=True, text=True, check=True).stderr
    reads, taken, p50, p99, errors, *first = said.strip().split(" ", 5)
    return Part(
        int(reads), float(taken), round(float(p50), 2), round(float(p99), 2), int(errors), first[0] if first else ""
    )


def _beside_viewers(
    folder: Path, port: int, web_port: int, lanes: list[Lanes], options: argparse.Namespace
) -> dict[str, Any]:
    """Measure the gates alone and with viewers, in turns."""
    alone: list[Part] = []
    beside: list[Part] = []
    looked: list[dict[str, Any]] = []
    with _viewers(web_port, 3.0, options.viewers):
        pass  # warms up the pages' processes too
    for _ in range(ROUNDS):
        alone.append(_drive(folder, port, lanes, options))
        with _viewers(web_port, options.seconds / ROUNDS + 1, options.viewers) as found:
            beside.append(_drive(folder, port, lanes, options))
        looked.append(found)
    return {
        "viewers": options.viewers,
        "beside_viewers": {
            "p99_ms": statistics.median(part.p99_ms for part in beside),
            "p99_alone_ms": statistics.median(part.p99_ms for part in alone),
            "p99_times": round(statistics.median(b.p99_ms / a.p99_ms for a, b in zip(alone, beside, strict=True)), 2),
            "errors": sum(part.errors for part in alone + beside),
            "pages": looked[-1],
        },
    }


@contextmanager
def _viewers(port: int, seconds: float, count: int) -> Iterator[dict[str, Any]]:
    """Run viewers during the block; their results are available afterwards."""
    # The lowest priority: in reality they use other machines.
    line = ["nice", "-n", "19", sys.executable, "-m", "bench.viewers", str(port), str(seconds), str(count)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE)
    found: dict[str, Any] = {}
    yield found
    found.update(json.loads(process.communicate(timeout=120)[0]))


def _cpu(processes: dict[str, int]) -> dict[str, float]:
    """Return the CPU time used so far by each process, and by the client: this process or its children."""
    own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    client = sum(one.ru_utime + one.ru_stime for one in own)
    return {name: cpu_seconds(pid) for name, pid in processes.items()} | {"client": client}


def _analyze() -> None:
    """Analyze the tables, as autovacuum does within a minute on a running machine."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 2)


def _double_allocations() -> dict[str, int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_DOUBLE)
        return {"double_allocations": int(cursor.fetchone()[0])}


if __name__ == "__main__":
    main()
