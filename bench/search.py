"""Measures the search for lots among many: the nearest 20 with price and places over a period.

Run as `python -m bench.search [--lots N] [--bookings B] [--searches S]`; prints one JSON line. The ceiling is a bare
query for the nearest 20 from the same positions: in the database, and over HTTP by the same web server
(`bench/nearest.py`). `times` says how many times as long a search takes, by medians.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bench.box import HOST, machine, running, running_servers
from bench.cars import Connection
from bench.site import RULES

CITIES = 300
SOUTH, WEST, DEGREES = 45.5, 6.0, 6.0
IN_A_CITY = 0.04  # degrees
PLACES = 40
RADIUS_M = 5_000
ROUNDS = 5
HOUR = timedelta(hours=1)

_LOTS = """
INSERT INTO lots_lot (operator_id, slug, name, address, postal_code, city, latitude, longitude, timezone, currency,
    holidays, opening_hours, amenities, booking_share_percent, tracking, allocation, is_closed, published,
    low_confidence, confidence_threshold, dedupe_seconds, passing_seconds, oldest_record_days, plates_by_region,
    cash_rounding, early_minutes, protect_minutes, reentry_minutes, hold_minutes, turnaround_minutes, no_show_minutes,
    cancel_minutes, early_grace_minutes, late_grace_minutes, created_at)
SELECT %(operator)s, 'lot-' || n, 'Lot ' || n, 'Street ' || n, 1000 + city, 'City ' || city,
    %(south)s + %(degrees)s * abs(hashint4(city) %% 10007) / 10007.0 + %(city)s * (random() + random() - 1),
    %(west)s + %(degrees)s * abs(hashint4(-city) %% 10009) / 10009.0 + %(city)s * (random() + random() - 1),
    'Europe/Zurich', 'CHF', '{"country": "CH"}', '{"mon-sun": "05:00-24:00"}', '["lift"]', '{}', 'levels',
    'nearest_entrance', false, true, 'ticket', 0.6, 30, 10, 30, false, 1, 30, 180, 30, 30, 15, 15, 60, 10, 10, now()
FROM (SELECT n, n %% %(cities)s AS city FROM generate_series(1, %(lots)s) n) AS numbered
"""
_LEVELS = "INSERT INTO lots_level (lot_id, number, name) SELECT id, 0, 'Ground' FROM lots_lot"
_ZONES = """
INSERT INTO lots_zone (level_id, name, spot_type, prefix, start, count, ordinal)
SELECT id, 'A', 'regular', '', 1, %(places)s, 0 FROM lots_level
"""
_TARIFFS = """
INSERT INTO billing_tariff (lot_id, name, valid_from, rules, revision, created_at)
SELECT id, 'Day', '2020-01-01', %(rules)s::jsonb, 1, now() FROM lots_lot
"""
# On each lot so many bookings of four hours around the period, each on a place of its own.
_BOOKINGS = """
INSERT INTO reservations_reservation (code, token, lot_id, email, phone, plate, plate_normalised, plate_skeleton,
    vehicle_type, spot_type, asked_for, level_id, place, starts_at, ends_at, during, status, tariff_id, multiplier,
    price_amount, prepay, cancel_minutes, cancel_free_until, late_cancel_percent, no_show_minutes, no_show_percent,
    early_grace_minutes, late_grace_minutes, fee_amount, at_exit_amount, fingerprint, sequence, created_at)
SELECT 'B' || tariff.id || '-' || n, 'b' || tariff.id || '-' || n, level.lot_id, '', '', 'X', 'X', 'X', 'regular',
    'regular', false, level.id, n, since, since + interval '4 hours',
    tstzrange(since, since + interval '255 minutes'), 'confirmed', tariff.id, 1, 600, 'none', 60, since, 50, 15, 100,
    10, 10, 0, 0, '', 0, now()
FROM lots_level level JOIN billing_tariff tariff ON tariff.lot_id = level.lot_id
CROSS JOIN generate_series(1, %(bookings)s) n
CROSS JOIN LATERAL (SELECT %(start)s - interval '6 hours' * random() + interval '2 hours' * n AS since) AS at
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=100_000)
    parser.add_argument("--bookings", type=int, default=2, help="on each lot, around the period")
    parser.add_argument("--searches", type=int, default=200, help="in each round")
    options = parser.parse_args()
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + 26 * HOUR
    with running_servers() as folder:
        began = time.monotonic()
        _make_lots(options.lots, options.bookings, start)
        filled = round(time.monotonic() - began)
        positions = _positions(options.searches)
        database = _database(positions, start)
        with running(folder, "web") as (port, _web), running(folder, "web", "bench.nearest") as (bare_port, _bare):
            http = _http(port, bare_port, positions, start)
    found = {"lots": options.lots, "bookings": options.lots * options.bookings, "filled_s": filled}
    print(json.dumps({"bench": "search", **machine(), **found, **database, **http}))


