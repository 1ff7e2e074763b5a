"""Places of bookings: the rules of choosing one and of making room, against slow and obvious definitions."""

from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise, permutations
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reservations.placing import (
    Busy,
    FreeStretch,
    Period,
    choose_place,
    clearing,
    free_stretches,
    make_room,
    most_at_once,
    rows_by_place,
)
from reservations.placing.busy import index_if_free
from reservations.placing.exchanges import smallest_exchange

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
def lots(draw, movable: st.SearchStrategy[bool]) -> tuple[str, list[Busy[str]]]:
    """Up to six places over two days, and bookings on them that don't overlap."""
    places = "ABCDEF"[: draw(st.integers(1, 6))]
    drawn = st.tuples(st.sampled_from(places), st.integers(0, 200), st.integers(1, 40), movable)
    bookings: list[Busy[str]] = []
    count = draw(st.integers(0, 80))
    for number, (place, start, length, moves) in enumerate(draw(st.lists(drawn, min_size=count, max_size=count))):
        one = busy(place, start, start + length, number if moves else None)
        if not any(other.place == place and overlap(one, other) for other in bookings):
            bookings.append(one)
    return places, bookings


PERIODS = st.builds(lambda start, length: wanted(start, start + length), st.integers(0, 200), st.integers(1, 60))
SOME_STAY, ALL_MOVE = lots(st.sampled_from([True, True, True, False])), lots(st.just(True))

KEEPING_THE_WAY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


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


def test_what_overlaps_on_a_place_becomes_one_that_stays():
    bookings = [busy("A", 2, 6, 1), busy("A", 0, 9), busy("A", 8, 10, 2), busy("A", 10, 12, 3)]
    assert rows_by_place("A", bookings) == {"A": [busy("A", 0, 10), busy("A", 10, 12, 3)]}


def test_place_that_is_not_given_out_any_more_does_not_count():
    bookings = [busy("A", 0, 4, 1), busy("X", 0, 9, 2)]
    assert rows_by_place("AB", bookings) == {"A": [busy("A", 0, 4, 1)], "B": []}
    assert make_room("AB", in_memory(bookings), wanted(2, 3), asked="A") == ("A", {1: "B"})


def test_room_is_made_by_one_move():
    bookings = [busy("A", 0, 4, 1), busy("B", 6, 10, 2)]
    assert make_room("AB", in_memory(bookings), wanted(4, 9)) == ("A", {}), "A is free as it stands"
    assert make_room("AB", in_memory(bookings), wanted(2, 8)) == ("A", {1: "B"})
    assert make_room("AB", in_memory(bookings), wanted(2, 8), asked="B") == ("B", {2: "A"})


def test_room_is_made_by_places_that_exchange_bookings():
    bookings = [busy("A", 2, 6, 1), busy("B", 0, 2), busy("B", 5, 9, 2)]
    assert make_room("AB", in_memory(bookings), wanted(0, 4)) == ("A", {1: "B", 2: "A"})


def test_no_room_is_made_beyond_the_count():
    bookings = [busy("A", 0, 4, 1), busy("B", 3, 8, 2)]
    assert make_room("AB", in_memory(bookings), wanted(2, 5)) is None
    assert make_room("AB", in_memory(bookings), wanted(3, 4)) is None
    assert make_room("A", in_memory([]), wanted(0, 1), asked="A") == ("A", {})


def test_what_stays_keeps_its_place_even_when_room_is_refused_for_it():
    bookings = [busy("A", 0, 4), busy("B", 6, 10, 2)]
    assert make_room("AB", in_memory(bookings), wanted(2, 8)) == ("B", {2: "A"})
    assert make_room("AB", in_memory(bookings), wanted(2, 8), asked="A") is None
    assert make_room("AB", in_memory([busy("A", 0, 4), busy("B", 6, 10)]), wanted(2, 8)) is None


def test_place_that_closes_is_cleared_of_all_its_bookings():
    bookings = [busy("A", 0, 4, 1), busy("A", 5, 8, 2), busy("B", 4, 5, 3)]
    assert make_room("ABC", in_memory(bookings), wanted(0, 9), asked="A").moves.keys() == {1, 2}


def test_counted_places_are_named_by_level_and_number():
    places = [(0, 1), (0, 2), (-1, 1)]
    bookings = [Busy((0, 1), at(0), at(4), 7), Busy((0, 2), at(6), at(9)), Busy((-1, 1), at(1), at(3))]
    assert make_room(places, in_memory(bookings), wanted(3, 7)) == ((-1, 1), {})
    assert make_room(places, in_memory(bookings), wanted(2, 7)) == ((0, 1), {7: (0, 2)})


