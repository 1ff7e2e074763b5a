"""What the cache saves on a busy day: boards, programs of navigation and drivers who search, while cars come and go."""

import csv
import random
import time
from collections import Counter, defaultdict
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client

from common import two_level_cache
from common.two_level_cache import KINDS, drop_kept
from lots.models import SpotCount
from tests.factories import make_lot, make_operator
from tests.recordings import recording

pytestmark = pytest.mark.django_db(transaction=True)
BOARD_EVERY, FEED_EVERY, FEED_READERS = 5, 10, 15
"""Seconds between a board's looks, and a program's; how many programs there are."""
HIT_RATE = 0.87


class Day:
    """Some lots, and who looks at them how often; half of the drivers who come search, all look at a lot."""

    def __init__(self, monkeypatch, sizes: list[int]) -> None:
        operator = make_operator()
        places = ((47 + number / 100, 8 + number / 100) for number in range(len(sizes)))
        self.lots = [
            make_lot(operator, spots={"regular": size}, tracking="levels", latitude=north, longitude=east)
            for size, (north, east) in zip(sizes, places, strict=True)
        ]
        self.client, self.now, self.statements = Client(), time.time(), 0
        monkeypatch.setattr(two_level_cache, "_clock", lambda: self.now)

    def looks(self, seconds: int, arrivals: list[int], rng: random.Random) -> list[tuple[float, str]]:
        """Return what is asked when, in that order; `arrivals` are those of each lot in that time."""
        asked = [
            (second + place % BOARD_EVERY, f"/board/{lot.slug}/")
            for place, lot in enumerate(self.lots)
            for second in range(0, seconds, BOARD_EVERY)
        ]
        asked += [
            (second + reader * FEED_EVERY / FEED_READERS, "/feeds/lots.geojson")
            for reader in range(FEED_READERS)
            for second in range(0, seconds, FEED_EVERY)
        ]
        for lot, cars in zip(self.lots, arrivals, strict=True):
            for car in range(cars):
                came = rng.uniform(0, seconds)
                asked.append((came, f"/lots/{lot.slug}/"))
                asked += [(came, "/")] if car % 2 else []
        return sorted(asked)

    def live(self, looks: list[tuple[float, str]]) -> tuple[int, float, Counter]:
        """Answer all of it; return the statements, the seconds of the processor, and the look-ups by outcome."""
        began, self.statements = self.now, 0
        counts: Counter = Counter()
        for kind in KINDS:
            kind.forget_near()
            kind._counts = dict.fromkeys(kind._counts, 0)
            kind._counted_at = float("inf")
        worked = time.process_time()
        with connection.execute_wrapper(self._count):
            for second, path in looks:
                self.now = began + second
                assert self.client.get(path).status_code == 200
                if path.startswith("/lots/"):
                    SpotCount.objects.filter(lot__slug=path.split("/")[2]).update(free=self.statements % 7)
                    self.statements -= 1
        for kind in KINDS:
            counts.update({f"{kind.name} {outcome}": number for outcome, number in kind._counts.items()})
        return self.statements, time.process_time() - worked, counts

    def _count(self, execute, *statement):
        self.statements += 1
        return execute(*statement)


def compare(day: Day, looks: list[tuple[float, str]], settings) -> tuple[float, float]:
    """Return the share of look-ups that was found, and of the statements that was left; say all of it."""
    for path in sorted({path for _, path in looks}):
        # What is imported and compiled once is no part of either.
        day.client.get(path)
    drop_kept()
    statements, worked, counts = day.live(looks)
    settings.CACHE_SECONDS = settings.FEED_SECONDS = 0
    before, worked_before, nothing = day.live(looks)
    assert not sum(nothing.values())
    found = sum(number for name, number in counts.items() if not name.endswith("loaded")) / sum(counts.values())
    said = f"{len(looks)} pages and feeds, {found:.1%} of {sum(counts.values())} look-ups found"
    said += f"; {statements} instead of {before} statements ({statements / before:.2f})"
    print(f"\n{said}; processor {worked / worked_before:.2f}; {dict(counts)}")  # noqa: T201
    return found, statements / before


def test_busy_minutes_find_most_in_the_cache_and_need_half_the_statements(monkeypatch, settings):
    day = Day(monkeypatch, [40, 120, 30, 400])
    looks = day.looks(240, [4, 8, 3, 12], random.Random(7))
    found, left = compare(day, looks, settings)
    assert found >= HIT_RATE
    assert left < 0.6


@pytest.mark.proof
@pytest.mark.realdata
def test_busiest_half_hours_of_birmingham(monkeypatch, settings):
    sizes, counts = {}, defaultdict(dict)
    with recording("occupancy_birmingham_2016.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            sizes[row["lot"]] = int(row["capacity"])
            at = datetime.fromisoformat(row["at"])
            counts[at.date()][row["lot"], at.hour * 2 + at.minute // 30] = int(row["occupied"])
    # The day on which most cars came, and its two busiest half hours.
    coming = {
        day: {
            half: {lot: max(0, of_day.get((lot, half), 0) - of_day.get((lot, half - 1), 10**6)) for lot in sizes}
            for half in range(17, 34)
        }
        for day, of_day in counts.items()
    }
    busiest = max(coming, key=lambda day: sum(sum(half.values()) for half in coming[day].values()))
    halves = sorted(coming[busiest].values(), key=lambda half: sum(half.values()))[-2:]
    day, rng = Day(monkeypatch, list(sizes.values())), random.Random(7)
    first, second = (day.looks(1800, [half[lot] for lot in sizes], rng) for half in halves)
    print(f"\n{busiest}: {sum(sum(half.values()) for half in halves)} cars, {len(sizes)} lots")  # noqa: T201
    found, left = compare(day, first + [(1800 + at, path) for at, path in second], settings)
    assert found >= HIT_RATE
    assert left < 0.6
