"""Viewers of pages, each on a separate connection without pauses.

Run as `python -m bench.viewers PORT SECONDS COUNT`; prints their results as one JSON object.
"""

import json
import random
import statistics
import sys
import threading
import time

from bench.cars import Connection

PAGES = ("/", "/lots/lot-{}/", "/board/lot-{}/", "/pay/", "/api/v1/lots?q=lot-{}", "/static/css/tokens.css")
LOTS = 50


class Viewer(Connection):
    """A minimal browser."""

    def look(self, path: str) -> tuple[float, bytes]:
        """Request a page and return its duration and the page."""
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


def _view(port: int, stop_at: float, taken: list[float], wrong: list[str]) -> None:
    draw, viewer = random.Random(), Viewer(port)
    while time.monotonic() < stop_at:
        path = draw.choice(PAGES).format(draw.randrange(LOTS))
        seconds, page = viewer.look(path)
        taken.append(seconds)
        if b" 200 " not in page[:20]:
            wrong.append(f"{path}: {page[:60]!r}")


def main() -> None:
    """Request pages and print the results."""
    port, seconds, count = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    stop_at = time.monotonic() + seconds
    taken: list[float] = []
    wrong: list[str] = []
    threads = [threading.Thread(target=_view, args=(port, stop_at, taken, wrong)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = {
        "pages_per_second": round(len(taken) / seconds, 1),
        "page_p50_ms": round(statistics.median(taken) * 1e3, 1),
    }
    sys.stdout.write(json.dumps(found | {"wrong": len(wrong), "first_wrong": next(iter(wrong), None)}))


if __name__ == "__main__":
    main()