def _make_lots(lots: int, bookings: int, start: datetime) -> None:
    from django.db import connection

    from accounts.models import Operator

    operator = Operator.objects.create(slug="bench", name="Bench", currency="CHF")
    given = {"operator": operator.pk, "lots": lots, "cities": CITIES, "south": SOUTH, "west": WEST, "degrees": DEGREES}
    with connection.cursor() as cursor:
        cursor.execute(_LOTS, given | {"city": IN_A_CITY})
        cursor.execute(_LEVELS)
        cursor.execute(_ZONES, {"places": PLACES})
        cursor.execute(_TARIFFS, {"rules": json.dumps(RULES)})
        cursor.execute(_BOOKINGS, {"bookings": bookings, "start": start})
        cursor.execute("VACUUM ANALYZE")


def _positions(number: int) -> list[tuple[float, float]]:
    """Return where people search from: beside a lot."""
    from lots.models import Lot

    drawn = random.Random(7)
    lots = list(Lot.objects.order_by("?")[:number].values_list("latitude", "longitude"))
    return [(round(north + drawn.gauss(0, 0.005), 5), round(east + drawn.gauss(0, 0.005), 5)) for north, east in lots]


def _database(positions: Sequence[tuple[float, float]], start: datetime) -> dict[str, Any]:
    """Time the statements of searches and the bare query in turns, with their round trips."""
    from django.db import connection

    from bench.nearest import LIMIT, NEAREST
    from lots.lot_search import LotSearch
    from lots.positions import Position
    from reservations.booked_time import BookedTime
    from reservations.lot_offers import Wanted, find

    period, taken = BookedTime(start, start + 2 * HOUR), [0.0, 0]

    def timed(execute: Callable[..., Any], *given: Any) -> Any:
        began = time.perf_counter()
        result = execute(*given)
        taken[0] += time.perf_counter() - began
        taken[1] += 1
        return result

    times: dict[str, list[float]] = {"bare": [], "search": [], "all": []}
    statements = set()
    for _ in range(ROUNDS):
        for latitude, longitude in positions:
            with connection.cursor() as cursor:
                began = time.perf_counter()
                cursor.execute(NEAREST, {"lat": latitude, "lng": longitude})
                times["bare"].append(time.perf_counter() - began)
            wanted = Wanted(
                lots=LotSearch(near=Position(latitude, longitude), radius_m=RADIUS_M), time_in=lambda _zone: period
            )
            taken[:] = [0.0, 0]
            began = time.perf_counter()
            with connection.execute_wrapper(timed):
                found = find(wanted, first=0, limit=LIMIT, at=datetime.now(UTC))
            times["all"].append(time.perf_counter() - began)
            times["search"].append(taken[0])
            statements.add(taken[1])
            assert all(offer.price and offer.left for offer in found.lots)
    medians = {name: statistics.median(each) for name, each in times.items()}
    return {
        "database_bare_ms": round(1000 * medians["bare"], 2),
        "database_ms": round(1000 * medians["search"], 2),
        "database_times": round(medians["search"] / medians["bare"], 2),
        "with_python_ms": round(1000 * medians["all"], 2),
        "statements": max(statements),
    }


def _http(port: int, bare_port: int, positions: Sequence[tuple[float, float]], start: datetime) -> dict[str, Any]:
    """Request searches from the API and the page, and the bare query, in turns on one connection each."""
    from bench.nearest import LIMIT

    period = {"from": start.isoformat(), "to": (start + 2 * HOUR).isoformat(), "page_size": LIMIT}

    def asked(path: str, latitude: float, longitude: float, **more: Any) -> str:
        query = urlencode({"lat": latitude, "lng": longitude} | more)
        return f"GET {path}?{query} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"

    ways: dict[str, tuple[Connection, Callable[[float, float], str]]] = {
        "bare": (Connection(bare_port), lambda *at: asked("/", *at)),
        "api": (Connection(port), lambda *at: asked("/api/v1/lots", *at, **period, radius_m=RADIUS_M)),
        "api_everywhere": (Connection(port), lambda *at: asked("/api/v1/lots", *at, **period)),
        "page": (Connection(port), lambda *at: asked("/", *at)),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(ROUNDS + 1):
        for position in positions:
            for name, (connection, request) in ways.items():
                seconds, answer = connection.ask(request(*position))
                if b" 200 " not in answer[:20]:
                    raise RuntimeError(answer[:300])
                if turn:  # the first round warms up
                    times[name].append(seconds)
    medians = {name: statistics.median(each) for name, each in times.items()}
    return {
        **{f"http_{name}_ms": round(1000 * taken, 2) for name, taken in medians.items()},
        "http_times": round(medians["api"] / medians["bare"], 2),
    }


if __name__ == "__main__":
    main()
