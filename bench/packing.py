"""Measures how many of the booked hours that are asked for get a place, by how bookings are given their places.

Run as `python -m bench.packing [--requests N] [--spots 20 50 100]`; prints one JSON line. The ways: the first free
place, the rule alone, the rule with moves when nothing is free, and the count bound, the ceiling: it accepts whatever
doesn't make more bookings overlap than there are places. Each way gets the same months of requests, one by one. A case
has more months the fewer requests there are in one, since a single booking at an airport weighs much.
"""

import argparse
import json
import random
import time
from bisect import insort
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from operator import attrgetter
from statistics import fmean, median
from typing import Any, NamedTuple

from bench.box import machine
from reservations.placing import Busy, FreeStretch, Period, choose_place, free_stretches, make_room
from reservations.placing.busy import overlapping

FIRST = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
DAYS, SLOTS_PER_DAY = 30, 96
SLOT = TURNAROUND = timedelta(minutes=15)
HOLD = timedelta(minutes=30)
PINNED = 0.15
BY_TIME = attrgetter("start")
# How likely a city booking begins in each hour of a day, and how much so on each weekday.
HOURS = (1, 1, 1, 1, 1, 1, 10, 10, 33, 33, 33, 33, 27, 27, 27, 23, 23, 23, 23, 23, 8, 8, 8, 8)
WEEKDAYS = (5, 5, 5, 5, 5, 3, 3)


class Request(NamedTuple):
    """A period that somebody asks for; `chooses` draws the bay of those who choose one themselves, None takes any."""

    asked_at: datetime
    start: datetime
    end: datetime
    chooses: float | None

    @property
    def hours(self) -> float:
        return (self.end - self.start) / timedelta(hours=1)

    @property
    def period(self) -> Period:
        return Period(self.start, self.end + TURNAROUND)


def city(draw: random.Random) -> tuple[int, int, timedelta]:
    """Half an hour to three days, mostly two or three hours, by day, asked for a day and a half before."""
    weekdays = [WEEKDAYS[day % 7] for day in range(DAYS)]
    [day], [hour] = draw.choices(range(DAYS), weekdays), draw.choices(range(24), HOURS)
    length = min(3 * SLOTS_PER_DAY, max(2, round(4 * draw.lognormvariate(0.9, 0.8))))
    return day * SLOTS_PER_DAY + 4 * hour + draw.randrange(4), length, timedelta(hours=draw.expovariate(1 / 36))


def airport(draw: random.Random) -> tuple[int, int, timedelta]:
    """Two hours to thirty days, mostly some days, at any hour, asked for two weeks before."""
    length = min(DAYS * SLOTS_PER_DAY, max(8, round(SLOTS_PER_DAY * draw.lognormvariate(1.3, 0.7))))
    return draw.randrange(DAYS * SLOTS_PER_DAY), length, timedelta(days=draw.expovariate(1 / 15))


MIXES: dict[str, Callable[[random.Random], tuple[int, int, timedelta]]] = {"city": city, "airport": airport}


def requests(mix: str, spots: int, load: float, pinned: float, seed: int) -> list[Request]:
    """A month of requests in the order in which they are made; `load` is their hours by those of all places."""
    draw = random.Random(f"{mix} {spots} {load} {seed}")
    made: list[Request] = []
    hours = 0.0
    while hours < load * spots * DAYS * 24:
        first, length, ahead = MIXES[mix](draw)
        start = FIRST + first * SLOT
        chooses, bay = draw.random() < pinned, draw.random()
        made.append(Request(start - ahead, start, start + length * SLOT, bay if chooses else None))
        hours += made[-1].hours
    return sorted(made, key=attrgetter("asked_at", "start", "end"))


@dataclass
class Moves:
    """How many others moved for each booking that fits only then, and the CPU time of finding that, or nothing."""

    counts: list[int] = field(default_factory=list)
    found_ms: list[float] = field(default_factory=list)
    refused_ms: list[float] = field(default_factory=list)


@dataclass
class Garage:
    """The places of a lot with what is booked on them; bookings are numbered as they are asked for."""

    spots: int
    rows: dict[int, list[Busy[int]]] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = {place: [] for place in range(self.spots)}

    def book(self, one: Busy[int]) -> None:
        insort(self.rows[one.place], one, key=BY_TIME)

    def move(self, moves: dict[int, int]) -> None:
        moved = [one for row in self.rows.values() for one in row if one.movable in moves]
        for one in moved:
            self.rows[one.place].remove(one)
        for one in moved:
            self.book(one._replace(place=moves[one.movable or 0]))

    def occupied(self, at: datetime, period: Period | None) -> Iterator[Busy[int]]:
        """What occupies the places, as of an instant: what has begun by then, or is held, can't be moved any more."""
        for row in self.rows.values():
            first, after = overlapping(row, period) if period else (0, len(row))
            for one in row[first:after]:
                yield one._replace(movable=None) if one.start <= at + HOLD else one

    def check(self) -> None:
        for row in self.rows.values():
            assert all(one.end <= other.start for one, other in pairwise(row))


