"""What occupies the places of a lot, and how much of it at once."""

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

P = TypeVar("P", bound=Hashable)
"""What names a place: a spot's id, or level and number of a counted place."""

_START = attrgetter("start")


class Period(NamedTuple):
    """A period [start, end) in UTC; the end includes the turnaround."""

    start: datetime
    end: datetime


class Busy(NamedTuple, Generic[P]):
    """A period [start, end) in UTC, with turnaround, during which a place is occupied.

    `movable` is the id of a booking that may be moved to another place; None for all that stays.
    """

    place: P
    start: datetime
    end: datetime
    movable: int | None = None


Rows = Mapping[P, Sequence[Busy[P]]]
"""What occupies each place, in the lot's order of places and by time."""


def rows_by_place(places: Iterable[P], busy: Iterable[Busy[P]]) -> dict[P, list[Busy[P]]]:
    """Return what occupies each of the places; what overlaps on a place becomes one that stays.

    What is on other places, which are not given out any more, is left out.
    """
    rows: dict[P, list[Busy[P]]] = {place: [] for place in places}
    for one in sorted(busy, key=_START):
        row = rows.get(one.place)
        if row is None:
            continue
        if row and one.start < row[-1].end:
            row[-1] = Busy(one.place, row[-1].start, max(row[-1].end, one.end))
        else:
            row.append(one)
    return rows


def overlapping(row: Sequence[Busy[P]], period: Period) -> tuple[int, int]:
    """Return from where to where (half-open) a place's row overlaps a period."""
    first = after = bisect_left(row, period.end, key=_START)
    while first and row[first - 1].end > period.start:
        first -= 1
    return first, after


def index_if_free(row: Sequence[Busy[P]], at: datetime) -> int | None:
    """Return where a place's row goes on after an instant at which it is free; None when it is not."""
    index = bisect_left(row, at, key=_START)
    free = (index == len(row) or row[index].start > at) and (not index or row[index - 1].end <= at)
    return index if free else None


def most_at_once(busy: Iterable[Period | Busy[P]], within: Period) -> int:
    """Return how many overlap at the instant of a period at which most do."""
    changes = []
    for one in busy:
        if one.start < within.end and within.start < one.end:
            changes += [(max(one.start, within.start), 1), (one.end, -1)]
    most = count = 0
    for _instant, change in sorted(changes):  # at one instant, ends come before starts
        count += change
        most = max(most, count)
    return most
