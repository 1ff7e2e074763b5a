"""How fast a lot's free places are read: over HTTP fresh and as 304, and in the database alone.

Run as `python -m bench.availability [--lots N] [--seconds S] [--connections C]`; prints one JSON line. The ceiling of
the HTTP rates is a page of the same web process that asks nothing.
"""

import argparse
import json
import re
import socket
import threading
import time
from pathlib import Path

from bench.box import HOST, machine, pgbench, running, running_servers
from bench.site import make_site

# What the page asks the database, as `lots.queries` says it.
COUNTERS = """\\set lot random({first}, {last})
SELECT level.number, c.spot_type, c.total, c.free, c.occupied, c.reserved, c.maintenance
FROM lots_spotcount c JOIN lots_level level ON level.id = c.level_id WHERE c.lot_id = :lot;
"""
ROUNDS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--connections", type=int, default=8)
    options = parser.parse_args()
    with running_servers() as folder:
        lanes = make_site(options.lots)
        script = folder / "counters.pgbench"
        script.write_text(COUNTERS.format(first=lanes[0].lot_id, last=lanes[-1].lot_id))
        with running(folder, "web") as (port, _web):
            figures = _measured(folder, script, port, options)
    print(json.dumps({"bench": "availability", **machine(), "lots": options.lots, **figures}))


def _measured(folder: Path, script: Path, port: int, options: argparse.Namespace) -> dict[str, object]:
    page = "/api/v1/lots/lot-1/availability"
    tag = re.search(rb"etag: (\S+)", _ask(port, page), re.IGNORECASE)
    ways = {
        "ceiling": (_request("/healthz"), b" 200 "),
        "fresh": (_request(page), b" 200 "),
        "not_modified": (_request(page, tag[1].decode() if tag else ""), b" 304 "),
    }
    rates: dict[str, list[float]] = {name: [] for name in (*ways, "database")}
    for _ in range(ROUNDS):
        for name, (request, wanted) in ways.items():
            rates[name].append(_rate(port, request, wanted, options))
        done = pgbench(folder, script, connections=options.connections, seconds=options.seconds)
        rates["database"].append(done)
    found = {f"{name}_per_second": round(sorted(taken)[ROUNDS // 2]) for name, taken in rates.items()}
    return found | {
        name: round(sorted(a / b for a, b in zip(rates[way], rates["ceiling"], strict=True))[ROUNDS // 2], 3)
        for name, way in (("ratio", "fresh"), ("ratio_not_modified", "not_modified"))
    }


def _rate(port: int, request: bytes, wanted: bytes, options: argparse.Namespace) -> float:
    done, stop_at = [0] * options.connections, time.monotonic() + options.seconds

    def ask(number: int) -> None:
        with socket.create_connection((HOST, port), timeout=30) as connection:
            while time.monotonic() < stop_at:
                connection.sendall(request)
                if wanted not in _answer(connection)[:20]:
                    raise RuntimeError("another answer than expected")
                done[number] += 1

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(options.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / options.seconds


def _ask(port: int, path: str) -> bytes:
    with socket.create_connection((HOST, port), timeout=30) as connection:
        connection.sendall(_request(path))
        return _answer(connection)


def _request(path: str, tag: str = "") -> bytes:
    condition = f"If-None-Match: {tag}\r\n" if tag else ""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{condition}\r\n".encode()


def _answer(connection: socket.socket) -> bytes:
    data = b""
    while True:
        part = connection.recv(65536)
        data += part
        head, end, body = data.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        if not part or (end and len(body) >= int(length[1] if length else 0)):
            return data


if __name__ == "__main__":
    main()