def first_free(stretches: list[FreeStretch[int]], _period: Period) -> int | None:
    return stretches[0].place if stretches else None


def accepted(asked: list[Request], spots: int, choose: Callable[..., int | None], moves: Moves | None = None) -> float:
    """The hours that get a place; those who choose a bay take any that is free, and leave when none is."""
    garage, hours = Garage(spots), 0.0
    for number, request in enumerate(asked):
        free = free_stretches(garage.rows, request.period)
        if request.chooses is None:
            place = choose(free, request.period)
        else:
            place = free[int(request.chooses * len(free))].place if free else None
        if place is None and request.chooses is None and moves is not None:
            place = moved(garage, request, moves)
        if place is not None:
            garage.book(Busy(place, *request.period, number if request.chooses is None else None))
            hours += request.hours
    garage.check()
    return hours


def moved(garage: Garage, request: Request, moves: Moves) -> int | None:
    """Make room for a request; what finding it takes is timed, not what a database would load."""
    loading = 0.0

    def occupied(period: Period | None) -> list[Busy[int]]:
        nonlocal loading
        began = time.process_time()
        found = list(garage.occupied(request.asked_at, period))
        loading += time.process_time() - began
        return found

    began = time.process_time()
    placing = make_room(range(garage.spots), occupied, request.period)
    took = 1000 * (time.process_time() - began - loading)
    if placing is None:
        moves.refused_ms.append(took)
        return None
    moves.found_ms.append(took)
    moves.counts.append(len(placing.moves))
    garage.move(placing.moves)
    return placing.place


def accepted_by_count(asked: list[Request], spots: int) -> float:
    """The hours that are accepted while fewer than the places overlap, counted in quarters of an hour."""
    taken, hours = [0] * (SLOTS_PER_DAY * (2 * DAYS + 1)), 0.0
    for request in asked:
        first, after = (request.start - FIRST) // SLOT, (request.period.end - FIRST) // SLOT
        if max(taken[first:after]) < spots:
            taken[first:after] = [one + 1 for one in taken[first:after]]
            hours += request.hours
    return hours


def measured(mix: str, spots: int, load: float, pinned: float, least: int) -> dict[str, Any]:
    """The accepted share of the hours asked for, in per cent: the mean of as many months as have `least` requests."""
    moves = Moves()
    shares: dict[str, list[float]] = {"first_free": [], "rule": [], "with_moves": [], "bound": []}
    months = requests_made = 0
    while requests_made < least:
        asked = requests(mix, spots, load, pinned, seed=months)
        months, requests_made = months + 1, requests_made + len(asked)
        percent = sum(request.hours for request in asked) / 100
        shares["first_free"].append(accepted(asked, spots, first_free) / percent)
        shares["rule"].append(accepted(asked, spots, choose_place) / percent)
        shares["with_moves"].append(accepted(asked, spots, choose_place, moves) / percent)
        shares["bound"].append(accepted_by_count(asked, spots) / percent)
    means = {way: round(fmean(found), 2) for way, found in shares.items()}
    needed = {"booked_by_moves": len(moves.counts), "moved_each": round(fmean(moves.counts), 1)}
    times = {
        "p50_ms": round(median(moves.found_ms), 1),
        "p99_ms": round(quantile_99(moves.found_ms), 1),
        "refused_p99_ms": round(quantile_99(moves.refused_ms), 1),
    }
    return {"mix": mix, "spots": spots, "load": load, "pinned": pinned, "months": months, **means, **needed, **times}


def quantile_99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * len(values))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5_000, help="at least so many for each case, in whole months")
    parser.add_argument("--spots", type=int, nargs="+", default=[20, 50, 100])
    given = parser.parse_args()
    about = machine()
    cases = [
        measured(mix, spots, load, pinned, given.requests)
        for mix, spots, load, pinned in product(MIXES, given.spots, (0.95, 1.2), (0, PINNED))
    ]
    free, some_pinned = ([case for case in cases if bool(case["pinned"]) is pins] for pins in (False, True))
    found = {
        "ratio": round(min(case["with_moves"] / case["bound"] for case in cases), 4),
        "most_below_bound": round(max(case["bound"] - case["with_moves"] for case in free), 2),
        "least_above_rule_pinned": round(min(case["with_moves"] - case["rule"] for case in some_pinned), 2),
        "cases": cases,
    }
    print(json.dumps({"bench": "packing", **found, **about}))


if __name__ == "__main__":
    main()
