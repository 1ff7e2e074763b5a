"""Measures reads of a lot's availability: over HTTP, fresh and as 304, and in the database alone.

Run as `python -m bench.availability [--lots N] [--seconds S] [--connections C]`; prints one JSON line. The ceiling of
the HTTP rates is a constant response of the same web server (`bench/bare.py`).
"""

import argparse
import json
import re
import shutil
import statistics
import subprocess
import threading
import time
from pathlib import Path

from bench.box import HOST, machine, pgbench, running, running_servers
from bench.cars import Connection
from bench.site import make_site

ROUNDS = 3
PAGE = "/api/v1/lots/lot-{}/availability"
# wrk draws another lot for each request.
WRK_SCRIPT = """
request = function()
  return wrk.format("GET", "/api/v1/lots/lot-" .. math.random(0, {last}) .. "/availability", {{{headers}}})
end
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    with running_servers() as folder:
        make_site(options.lots)
        with running(folder, "web") as (port, _web), running(folder, "web", "bench.bare") as (bare_port, _bare):
            rates = _rates(folder, port, bare_port, options)
        in_database = _database(folder, options)
    found = {f"{name}_per_second": round(statistics.median(taken)) for name, taken in rates.items()}
    ratios = {
        f"ratio_{name}": round(statistics.median(a / b for a, b in zip(rates[name], rates["ceiling"], strict=True)), 3)
        for name in ("fresh", "not_modified")
    }
    client = "wrk" if shutil.which("wrk") else "ours"
    print(json.dumps({"bench": "availability", **machine(), "client": client, **found, **ratios, **in_database}))


def _rates(folder: Path, port: int, bare_port: int, options: argparse.Namespace) -> dict[str, list[float]]:
    """Request random lots' availability, fresh and with an ETag, and the constant response, in turns."""
    rates: dict[str, list[float]] = {"ceiling": [], "fresh": [], "not_modified": []}
    measure = _by_wrk if shutil.which("wrk") else _by_threads
    for _ in range(ROUNDS):
        rates["ceiling"].append(measure(folder, bare_port, "", options))
        rates["fresh"].append(measure(folder, port, "", options))
        rates["not_modified"].append(measure(folder, port, "*", options))
    return rates


def _by_wrk(folder: Path, port: int, if_none_match: str, options: argparse.Namespace) -> float:
    script = folder / "lots.lua"
    headers = f'["If-None-Match"] = "{if_none_match}"' if if_none_match else ""
    script.write_text(WRK_SCRIPT.format(last=options.lots - 1, headers=headers))
    line = ["wrk", "-t1", f"-c{options.connections}", f"-d{max(1, round(options.seconds))}s", "-s", str(script)]
    done = subprocess.run([*line, f"http://{HOST}:{port}"], capture_output=True, text=True, check=True).stdout
    wrong = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", done)
    if wrong:
        raise RuntimeError(wrong[0])
    rate = re.search(r"Requests/sec: *([\d.]+)", done)
    assert rate is not None, done
    return float(rate[1])


def _by_threads(_folder: Path, port: int, if_none_match: str, options: argparse.Namespace) -> float:
    done, stop_at = [0] * options.connections, time.monotonic() + options.seconds
    wanted = b" 304 " if if_none_match else b" 200 "
    condition = f"If-None-Match: {if_none_match}\r\n" if if_none_match else ""

    def ask(number: int) -> None:
        connection = Connection(port)
        while time.monotonic() < stop_at:
            path = PAGE.format(done[number] % options.lots)
            _seconds, answer = connection.ask(f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{condition}\r\n")
            if wanted not in answer[:20]:
                raise RuntimeError(answer[:200])
            done[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(options.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / options.seconds


def _database(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Run the same statement by pgbench: at full rate, and alone beside an empty statement."""
    from lots.availability import COUNTERS

    counters, nothing = folder / "counters.pgbench", folder / "nothing.pgbench"
    statement = " ".join(COUNTERS.split()).replace("%(slug)s", "'lot-' || :lot")
    counters.write_text(f"\\set lot random(0, {options.lots - 1})\n{statement};\n")
    nothing.write_text(f"\\set lot random(0, {options.lots - 1})\nSELECT 1;\n")
    busy, alone, bare = [], [], []
    for _ in range(ROUNDS):
        busy.append(pgbench(folder, counters, connections=options.connections, seconds=options.seconds).per_second)
        alone.append(1000 / pgbench(folder, counters, connections=1, seconds=options.seconds).per_second)
        bare.append(1000 / pgbench(folder, nothing, connections=1, seconds=options.seconds).per_second)
    return {
        "database_per_second": round(statistics.median(busy)),
        "database_ms": round(statistics.median(a - b for a, b in zip(alone, bare, strict=True)), 3),
        "round_trip_ms": round(statistics.median(bare), 3),
    }


if __name__ == "__main__":
    main()
