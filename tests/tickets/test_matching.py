from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.plates import confusable, skeleton
from tickets.matching import MatchKind, edit_distance_within_one, match, match_holders

PLATES = st.text("ZH10OI8B", min_size=1, max_size=6)


class CarInside(NamedTuple):
    ticket_id: int
    plate: str | None
    region: str | None = None


def cars(*plates: str | None) -> list[CarInside]:
    return [CarInside(ticket_id, plate) for ticket_id, plate in enumerate(plates, 1)]


def full_distance(one: str, other: str) -> int:
    """The textbook weighted edit distance with swapped neighbours, in tenths."""
    table = [[10 * column for column in range(len(other) + 1)]]
    for line, left in enumerate(one):
        row = [table[-1][0] + 10]
        for column, right in enumerate(other):
            change = 0 if left == right else 4 if confusable(left, right) else 10
            row.append(min(table[-1][column] + change, table[-1][column + 1] + 10, row[column] + 10))
            if line and column and left == other[column - 1] and one[line - 1] == right and left != right:
                row[-1] = min(row[-1], table[line - 1][column - 1] + 8)
        table.append(row)
    return table[-1][-1]


@given(PLATES, PLATES)
def test_short_distance_agrees_with_the_textbook(one, other):
    whole = full_distance(one, other)
    assert edit_distance_within_one(one, other) == (whole if whole <= 10 else None)


@pytest.mark.parametrize(
    ("plate", "candidates", "inside", "kind", "ticket_id"),
    [
        ("ZH1", (), ["ZHI", "ZH1"], MatchKind.EXACT, 2),
        ("ZHI", ("ZH2",), ["ZH1", "ZH2"], MatchKind.CANDIDATE, 2),
        ("ZHI", ("ZH3",), ["ZH1", "ZH2"], MatchKind.SKELETON, 1),
        (None, ("ZH2",), ["ZH1", "ZH2"], MatchKind.CANDIDATE, 2),
        ("ZH0", (), ["ZHO", None], MatchKind.SKELETON, 1),
    ],
)
def test_first_level_with_one_car_is_the_match(plate, candidates, inside, kind, ticket_id):
    found = match(plate=plate, candidates=candidates, cars=cars(*inside))
    assert (found.kind, found.car.ticket_id, found.suggestions) == (kind, ticket_id, ())


@pytest.mark.parametrize(
    ("plate", "candidates", "inside", "suggested"),
    [
        ("ZH9", ("ZH1", "ZH2"), ["ZH1", "ZH2", "ZHI"], [1, 2]),
        ("ZH1", (), ["ZHI", "ZHL", "ZH2"], [1, 2]),
        ("AB12", (), ["AB13", "AB1", "AB123", "CD12"], [1, 2, 3]),
        ("AB1234", (), ["AB1243", "AB12", "AB123456", "AB1"], [1, 2, 3]),  # swapped, cut off
    ],
)
def test_several_or_only_near_cars_are_left_to_a_person(plate, candidates, inside, suggested):
    found = match(plate=plate, candidates=candidates, cars=cars(*inside))
    assert (found.kind, found.car) == (MatchKind.AMBIGUOUS, None)
    assert [car.ticket_id for car in found.suggestions] == suggested


def test_far_cars_and_cars_without_plates_are_no_match():
    assert match(plate="AB12", cars=cars("AC13", None)).kind is MatchKind.NONE
    assert match(plate=None, cars=cars(None, "AB12")).kind is MatchKind.NONE


def test_suggestions_are_few():
    many = cars(*(f"AB{number}" for number in "0123456789CDEFGH"))
    assert len(match(plate="AB", cars=many).suggestions) == 10


@given(st.none() | PLATES, st.lists(PLATES, max_size=2), st.lists(st.none() | PLATES, max_size=6))
def test_match_is_never_a_guess(plate, candidates, inside):
    found = match(plate=plate, candidates=candidates, cars=cars(*inside))
    if found.car is None:
        return
    rivals = [car for car in cars(*inside) if car != found.car and car.plate is not None]
    assert all(rival.plate != plate for rival in rivals)
    if found.kind is MatchKind.SKELETON:
        assert all(skeleton(rival.plate) != skeleton(plate) for rival in rivals)


def test_bookings_of_one_plate_belong_together():
    assert [one.ticket_id for one in match_holders("ZH1", cars("ZH1", "ZHI", "ZH1"))] == [1, 3]
    assert [one.ticket_id for one in match_holders("ZH1", cars("ZHI", "ZHI"))] == [1, 2]
    assert match_holders("ZH1", cars("ZHI", "ZHL")) == ()
    assert match_holders(None, cars(None, "ZH1")) == ()
