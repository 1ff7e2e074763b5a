"""Measures quotes per second for typical stays; the ceiling is converting each stay's two times to local time.

Run as `python -m bench.pricing [--seconds N]`; prints one JSON line.
"""

import argparse
import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from billing.pricing import parse_rules, price_stay

ZONE = ZoneInfo("Europe/Zurich")
TARIFF = {
    "grace_minutes": 10,
    "tax_percent": "8.1",
    "plans": [
        {
            "max_price": 2500,
            "bands": [
                {"from": "07:00", "to": "19:00", "price": 200, "increment_minutes": 30},
                {"from": "19:00", "to": "07:00", "price": 100, "increment_minutes": 60},
            ],
            "caps": [{"from": "19:00", "to": "07:00", "price": 800}],
        },
        {"priority": 1, "days": ["sat", "sun", "holiday"], "steps": [{"up_to_minutes": 1440, "price": 500}]},
    ],
    "block_caps": [{"periods": 7, "price": 12000}],
}


def made_stays(count: int) -> list[tuple[datetime, datetime]]:
    draw = random.Random(7)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    entries = [first + timedelta(seconds=draw.randrange(365 * 86400)) for _ in range(count)]
    return [(entry, entry + timedelta(seconds=int(draw.expovariate(1 / 10800)))) for entry in entries]


def rate(work: Callable[[datetime, datetime], object], stays: list[tuple[datetime, datetime]], seconds: float) -> float:
    done, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        for entry, exit_ in stays:
            work(entry, exit_)
        done += len(stays)
    return done / elapsed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=2.0)
    seconds = parser.parse_args().seconds
    rules, stays = parse_rules(TARIFF), made_stays(2000)

    def quote(entry: datetime, exit_: datetime) -> object:
        return price_stay(rules, entry=entry, exit=exit_, spot_type="regular", timezone=ZONE)

    def clock(entry: datetime, exit_: datetime) -> object:
        return exit_ - entry, entry.astimezone(ZONE).isoformat(), exit_.astimezone(ZONE).isoformat()

    rate(quote, stays[:200], 0)
    quotes, ceiling = rate(quote, stays, seconds), rate(clock, stays, seconds)
    found = {
        "quotes_per_second": round(quotes),
        "ceiling_per_second": round(ceiling),
        "ratio": round(quotes / ceiling, 4),
    }
    print(json.dumps({"bench": "pricing", **found}))


if __name__ == "__main__":
    main()
