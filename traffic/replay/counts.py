"""Turns counts of cars into arrivals and departures. Pure; all randomness comes from the generator."""

import heapq
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from traffic.replay.recording_rows import OccupancyCount, Row

BEFORE_FIRST = timedelta(hours=1)
"""The cars of the first count arrive within this period before it."""
REORDERED = timedelta(hours=36)
"""How far out of order a row may be in a recording that isn't sorted by time."""
UNORDERED_SHARE = 0.5
"""With a larger share of rows before their predecessor, a recording counts as unsorted, not as faulty."""
LEAVING_SOON = 8
"""The next car to leave is one of this many that have been inside longest."""

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, slots=True)
class Change:
    """How many more (or fewer) cars were inside at `until` than at `since`."""

    since: datetime
    until: datetime
    cars: int


def changes(counts: Iterable[OccupancyCount], skipped: Counter[str]) -> Iterator[Change]:
    """Yield the changes between valid counts; count skipped rows by reason."""
    last: datetime | None = None
    known: OccupancyCount | None = None
    for count in counts:
        problem = _problem(count, last)
        last = count.at if last is None else max(last, count.at)
        if problem is not None:
            skipped[problem] += 1
            continue
        before = known or OccupancyCount(count.at - BEFORE_FIRST, 0)
        if count.occupied != before.occupied:
            yield Change(before.at, count.at, count.occupied - before.occupied)
        known = count


def _problem(count: OccupancyCount, last: datetime | None) -> str | None:
    if last is not None and count.at == last:
        return "duplicate"
    if last is not None and count.at < last:
        return "out of order"
    if count.occupied < 0:
        return "negative"
    if count.capacity is not None and count.occupied > count.capacity:
        return "over capacity"
    return None


@dataclass(frozen=True, slots=True)
class Movement:
    """A car, by its number in the source, enters or leaves."""

    at: datetime
    car: int
    arrives: bool


def movements(changed: Iterable[Change], random: Random) -> Iterator[Movement]:
    """Yield arrivals and departures in order of time, spread over each change's interval.

    The oldest stays leave first, but not strictly: one of the LEAVING_SOON oldest.
    """
    inside: deque[int] = deque()
    arrived = 0
    for change in changed:
        for at in _spread(change, random):
            if change.cars > 0:
                inside.append(arrived)
                yield Movement(at, arrived, arrives=True)
                arrived += 1
            else:
                place = random.randrange(min(LEAVING_SOON, len(inside)))
                yield Movement(at, inside[place], arrives=False)
                del inside[place]


def _spread(change: Change, random: Random) -> list[datetime]:
    """Draw a moment after `since` and up to `until` for each car."""
    span = change.until - change.since
    return sorted(change.until - span * random.random() for _ in range(abs(change.cars)))


def in_order(rows: Iterable[R]) -> Iterator[R]:
    """Sort rows that are less than REORDERED out of order, holding only that window in memory."""
    held: list[tuple[datetime, int, R]] = []
    newest: datetime | None = None
    for number, row in enumerate(rows):
        newest = row.at if newest is None else max(newest, row.at)
        heapq.heappush(held, (row.at, number, row))
        while held[0][0] < newest - REORDERED:
            yield heapq.heappop(held)[2]
    while held:
        yield heapq.heappop(held)[2]


def is_unordered(rows: Iterable[Row]) -> bool:
    """Return whether a recording is written in another order than that of time."""
    total = backwards = 0
    before: datetime | None = None
    for row in rows:
        total += 1
        backwards += before is not None and row.at < before
        before = row.at
    return backwards > UNORDERED_SHARE * total
