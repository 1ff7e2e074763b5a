"""Make room for a booking that no place has free, by moving others to other places."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import chain
from typing import Generic, NamedTuple

from reservations.placing.busy import Busy, P, Period, Rows, most_at_once, rows_by_place
from reservations.placing.clearing import clear_a_place

Occupied = Callable[[Period | None], Iterable[Busy[P]]]
"""Loads what occupies a lot's places at some instant of a period, or at all (None)."""

_DAY = timedelta(days=1)
_LENGTHS_AROUND = 3


class Placing(NamedTuple, Generic[P]):
    """The place of the wanted booking, and the new place of each booking that has to move for it, by id."""

    place: P
    moves: dict[int, P]


def make_room(
    places: Sequence[P], occupied: Occupied[P], wanted: Period, *, asked: P | None = None
) -> Placing[P] | None:
    """Find a place for a booking that fits nowhere, moving few others; None when there is no room or none was found.

    `places` are in the lot's order; with `asked` no other will do. There is no room unless fewer bookings than places
    overlap at every instant of the period. If so and all may be moved, room is found; if some stay, the search is
    bounded. It looks at what is near, and at everything when that is not enough.
    """
    near = _surroundings(wanted)
    rows = rows_by_place(places, _staying_beyond(near, occupied(near)))
    if most_at_once(chain.from_iterable(rows.values()), wanted) >= len(rows):
        return None
    fitting = places if asked is None else [asked]
    cleared = clear_a_place(rows, fitting, wanted)
    if cleared is None:
        cleared = clear_a_place(rows_by_place(places, occupied(None)), fitting, wanted)
    return None if cleared is None else Placing(cleared.place, _moves(cleared.changed))


def _moves(rows: Rows[P]) -> dict[int, P]:
    return {
        one.movable: place
        for place, row in rows.items()
        for one in row
        if one.place != place and one.movable is not None
    }


def _surroundings(wanted: Period) -> Period:
    around = max(_DAY, _LENGTHS_AROUND * (wanted.end - wanted.start))
    return Period(wanted.start - around, wanted.end + around)


def _staying_beyond(known: Period, busy: Iterable[Busy[P]]) -> Iterable[Busy[P]]:
    """Let nothing move that reaches beyond what is known, where other places may be occupied."""
    for one in busy:
        beyond = one.start < known.start or one.end > known.end
        yield one._replace(movable=None) if beyond else one
