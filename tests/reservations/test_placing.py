"""Places of bookings: the rules of choosing one and of making room, against slow and obvious definitions."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from reservations.placing import (
    Busy,
    FreeStretch,
    Period,
    choose_place,
    free_stretches,
    make_room,
    most_at_once,
    rows_by_place,
)

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def at(quarters: int) -> datetime:
    return MIDNIGHT + quarters * QUARTER


def wanted(start: int, end: int) -> Period:
    return Period(at(start), at(end))


def busy(place: str, start: int, end: int, movable: int | None = None) -> Busy[str]:
    return Busy(place, at(start), at(end), movable)


def overlap(one: Period | Busy[str], other: Period | Busy[str]) -> bool:
    return one.start < other.end and other.start < one.end


def in_memory(bookings: list[Busy[str]]):
    """Loads as the database would: what overlaps a period, or all."""
    return lambda period: [one for one in bookings if period is None or overlap(one, period)]


@st.composite
def lots(draw, movable: st.SearchStrategy[bool], longest: int = 40) -> tuple[str, list[Busy[str]]]:
    """Up to six places over ten days, and bookings on them that don't overlap."""
    places = "ABCDEF"[: draw(st.integers(1, 6))]
    drawn = st.tuples(st.sampled_from(places), st.integers(0, 200), st.integers(1, longest), movable)
    bookings: list[Busy[str]] = []
    for number, (place, start, length, moves) in enumerate(draw(st.lists(drawn, max_size=60))):
        one = busy(place, start, start + length, number if moves else None)
        if not any(other.place == place and overlap(one, other) for other in bookings):
            bookings.append(one)
    return places, bookings


PERIODS = st.builds(lambda start, length: wanted(start, start + length), st.integers(0, 200), st.integers(1, 60))
SOME_STAY, ALL_MOVE = lots(st.booleans()), lots(st.just(True))


def places_after(bookings: list[Busy[str]], period: Period, placing) -> list[Busy[str]]:
    """The lot with the moves carried out and the wanted booking in its place."""
    moved = [one._replace(place=placing.moves.get(one.movable, one.place)) for one in bookings]
    return [*moved, Busy(placing.place, *period)]


def test_place_that_fits_exactly_comes_first_and_an_empty_one_last():
    bookings = [busy("B", 0, 4), busy("C", 0, 3), busy("C", 9, 12), busy("D", 0, 4), busy("D", 8, 12), busy("E", 8, 9)]
    order = []
    places = "ABCDEF"
    while places:
        rows = rows_by_place(places, [one for one in bookings if one.place in places])
        order.append(choose_place(free_stretches(rows, wanted(4, 8)), wanted(4, 8)))
        places = places.replace(order[-1], "")
    # D fits exactly; B and E touch on one side; C leaves an hour in all; A and F are empty.
    assert "".join(order) == "DBECAF"


def test_no_place_is_chosen_when_none_is_free():
    assert free_stretches(rows_by_place("A", [busy("A", 0, 4)]), wanted(3, 5)) == []
    assert choose_place([], wanted(3, 5)) is None


def test_booking_may_start_when_another_ends():
    rows = rows_by_place("A", [busy("A", 0, 4), busy("A", 8, 9)])
    assert free_stretches(rows, wanted(4, 8)) == [FreeStretch("A", at(4), at(8))]


@given(SOME_STAY, PERIODS)
def test_chosen_place_has_the_smallest_smaller_gap_then_the_smallest_sum(lot, period):
    places, bookings = lot

    def gaps(place: str) -> tuple[float, float]:
        ends = [one.end for one in bookings if one.place == place and one.end <= period.start]
        starts = [one.start for one in bookings if one.place == place and one.start >= period.end]
        before = (period.start - max(ends)).total_seconds() if ends else float("inf")
        after = (min(starts) - period.end).total_seconds() if starts else float("inf")
        return min(before, after), before + after

    free = [p for p in places if not any(one.place == p and overlap(one, period) for one in bookings)]
    best = min(free, key=lambda place: (*gaps(place), places.index(place)), default=None)
    assert choose_place(free_stretches(rows_by_place(places, bookings), period), period) == best


@given(SOME_STAY, PERIODS)
def test_most_at_once_is_the_highest_count_of_any_instant(lot, period):
    _places, bookings = lot
    inside = [period.start, *(one.start for one in bookings if period.start <= one.start < period.end)]
    counts = [sum(one.start <= instant < one.end for one in bookings) for instant in inside]
    assert most_at_once(bookings, period) == max(counts)


@given(SOME_STAY, PERIODS, st.data())
def test_room_is_never_made_by_an_overlap_or_by_moving_what_stays(lot, period, data):
    places, bookings = lot
    asked = data.draw(st.none() | st.sampled_from(places))
    placing = make_room(places, in_memory(bookings), period, asked=asked)
    if placing is None:
        return
    assert asked in {None, placing.place}
    assert placing.moves.keys() <= {one.movable for one in bookings} - {None}
    home = {one.movable: one.place for one in bookings}
    assert all(home[number] != place for number, place in placing.moves.items())
    for one, other in combinations(places_after(bookings, period, placing), 2):
        assert one.place != other.place or not overlap(one, other), (one, other)


@given(ALL_MOVE, PERIODS, st.data())
def test_room_is_found_whenever_all_may_be_moved_and_the_count_allows(lot, period, data):
    places, bookings = lot
    asked = data.draw(st.none() | st.sampled_from(places))
    found = make_room(places, in_memory(bookings), period, asked=asked)
    assert (found is not None) == (most_at_once(bookings, period) < len(places))
