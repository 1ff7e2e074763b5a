"""What is free and what is near."""

import datetime as dt

import pytest

from lots.availability import availability
from lots.boards import Count
from lots.models import Lot, SpotCount
from lots.queries import counts_by_type, spots_on
from tests.factories import make_lot, make_operator, make_ticket

AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db


def test_availability_counts_each_state_by_level_and_type(django_assert_num_queries):
    lot = make_lot(spots={"regular": 3, "ev": 1}, levels=2)
    make_ticket(lot)
    lot.spots.filter(spot_type="ev", level__number=1).update(maintenance=True)
    lot.spots.filter(spot_type="regular", level__number=1, ordinal=4).update(hold=7)
    with django_assert_num_queries(1):
        found = availability(lot, at=AT)
    assert found == {
        "lot": lot.slug,
        "as_of": AT,
        "total": 8,
        "free": 5,
        "occupied": 1,
        "reserved": 1,
        "maintenance": 1,
        "by_level": {
            "0": {"total": 4, "free": 3, "occupied": 1, "reserved": 0, "maintenance": 0},
            "1": {"total": 4, "free": 2, "occupied": 0, "reserved": 1, "maintenance": 1},
        },
        "by_type": {
            "ev": {"total": 2, "free": 1, "occupied": 0, "reserved": 0, "maintenance": 1},
            "regular": {"total": 6, "free": 4, "occupied": 1, "reserved": 1, "maintenance": 0},
        },
    }


def test_availability_of_a_lot_without_places_is_all_zero():
    found = availability(make_lot(spots={}), at=AT)
    assert (found["total"], found["free"], found["by_level"], found["by_type"]) == (0, 0, {}, {})


def test_availability_of_a_lot_that_only_counts_cars():
    lot = make_lot(spots={"regular": 3}, tracking="levels")
    make_ticket(lot)
    found = availability(lot, at=AT)
    assert (found["total"], found["free"], found["occupied"]) == (3, 2, 1)


def test_counts_by_type_ask_once_for_many_lots(django_assert_num_queries):
    one, many = make_lot(spots={"regular": 2}), [make_lot(spots={"regular": 1, "ev": 3}, levels=2) for _ in range(3)]
    make_ticket(one)
    with django_assert_num_queries(1):
        found = counts_by_type([one, *many])
    assert found[one.pk] == {"regular": Count(total=2, free=1, occupied=1)}
    assert found[many[0].pk] == {"ev": Count(total=6, free=6), "regular": Count(total=2, free=2)}


def test_spots_of_a_level_are_in_order_with_their_zone(django_assert_num_queries):
    lot = make_lot(make_operator(), spots={"regular": 12, "ev": 1})
    level = lot.levels.get()
    with django_assert_num_queries(1):
        spots = spots_on(level)
        assert {spot.zone.name for spot in spots} == {"regular-0", "ev-0"}
    assert [spot.ordinal for spot in spots] == list(range(13))


def test_counters_equal_a_recount_after_every_kind_of_change():
    lot = make_lot(spots={"regular": 4})
    make_ticket(lot)
    lot.spots.filter(stay=None).first().delete()
    count = SpotCount.objects.get(lot=lot)
    assert (count.total, count.occupied, count.free) == (3, 1, 2)
    assert Lot.objects.get(pk=lot.pk).spots.available().count() == count.free
