"""Measures `manage.py up`: on an empty folder, on a used one, and until all processes have ended.

Run as `python -m bench.start [--rounds R] [--demo]`; prints one JSON line. The ceiling is the
least that any start needs: one import of Django with our code.
"""

import argparse
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.box import HOST, machine

PROJECT = Path(__file__).parents[1]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--demo", action="store_true", help="with the demo site")
    options = parser.parse_args()
    cold, warm, stopped, imported = [], [], [], []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="parking-start-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            folder.chmod(0o755)
            first = _up(folder, demo=options.demo)
            cold.append(first[0])
            stopped.append(first[1])
            again = _up(folder, demo=options.demo)
            warm.append(again[0])
            stopped.append(again[1])
            imported.append(_timed(lambda: _run("import django; django.setup(); import parking.urls")))
    found = {
        "demo": options.demo,
        "cold_s": round(statistics.median(cold), 2),
        "warm_s": round(statistics.median(warm), 2),
        "stop_s": round(statistics.median(stopped), 2),
        "ceiling_s": round(statistics.median(imported), 2),
        "ratio": round(statistics.median(one / other for one, other in zip(imported, warm, strict=True)), 3),
    }
    print(json.dumps({"bench": "start", **machine(), **found}))


def _up(folder: Path, *, demo: bool) -> tuple[float, float]:
    """Start and stop an installation; returns the seconds to `ready` and to its end."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "manage.py", "up", "--port", str(port), "--data", str(folder)]
    began = time.monotonic()
    process = subprocess.Popen(line if demo else [*line, "--no-demo"], stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    assert process.stdout is not None
    for words in process.stdout:
        if words == "ready\n":
            break
    else:
        raise RuntimeError("it did not start")
    ready = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate()
    return ready - began, time.monotonic() - ready


def _run(program: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "parking.settings"}
    subprocess.run([sys.executable, "-c", program], check=True, cwd=PROJECT, env=environment)


def _timed(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    main()
