"""Writes to places: each happy path, each refusal, each done twice."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction

from common.db.name_locks import NoTransactionError
from lots.models import Lot, Spot
from lots.services import (
    CapacityInUseError,
    InvalidLotError,
    LevelExistsError,
    PlacesInUseError,
    SlugTakenError,
    SpotExistsError,
    SpotNotFreeError,
    TooManySpotsError,
    TrackingFixedError,
    UnknownSpotError,
    ZoneExistsError,
    ZoneValues,
    add_level,
    add_zone,
    change_level,
    change_zone,
    close_lot,
    create_lot,
    hold_spot,
    lock_lot,
    release_hold,
    remove_level,
    remove_zone,
    reopen_lot,
    set_maintenance,
    update_lot,
)
from tests.factories import make_lot, make_operator, make_ticket

AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)
NEWCOMER = {"slug": "central", "name": "Central", "city": "Zürich", "timezone": "Europe/Zurich", "currency": "CHF"}

pytestmark = pytest.mark.django_db


def counted(lot):
    return [(row.total, row.occupied, row.free) for row in lot.counts.filter(total__gt=0)]


@pytest.mark.django_db(transaction=True)
def test_lock_outside_a_transaction_is_refused():
    with pytest.raises(NoTransactionError):
        lock_lot(1)


@pytest.mark.django_db(transaction=True)
def test_lock_makes_a_second_writer_wait():
    order, locked, done = [], threading.Event(), threading.Event()

    def second_writer():
        locked.wait(5)
        with transaction.atomic():
            lock_lot(1)
            order.append("second")
        connection.close()
        done.set()

    writer = threading.Thread(target=second_writer)
    writer.start()
    with transaction.atomic():
        lock_lot(1)
        locked.set()
        assert not done.wait(0.2)
        order.append("first")
    writer.join(5)
    assert order == ["first", "second"]


def test_lot_is_made_from_the_few_things_a_newcomer_knows():
    lot = create_lot(operator=make_operator(), values=NEWCOMER, at=AT)
    lot.refresh_from_db()
    assert (lot.name, lot.tracking, lot.dedupe_seconds, lot.created_at) == ("Central", "spots", 30, AT)


def test_lot_with_a_taken_slug_is_refused():
    create_lot(operator=make_operator(), values=NEWCOMER, at=AT)
    with pytest.raises(SlugTakenError):
        create_lot(operator=make_operator(), values=NEWCOMER, at=AT)


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"timezone": "Europe/Zuerich"}, "timezone"),
        ({"currency": "chf"}, "currency"),
        ({"holidays": {"country": "XX"}}, "holidays.country"),
        ({"holidays": {"country": "CH", "subdivision": "XX"}}, "holidays.subdivision"),
        ({"holidays": {"extra": ["2026-02-30"]}}, "holidays.extra[0]"),
        ({"opening_hours": {"mon": "25:00-26:00"}}, "opening_hours.mon"),
        ({"amenities": ["lift", ""]}, "amenities[1]"),
        ({"slug": "not a slug"}, "slug"),
        ({"name": ""}, "name"),
        ({"confidence_threshold": 1.5}, "confidence_threshold"),
        ({"latitude": 91.0}, "latitude"),
        ({"longitude": -181.0}, "longitude"),
        ({"lane_fee_limit": -1}, "lane_fee_limit"),
    ],
)
def test_wrong_setting_is_refused_by_name(values, path):
    with pytest.raises(InvalidLotError) as caught:
        create_lot(operator=make_operator(), values=NEWCOMER | values, at=AT)
    assert [error.path for error in caught.value.errors] == [path]
    assert not Lot.objects.exists()


def test_update_changes_what_is_named_and_twice_is_as_once(django_assert_num_queries):
    lot = make_lot(name="Old")
    update_lot(lot=lot, values={"name": "New", "hold_minutes": 45})
    again = update_lot(lot=lot, values={"name": "New", "hold_minutes": 45})
    assert (again.name, again.hold_minutes, again.slug) == ("New", 45, lot.slug)


def test_update_to_a_taken_slug_is_refused():
    other, lot = make_lot(), make_lot()
    with pytest.raises(SlugTakenError):
        update_lot(lot=lot, values={"slug": other.slug})


def test_tracking_is_fixed_once_there_are_places():
    with pytest.raises(TrackingFixedError):
        update_lot(lot=make_lot(), values={"tracking": "levels"})
    assert update_lot(lot=make_lot(spots={}), values={"tracking": "levels"}).tracking == "levels"


def test_lot_closes_and_reopens_each_as_often_as_asked():
    lot = make_lot()
    assert [close_lot(lot=lot).is_closed, close_lot(lot=lot).is_closed] == [True, True]
    assert [reopen_lot(lot=lot).is_closed, reopen_lot(lot=lot).is_closed] == [False, False]


def test_level_is_made_changed_and_named_after_its_number():
    lot = make_lot(spots={}, levels=0)
    ground, first = add_level(lot=lot, number=0), add_level(lot=lot, number=1, name="Blue")
    assert (ground.name, first.name) == ("Ground", "Blue")
    assert change_level(level=first, number=2, name="").name == "Level 2"
    assert change_level(level=first, number=2, name="Red").name == "Red"


def test_level_number_is_unique_in_its_lot():
    lot = make_lot(levels=2)
    with pytest.raises(LevelExistsError):
        add_level(lot=lot, number=1)
    with pytest.raises(LevelExistsError):
        change_level(level=lot.levels.get(number=0), number=1, name="")
    assert add_level(lot=make_lot(), number=1).number == 1


@pytest.mark.parametrize("tracking", ["spots", "levels"])
def test_unused_level_is_removed_with_its_places(tracking):
    lot = make_lot(levels=2, tracking=tracking)
    remove_level(level=lot.levels.get(number=1))
    assert counted(lot) == [(5, 0, 5)]


def test_level_with_a_stay_is_kept_whole():
    lot = make_lot()
    make_ticket(lot)
    with pytest.raises(PlacesInUseError):
        remove_level(level=lot.levels.get())
    assert counted(lot) == [(5, 1, 4)]


def test_zone_makes_named_spots_after_those_there_are():
    lot = make_lot(spots={"regular": 2})
    zone = add_zone(level=lot.levels.get(), values=ZoneValues("East", "ev", 3, prefix="E-", start=10))
    assert list(zone.spots.values_list("number", "ordinal", "spot_type")) == [
        ("E-10", 2, "ev"),
        ("E-11", 3, "ev"),
        ("E-12", 4, "ev"),
    ]
    assert counted(lot) == [(3, 0, 3), (2, 0, 2)]


def test_zone_of_a_counting_lot_is_a_capacity():
    lot = make_lot(spots={}, tracking="levels")
    zone = add_zone(level=lot.levels.get(), values=ZoneValues("All", "regular", 60))
    assert counted(lot) == [(60, 0, 60)]
    change_zone(zone=zone, values=ZoneValues("All", "regular", 40))
    assert counted(lot) == [(40, 0, 40)]


def test_zone_with_a_taken_name_or_spot_is_refused():
    lot = make_lot(spots={"regular": 2})
    level = lot.levels.get()
    with pytest.raises(ZoneExistsError):
        add_zone(level=level, values=ZoneValues("regular-0", "ev", 1, prefix="E-"))
    with pytest.raises(SpotExistsError, match="R0-2"):
        add_zone(level=level, values=ZoneValues("New", "ev", 5, prefix="R0-", start=2))
    assert counted(lot) == [(2, 0, 2)]


def test_zone_beyond_the_limit_is_refused_before_any_spot_is_made():
    lot = make_lot(spots={"regular": 1})
    with pytest.raises(TooManySpotsError):
        add_zone(level=lot.levels.get(), values=ZoneValues("Huge", "ev", 100_000, prefix="H-"))


def test_capacity_below_the_cars_inside_is_refused():
    lot = make_lot(spots={"regular": 3}, tracking="levels")
    make_ticket(lot, "ZH 1")
    make_ticket(lot, "ZH 2")
    zone = lot.levels.get().zones.get()
    with pytest.raises(CapacityInUseError):
        change_zone(zone=zone, values=ZoneValues(zone.name, "regular", 1))
    with pytest.raises(CapacityInUseError):
        remove_zone(zone=zone)
    assert counted(lot) == [(3, 2, 1)]


def test_capacity_grows_and_shrinks_to_the_cars_inside():
    lot = make_lot(spots={"regular": 3}, tracking="levels")
    make_ticket(lot, "ZH 1")
    make_ticket(lot, "ZH 2")
    zone = lot.levels.get().zones.get()
    for count in (50, 2):
        change_zone(zone=zone, values=ZoneValues(zone.name, "regular", count))
        assert counted(lot) == [(count, 2, count - 2)]


def test_zone_name_and_distances_change_but_not_its_spots():
    lot = make_lot(spots={"regular": 2})
    zone = lot.levels.get().zones.get()
    change_zone(zone=zone, values=ZoneValues("West", "ev", 99, distance=12))
    zone.refresh_from_db()
    assert (zone.name, zone.distance, zone.spot_type, zone.count) == ("West", 12, "regular", 2)


def test_unused_zone_is_removed_and_a_used_one_is_kept():
    lot = make_lot(spots={"regular": 2, "ev": 2})
    make_ticket(lot)
    remove_zone(zone=lot.levels.get().zones.get(spot_type="ev"))
    with pytest.raises(PlacesInUseError):
        remove_zone(zone=lot.levels.get().zones.get(spot_type="regular"))
    assert counted(lot) == [(2, 1, 1)]


def test_spots_go_out_of_use_and_back():
    lot = make_lot()
    for _ in range(2):
        spots = set_maintenance(lot=lot, numbers=["R0-1", "R0-2"], on=True, note="Lamp")
        assert {(spot.status, spot.maintenance_note) for spot in spots} == {("maintenance", "Lamp")}
    assert counted(lot) == [(5, 0, 3)]
    spots = set_maintenance(lot=lot, numbers=["R0-1", "R0-2"], on=False)
    assert {(spot.status, spot.maintenance_note) for spot in spots} == {("available", "")}
    assert counted(lot) == [(5, 0, 5)]


def test_car_on_a_spot_that_goes_out_of_use_stays():
    lot = make_lot()
    ticket = make_ticket(lot)
    (spot,) = set_maintenance(lot=lot, numbers=[ticket.spot.number], on=True)
    assert (spot.status, spot.stay) == ("maintenance", ticket.pk)
    (spot,) = set_maintenance(lot=lot, numbers=[ticket.spot.number], on=False)
    assert spot.status == "occupied"


def test_unknown_spot_is_refused_and_the_others_stay_as_they_are():
    lot = make_lot()
    with pytest.raises(UnknownSpotError, match="X-9"):
        set_maintenance(lot=lot, numbers=["R0-1", "X-9"], on=True)
    assert not lot.spots.filter(maintenance=True).exists()


def test_spot_is_held_and_let_go_each_once():
    lot = make_lot()
    spot = lot.spots.first()
    for _ in range(2):
        hold_spot(spot=spot, reservation_id=7)
    assert Spot.objects.get(pk=spot.pk).status == "reserved"
    for _ in range(2):
        release_hold(spot=spot, reservation_id=7)
    assert Spot.objects.get(pk=spot.pk).status == "available"


def test_hold_of_another_is_neither_taken_nor_released():
    spot = make_lot().spots.first()
    hold_spot(spot=spot, reservation_id=7)
    with pytest.raises(SpotNotFreeError):
        hold_spot(spot=spot, reservation_id=8)
    release_hold(spot=spot, reservation_id=8)
    assert Spot.objects.get(pk=spot.pk).hold == 7


def test_taken_or_closed_spot_can_not_be_held():
    lot = make_lot()
    ticket = make_ticket(lot)
    (closed,) = set_maintenance(lot=lot, numbers=["R0-5"], on=True)
    for spot in (ticket.spot, closed):
        with pytest.raises(SpotNotFreeError):
            hold_spot(spot=spot, reservation_id=7)
