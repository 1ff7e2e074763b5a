"""Rows of bays: other types and other numbers, and what is in the way of them."""

import random

import pytest

from lots.drawn_rows import RowPlace, moved_along
from lots.models import Spot, Zone
from lots.services import (
    SpotExistsError,
    SpotInUseError,
    ZoneValues,
    add_places,
    hold_spot,
    number_zone,
    place_rows,
    retype_spots,
)
from tests.factories import make_lot, make_ticket
from tests.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def lot():
    """A level with a row of ten, A-1 to A-10, and one of four, B-1 to B-4."""
    lot = make_lot(levels=0)
    for prefix, count, left in (("A-", 10, 100), ("B-", 4, None)):
        values = ZoneValues(prefix[0], "regular", count, prefix=prefix, left=left, top=left, angle=30 if left else 0)
        add_places(lot=lot, level_number=0, values=values)
    return lot


def zones(lot):
    found = Zone.objects.filter(level__lot=lot).order_by("ordinal")
    return [(zone.name, zone.spot_type, zone.start, zone.count) for zone in found]


def is_described(lot):
    """Each zone names its spots, in their order, and they are of its type."""
    return all(
        [(spot.number, spot.spot_type) for spot in zone.spots.order_by("ordinal")]
        == [(f"{zone.prefix}{zone.start + zone.step * place}", zone.spot_type) for place in range(zone.count)]
        for zone in Zone.objects.filter(level__lot=lot)
    )


def test_spots_of_another_type_get_a_zone_of_their_own_and_join_again(lot):
    retype_spots(lot=lot, numbers=["A-4", "A-5"], spot_type="ev")
    assert zones(lot) == [
        ("A", "regular", 1, 3),
        ("Electric", "ev", 4, 2),
        ("A 2", "regular", 6, 5),
        ("B", "regular", 1, 4),
    ]
    assert is_described(lot)
    last = Zone.objects.get(name="A 2")
    assert last.place == moved_along(RowPlace(100, 100, 30), 5)
    assert {row.spot_type: row.free for row in lot.counts.all()} == {"regular": 12, "ev": 2}

    retype_spots(lot=lot, numbers=["A-5", "A-4"], spot_type="regular")
    assert zones(lot) == [("A", "regular", 1, 10), ("B", "regular", 1, 4)]
    assert is_described(lot)
    assert broken() == []


def test_whole_zone_of_another_type_is_named_after_it(lot):
    for _ in range(2):
        retype_spots(lot=lot, numbers=[f"B-{number}" for number in range(1, 5)], spot_type="handicap")
    assert zones(lot)[1] == ("Accessible", "handicap", 1, 4)


def test_any_changes_of_types_leave_each_spot_once_and_described(lot):
    draw = random.Random(7)
    numbers = sorted(lot.spots.values_list("number", flat=True))
    wanted = dict.fromkeys(numbers, "regular")
    for _ in range(25):
        some = draw.sample(numbers, draw.randrange(1, 6))
        spot_type = draw.choice(["regular", "ev", "compact"])
        retype_spots(lot=lot, numbers=some, spot_type=spot_type)
        wanted |= dict.fromkeys(some, spot_type)
        assert dict(lot.spots.values_list("number", "spot_type")) == wanted
        assert is_described(lot)
    assert broken() == []


def test_spot_with_a_car_or_a_hold_keeps_its_type_and_number(lot):
    ticket = make_ticket(lot)
    hold_spot(spot=lot.spots.get(number="A-2"), reservation_id=7)
    with pytest.raises(SpotInUseError) as refused:
        retype_spots(lot=lot, numbers=["A-1", "A-2", "A-3"], spot_type="ev")
    assert [one.message for one in refused.value.errors] == ["A-1: a car stands there.", "A-2: held for a booking."]
    with pytest.raises(SpotInUseError):
        number_zone(zone=ticket.spot.zone, prefix="A-", start=2, step=1)
    assert zones(lot) == [("A", "regular", 1, 10), ("B", "regular", 1, 4)]


def test_zone_is_numbered_again_also_by_numbers_of_its_own(lot):
    zone = Zone.objects.get(name="A")
    before = list(zone.spots.order_by("ordinal").values_list("pk", flat=True))
    for start, step in ((2, 1), (1, 2), (1, 2)):
        zone = number_zone(zone=zone, prefix="A-", start=start, step=step)
        numbers = [f"A-{start + step * place}" for place in range(10)]
        assert list(zone.spots.order_by("ordinal").values_list("pk", "number")) == list(
            zip(before, numbers, strict=True)
        )
    assert is_described(lot)
    with pytest.raises(SpotExistsError):
        number_zone(zone=zone, prefix="B-", start=4, step=1)
    assert Spot.objects.filter(zone=zone, number="A-1").exists()


def test_rows_are_placed_and_taken_off_the_plan(lot):
    a, b = Zone.objects.order_by("ordinal")
    assert place_rows(level=a.level, places={a.pk: None, b.pk: RowPlace(5, 70, 90)}) == 2
    assert place_rows(level=a.level, places={b.pk: RowPlace(5, 70, 90)}) == 0
    assert [zone.place for zone in Zone.objects.order_by("ordinal")] == [None, RowPlace(5, 70, 90)]