def test_only_what_is_near_is_loaded_unless_more_is_needed():
    bookings = [busy("A", 0, 4, 1), busy("B", 6, 10, 2)]
    loaded = []

    def occupied(period):
        loaded.append(period)
        return in_memory(bookings)(period)

    assert make_room("AB", occupied, wanted(2, 8)) is not None
    assert loaded == [wanted(2 - 96, 8 + 96)]
    bookings = [busy("A", -200, 4, 1), busy("B", 6, 200, 2)]
    assert make_room("AB", occupied, wanted(2, 8)) is not None
    assert loaded[1:] == [wanted(2 - 96, 8 + 96), None]
    bookings = [busy("A", 0, 4, 1), busy("B", 3, 200, 2)]
    assert make_room("AB", occupied, wanted(2, 8)) is None
    assert loaded[3:] == [wanted(2 - 96, 8 + 96)], "what is sold out is refused by what is near"


@pytest.fixture(params=["searching", "straight on"])
def _both_ways(request, monkeypatch):
    """Find room by the search, and without it as if it had been given up."""
    if request.param == "straight on":
        monkeypatch.setattr(clearing, "_TRIES", 0)


@pytest.mark.usefixtures("_both_ways")
@KEEPING_THE_WAY
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


@pytest.mark.usefixtures("_both_ways")
@KEEPING_THE_WAY
@given(ALL_MOVE, PERIODS, st.data())
def test_room_is_found_whenever_all_may_be_moved_and_the_count_allows(lot, period, data):
    places, bookings = lot
    asked = data.draw(st.none() | st.sampled_from(places))
    found = make_room(places, in_memory(bookings), period, asked=asked)
    assert (found is not None) == (most_at_once(bookings, period) < len(places))


@given(ALL_MOVE, st.integers(0, 240))
def test_exchanged_bookings_fit_where_the_others_have_been(lot, instant):
    rows = rows_by_place(*lot)
    for row, theirs in permutations(rows.values(), 2):
        index = index_if_free(theirs, at(instant))
        for first, one in enumerate(row):
            if index is None or not one.start <= at(instant) < one.end:
                continue
            given_away, taken = smallest_exchange(row, first, theirs, index)
            for after in (
                [*row[: given_away.start], *theirs[taken], *row[given_away.stop :]],
                [*theirs[: taken.start], *row[given_away], *theirs[taken.stop :]],
            ):
                assert all(earlier.end <= later.start for earlier, later in pairwise(after))


@given(SOME_STAY, PERIODS)
def test_one_move_is_enough_where_one_is(lot, period):
    places, bookings = lot
    clashes = {place: [one for one in bookings if one.place == place and overlap(one, period)] for place in places}

    def fits(one: Busy[str], place: str) -> bool:
        return not any(other.place == place and overlap(one, other) for other in bookings)

    free = any(not found for found in clashes.values())
    one_moves = any(
        len(found) == 1 and found[0].movable is not None and any(fits(found[0], place) for place in places)
        for found in clashes.values()
    )
    if free or one_moves:
        assert len(make_room(places, in_memory(bookings), period).moves) == (0 if free else 1)


@given(SOME_STAY, PERIODS, st.randoms(use_true_random=False))
def test_order_of_bookings_does_not_matter(lot, period, random):
    places, bookings = lot
    found = make_room(places, in_memory(bookings), period)
    shuffled = random.sample(bookings, len(bookings))
    assert make_room(places, in_memory(shuffled), period) == found
    rows, other_rows = rows_by_place(places, bookings), rows_by_place(places, shuffled)
    assert choose_place(free_stretches(rows, period), period) == choose_place(
        free_stretches(other_rows, period), period
    )


def test_work_is_bounded_in_a_full_lot_where_much_stays(monkeypatch):
    draw = Random(3)
    bookings = []
    for place in range(100):
        quarter = draw.randrange(20)
        while quarter < 30 * 96:
            length = draw.randint(2, 40)
            bookings.append(
                Busy(place, at(quarter), at(quarter + length), None if draw.random() < 0.4 else len(bookings))
            )
            quarter += length + draw.choice([0, 0, 1, 8])
    exchanges = []
    exchanged = clearing._Search._exchanged
    monkeypatch.setattr(clearing._Search, "_exchanged", lambda *args: exchanges.append(1) or exchanged(*args))
    for start in range(200, 2600, 100):
        exchanges.clear()
        period = wanted(start, start + 60)
        in_it = sum(overlap(one, period) for one in bookings)
        make_room(range(100), in_memory(bookings), period)
        assert len(exchanges) <= 2 * (clearing._TRIES + clearing._LAST_TRIES * in_it)
