"""Measures the five busiest pages: time, queries and bytes.

Run as `python -m bench.pages [--lots N] [--seconds S]`; prints one JSON line. The ceiling is a page of the same web
process without queries (`/healthz`); `ratio` is its time divided by the page's.
"""

import argparse
import json
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bench.box import HOST, machine, running, running_servers
from bench.cars import Connection, drive
from bench.fill import fill
from bench.site import log_in, make_site

CEILING = "/healthz"
ROUNDS = 5
TENTHS_TAKEN = 6
CAR_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page and the session that requests it."""

    path: str
    role: str = ""


PAGES = {
    "find": Page("/"),
    "lot": Page("/lots/lot-1/"),
    "board": Page("/board/lot-1/"),
    "desk": Page("/desk/?lot=lot-1", "attendant"),
    "manage": Page("/manage/", "admin"),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=2.0, help="for each page in each round")
    options = parser.parse_args()
    with running_servers() as folder:
        lanes = make_site(options.lots)
        fill(tenths=TENTHS_TAKEN)
        cookies = {role: log_in(role) for role in ("attendant", "admin")}
        with running(folder, "web") as (port, _web):
            drive(port, lanes, connections=2, seconds=CAR_SECONDS)
            weights = {name: weigh(page, cookies) for name, page in PAGES.items()}
            times = _rounds(port, cookies, options.seconds)
    ceiling = statistics.median(times.pop(CEILING))
    pages = {
        name: {
            "p50_ms": round(statistics.median(taken) * 1000, 2),
            "ratio": round(ceiling / statistics.median(taken), 3),
            **weights[name],
        }
        for name, taken in times.items()
    }
    found = {"lots": options.lots, "ceiling_p50_ms": round(ceiling * 1000, 2), "pages": pages}
    print(json.dumps({"bench": "pages", **machine(), **found}))


def weigh(page: Page, cookies: Mapping[str, str]) -> dict[str, int]:
    """Return a page's number of queries and bytes."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": HOST, **_cookie(page, cookies)})
    client.get(page.path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(page.path)
    if answer.status_code != 200:
        raise RuntimeError(f"{page.path}: {answer.status_code}")
    return {"queries": len(captured), "bytes": len(answer.content)}


def look(connection: Connection, page: Page, cookies: Mapping[str, str]) -> float:
    """Request a page and return its duration."""
    headers = "".join(f"{name}: {value}\r\n" for name, value in _cookie(page, cookies).items())
    seconds, answer = connection.ask(f"GET {page.path} HTTP/1.1\r\nHost: {HOST}\r\n{headers}\r\n")
    if b" 200 " not in answer[:20]:
        raise RuntimeError(f"{page.path}: {answer[:200]!r}")
    return seconds


def _rounds(port: int, cookies: Mapping[str, str], seconds: float) -> dict[str, list[float]]:
    """Request each page and the ceiling in turns."""
    connection = Connection(port)
    times: dict[str, list[float]] = {name: [] for name in (CEILING, *PAGES)}
    for _ in range(ROUNDS):
        for name, taken in times.items():
            page, stop_at = PAGES.get(name) or Page(name), time.monotonic() + seconds
            look(connection, page, cookies)
            while time.monotonic() < stop_at:
                taken.append(look(connection, page, cookies))
    return times


def _cookie(page: Page, cookies: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": cookies[page.role]} if page.role else {}


if __name__ == "__main__":
    main()
