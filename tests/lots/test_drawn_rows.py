"""Rows of bays on a plan."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lots.drawn_rows import BAY_DEPTH, BAY_WIDTH, RowPlace, corners, moved_along, runs

PLACES = st.builds(RowPlace, st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 359))


def test_row_goes_on_in_its_direction():
    assert moved_along(RowPlace(10, 20, 0), 4) == RowPlace(10 + 4 * BAY_WIDTH, 20, 0)
    assert moved_along(RowPlace(10, 20, 90), 4) == RowPlace(10, 20 + 4 * BAY_WIDTH, 90)


def test_corners_hold_the_whole_row():
    assert corners(RowPlace(0, 0, 0), 2) == [
        (0, 0),
        (2 * BAY_WIDTH, 0),
        (2 * BAY_WIDTH, BAY_DEPTH),
        (0, BAY_DEPTH),
    ]


@given(PLACES, st.integers(0, 100), st.integers(0, 100))
def test_a_row_moved_twice_is_one_moved_once(place, first, second):
    at_once, in_steps = moved_along(place, first + second), moved_along(moved_along(place, first), second)
    assert all(abs(one - other) <= 1 for one, other in zip(at_once, in_steps, strict=True))


@given(st.integers(1, 60), st.sets(st.integers(0, 59)))
def test_runs_hold_each_bay_once_and_tell_the_chosen_ones(count, chosen):
    found = runs(count, chosen)
    bays = [(place, run.chosen) for run in found for place in range(run.first, run.first + run.bays)]
    assert bays == [(place, place in chosen) for place in range(count)]
    assert all(one.chosen != other.chosen for one, other in pairwise(found))
