"""Choose the place whose free time a booking breaks up least."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Generic, NamedTuple

from reservations.placing.busy import P, Period, Rows, overlapping

_UNBOUNDED = timedelta.max


class FreeStretch(NamedTuple, Generic[P]):
    """A place that is free from the end of one booking to the start of the next; None where there is none."""

    place: P
    since: datetime | None
    until: datetime | None


def choose_place(stretches: Iterable[FreeStretch[P]], wanted: Period) -> P | None:
    """Choose among the places that are free around a period, given in the lot's order; None when there are none.

    The smaller of a place's two gaps decides, then their sum, then the order. A gap with no booking beyond it is
    longer than any other: a place that fits exactly comes first, an empty one last.
    """
    best = min(stretches, key=lambda stretch: _gaps(stretch, wanted), default=None)
    return None if best is None else best.place


def free_stretches(rows: Rows[P], wanted: Period) -> list[FreeStretch[P]]:
    """Return the places with nothing in a period, each as far as it is free around it, in the lot's order."""
    found = []
    for place, row in rows.items():
        first, after = overlapping(row, wanted)
        if first == after:
            since = row[first - 1].end if first else None
            found.append(FreeStretch(place, since, row[after].start if after < len(row) else None))
    return found


def _gaps(stretch: FreeStretch[P], wanted: Period) -> tuple[timedelta, timedelta]:
    before = None if stretch.since is None else wanted.start - stretch.since
    after = None if stretch.until is None else stretch.until - wanted.end
    gaps = [gap for gap in (before, after) if gap is not None]
    return min(gaps, default=_UNBOUNDED), before + after if before is not None and after is not None else _UNBOUNDED
