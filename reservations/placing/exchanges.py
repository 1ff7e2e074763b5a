"""What two places can exchange, so that one of them becomes free for longer."""

from collections.abc import Sequence

from reservations.placing.busy import Busy, P


def smallest_exchange(
    row: Sequence[Busy[P]], first: int, theirs: Sequence[Busy[P]], index: int
) -> tuple[slice, slice] | None:
    """Return what the places give each other so that the booking `row[first]` moves; None when some of that stays.

    `index` is where the other place's row goes on after an instant at which it is free (`index_if_free`). All that
    overlaps of the two rows, directly or through others, is exchanged, so both parts fit where the others have been.
    """
    if row[first].movable is None:
        return None
    start, end = row[first].start, row[first].end
    since, until, their_since, their_until = first, first + 1, index, index
    while True:
        if until < len(row) and row[until].start < end:
            one = row[until]
            until += 1
        elif their_until < len(theirs) and theirs[their_until].start < end:
            one = theirs[their_until]
            their_until += 1
        elif since and row[since - 1].end > start:
            since -= 1
            one = row[since]
        elif their_since and theirs[their_since - 1].end > start:
            their_since -= 1
            one = theirs[their_since]
        else:
            return slice(since, until), slice(their_since, their_until)
        if one.movable is None:
            return None
        start, end = min(start, one.start), max(end, one.end)
