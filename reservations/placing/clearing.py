"""Clear a place for a period with few moves, by exchanging bookings between places."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush, nsmallest
from itertools import count
from typing import Generic, NamedTuple

from reservations.placing.busy import Busy, P, Period, Rows, index_if_free, overlapping
from reservations.placing.exchanges import smallest_exchange

_TRIES = 60
_LAST_TRIES = 20


class Clearing(NamedTuple, Generic[P]):
    """A place from which bookings move away: the rows `changed` so far, how many `moved`, how many are `in_the_way`.

    The order is that in which they are tried: `expected` is how many will have moved in the end, at least.
    """

    expected: int
    in_the_way: int
    number: int
    moved: int
    place: P
    changed: dict[P, Sequence[Busy[P]]]


def clear_a_place(rows: Rows[P], places: Iterable[P], wanted: Period) -> Clearing[P] | None:
    """Clear one of some places for a period, of which fewer than all are occupied at every instant.

    A best-first search over exchanges, then straight on from what came nearest; None when the bounded search finds
    nothing. Each exchange delays the first clash with the period, because some other place is free at its instant. So
    going straight on always succeeds when everything may be moved.
    """
    return _Search(rows, wanted).best(places)


class _Search(Generic[P]):
    """The search for one wanted period; `_free_at` remembers which places are free at an instant, and where."""

    def __init__(self, rows: Rows[P], wanted: Period) -> None:
        self._rows, self._wanted = rows, wanted
        self._numbers = count()
        self._free_at: dict[datetime, dict[P, int]] = {}

    def best(self, places: Iterable[P]) -> Clearing[P] | None:
        waiting = [start for place in places if (start := self._start(place)) is not None]
        heapify(waiting)
        for _try in range(_TRIES):
            if not waiting:
                return None
            nearest = heappop(waiting)
            if not nearest.in_the_way:
                return nearest
            for further in self._exchanged(nearest):
                heappush(waiting, further)
        last = nsmallest(_LAST_TRIES, waiting, key=lambda clearing: (clearing.in_the_way, clearing))
        ends = [end for clearing in last if (end := self._straight_on(clearing)) is not None]
        return min(ends, key=lambda end: (end.moved, end.number), default=None)

    def _start(self, place: P) -> Clearing[P] | None:
        row = self._rows[place]
        first, after = overlapping(row, self._wanted)
        if any(one.movable is None for one in row[first:after]):
            return None
        return self._clearing(place, {}, 0, after - first)

    def _straight_on(self, clearing: Clearing[P] | None) -> Clearing[P] | None:
        while clearing is not None and clearing.in_the_way:
            clearing = min(self._exchanged(clearing), default=None)
        return clearing

    def _exchanged(self, clearing: Clearing[P]) -> Iterator[Clearing[P]]:
        """Exchange the first booking in the way with each place that is free when the clash with it begins."""
        place, changed = clearing.place, clearing.changed
        row = changed.get(place, self._rows[place])
        first, after = overlapping(row, self._wanted)
        clash_at = max(row[first].start, self._wanted.start)
        for other, theirs, index in self._free_places(clash_at, changed):
            exchange = smallest_exchange(row, first, theirs, index)
            if exchange is None:
                continue
            given, taken = exchange
            moved, in_the_way = clearing.moved, max(0, after - given.stop)
            for one in row[given]:
                moved += (one.place == place) - (one.place == other)
            for one in theirs[taken]:
                moved += (one.place == other) - (one.place == place)
                in_the_way += one.start < self._wanted.end and self._wanted.start < one.end
            new_row = [*row[: given.start], *theirs[taken], *row[given.stop :]]
            new_theirs = [*theirs[: taken.start], *row[given], *theirs[taken.stop :]]
            yield self._clearing(place, {**changed, place: new_row, other: new_theirs}, moved, in_the_way)

    def _free_places(
        self, at: datetime, changed: dict[P, Sequence[Busy[P]]]
    ) -> Iterator[tuple[P, Sequence[Busy[P]], int]]:
        """Return the places that are free at an instant, with their rows and where these go on after it."""
        unchanged = self._free_at.get(at)
        if unchanged is None:
            unchanged = self._free_at[at] = _free_at(self._rows, at)
        yield from ((place, self._rows[place], index) for place, index in unchanged.items() if place not in changed)
        yield from ((place, changed[place], index) for place, index in _free_at(changed, at).items())

    def _clearing(self, place: P, changed: dict[P, Sequence[Busy[P]]], moved: int, in_the_way: int) -> Clearing[P]:
        return Clearing(moved + in_the_way, in_the_way, next(self._numbers), moved, place, changed)


def _free_at(rows: Rows[P], at: datetime) -> dict[P, int]:
    return {place: index for place, row in rows.items() if (index := index_if_free(row, at)) is not None}
