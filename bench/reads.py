"""What an entry and an exit read cost without HTTP: microseconds, of them of this process and of PostgreSQL.

Run as `python -m bench.reads [--beside FOLDER] [--turns T] [--cars N]`; prints one JSON line. Another checkout of this
repository, with the same tables, is measured beside it in turns on the same database: `ratio` is the median of its
time by ours, pair by pair.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
WARM_CARS = 150


def main() -> None:
    """Measure and print; as a worker, answer reads for each line of the input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, help="another checkout")
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--cars", type=int, default=300, help="of each turn")
    parser.add_argument("--lots", type=int, default=50)
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        work(json.loads(options.worker))
        return
    from bench.box import machine, running_servers
    from bench.site import make_site

    folders = {"ours": HERE} | ({"beside": options.beside.resolve()} if options.beside else {})
    with running_servers():
        lanes = [[*lot.entry, *lot.exit] for lot in make_site(options.lots)]
        with workers(folders, lanes) as ask:
            for name in folders:
                ask(name, WARM_CARS)
            _analyze()
            turns = [{name: ask(name, options.cars) for name in folders} for _ in range(options.turns)]
    print(json.dumps({"bench": "reads", **machine(), "turns": options.turns, **told(turns)}))


def _analyze() -> None:
    """Have the planner know the tables, which were empty when the workers planned their statements."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def told(turns: list[dict[str, dict[str, float]]]) -> dict[str, Any]:
    """Return the medians of each checkout and the ratios of what was measured in the same turn."""
    figures: dict[str, Any] = {
        name: {what: round(statistics.median(turn[name][what] for turn in turns)) for what in turns[0][name]}
        for name in turns[0]
    }
    if "beside" in figures:
        figures["ratio"] = {
            what: round(statistics.median(turn["beside"][what] / turn["ours"][what] for turn in turns), 3)
            for what in turns[0]["ours"]
        }
    return figures


@contextmanager
def workers(folders: dict[str, Path], lanes: list[list[str]]) -> Iterator[Callable[[str, int], dict[str, float]]]:
    """Have a process of each checkout inside the block; gives how one is asked to drive so many cars."""
    started = {}
    for name, folder in folders.items():
        line = [sys.executable, __file__, "--worker", json.dumps(lanes)]
        environment = os.environ | {"PYTHONPATH": str(folder)}
        started[name] = subprocess.Popen(
            line, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(name: str, cars: int) -> dict[str, float]:
        process = started[name]
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{cars}\n")
        process.stdin.flush()
        found: dict[str, float] = json.loads(process.stdout.readline())
        return found

    try:
        yield ask
    finally:
        for process in started.values():
            process.communicate(timeout=30)


def work(lanes: list[list[str]]) -> None:
    """Drive as many cars as each line of the input says, and print what their reads took in microseconds."""
    sys.path[0] = str(Path.cwd())  # this file may be another checkout's
    from django.db import connection

    from parking.wsgi import application

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    for line in sys.stdin:
        cars, taken = int(line), {"entry": 0.0, "exit": 0.0}
        began = time.process_time(), _cpu_of(backend)
        for number in range(cars):
            entry, entry_key, exit_, exit_key = lanes[number % len(lanes)]
            plate = f"ZH {uuid.uuid4().int % 10**9}"
            taken["entry"] += _read(application, entry, entry_key, plate)
            taken["exit"] += _read(application, exit_, exit_key, plate)
        ended = time.process_time(), _cpu_of(backend)
        python, postgres = ((end - begin) / cars / 2 * 1e6 for begin, end in zip(began, ended, strict=True))
        found = {name: seconds / cars * 1e6 for name, seconds in taken.items()}
        print(json.dumps(found | {"python_cpu": python, "postgres_cpu": postgres}), flush=True)


def _read(application: Any, path: str, key: str, plate: str) -> float:
    """Answer one read and return how many seconds it took."""
    body = f'{{"event_id":"{uuid.uuid4()}","plate":"{plate}","confidence":0.97}}'.encode()
    request = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "HTTP_HOST": "127.0.0.1",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
    }
    started = time.perf_counter()
    answer = b"".join(application(request, lambda *_head: None))
    took = time.perf_counter() - started
    if b'"action": "open"' not in answer:
        raise RuntimeError(answer)
    return took


def _cpu_of(process: int) -> float:
    """Return the seconds of processor time that a process has used."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


if __name__ == "__main__":
    main()
