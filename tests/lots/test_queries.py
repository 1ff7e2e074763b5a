"""What is free and what is near."""

import datetime as dt

import pytest

from lots.availability import availability
from lots.models import Lot, SpotCount
from lots.queries import Position, find_lots, free_by_type, spots_on
from tests.factories import make_lot, make_operator, make_ticket

AT = dt.datetime(2026, 3, 2, 8, 15, tzinfo=dt.UTC)
ZURICH_STATION = Position(47.3779, 8.5403)

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


def test_free_by_type_asks_once_for_many_lots(django_assert_num_queries):
    one, many = make_lot(spots={"regular": 2}), [make_lot(spots={"regular": 1, "ev": 3}) for _ in range(3)]
    make_ticket(one)
    with django_assert_num_queries(1):
        found = free_by_type([one, *many])
    assert found[one.pk] == {"regular": 1}
    assert found[many[0].pk] == {"ev": 3, "regular": 1}


def test_nearest_lot_comes_first_with_its_distance(django_assert_num_queries):
    bern = make_lot(latitude=46.9480, longitude=7.4474)
    zurich = make_lot(latitude=47.3769, longitude=8.5417)
    nowhere = make_lot(latitude=None, longitude=None)
    with django_assert_num_queries(1):
        found = list(find_lots(near=ZURICH_STATION))
    assert found == [zurich, bern, nowhere]
    assert found[0].distance_m == pytest.approx(153, abs=2)
    assert found[1].distance_m == pytest.approx(95_300, abs=500)
    assert found[2].distance_m is None


def test_radius_leaves_out_what_is_farther():
    make_lot(latitude=46.9480, longitude=7.4474)
    make_lot(latitude=None, longitude=None)
    zurich = make_lot(latitude=47.3769, longitude=8.5417)
    assert list(find_lots(near=ZURICH_STATION, radius_m=1000)) == [zurich]


@pytest.mark.parametrize(("latitude", "longitude"), [(90, 0), (-90, 180), (-47.3779, -171.4597)])
def test_poles_and_the_other_side_of_the_earth_have_a_distance(latitude, longitude):
    make_lot(latitude=latitude, longitude=longitude)
    assert 0 < find_lots(near=ZURICH_STATION).get().distance_m <= 20_037_600


def test_words_search_name_and_address():
    central = make_lot(name="Central Garage", city="Zürich", postal_code="8001")
    make_lot(name="Airport P2", city="Kloten")
    for words in ("central", "zür gar", "8001", "GARAGE"):
        assert list(find_lots(query=words)) == [central]
    assert not find_lots(query="central kloten")
    assert find_lots(query="").count() == 2


@pytest.mark.parametrize(
    "words",
    ["zurich", "Zürich", "ZUERICH", "Zu\u0308rich", "zuri", "lowenstrasse", "Löwenstr", "loewenstraße", "LÖWENSTRASSE"],
)
@pytest.mark.parametrize(
    ("city", "address"), [("Zürich", "Löwenstrasse 1"), ("Zuerich", "Loewenstraße 1"), ("ZÜRICH", "LÖWENSTRASSE 1")]
)
def test_words_find_a_lot_in_any_spelling_of_its_umlauts(words, city, address):
    lot = make_lot(city=city, address=address)
    make_lot(city="Zug", address="Lindenstrasse 1")
    assert list(find_lots(query=words)) == [lot]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Østerbro", "osterbro oesterbro østerbro"),
        ("Århus Å", "arhus aarhus århus"),
        ("Ærø", "aero ærø"),
        ("Łódź Śródmieście", "lodz srodmiescie"),
        ("Champs-Élysées œuvre", "elysees oeuvre"),
        ("Straße ẞ", "strasse straße ss"),
        ("İstanbul Kadıköy", "istanbul kadikoy kadikoey"),
        ("Paradeplatz", "Paradeplatz"),
        ("Bauernhof Neue Quelle", "ernhof eue uelle"),
        ("Αθήνα", "αθηνα ΑΘΗΝΑ"),
        ("Москва", "москва МОСКВА"),
        ("ﬁrst Ｗ", "first w"),
    ],
)
def test_words_find_letters_as_other_keyboards_type_them(name, words):
    lot = make_lot(name=name)
    for word in words.split():
        assert list(find_lots(query=word)) == [lot], word


@pytest.mark.parametrize("words", ["%", "_", "\\", "zu%ich"])
def test_words_are_no_patterns(words):
    make_lot(city="Zurich")
    assert not find_lots(query=words)


def test_a_renamed_lot_is_found_by_its_new_name_alone():
    lot = make_lot(name="Löwe")
    Lot.objects.filter(pk=lot.pk).update(name="Bär")
    assert find_lots(query="baer").count() == 1
    assert not find_lots(query="loewe")


def test_spot_type_keeps_lots_that_have_such_places_and_counts_only_them():
    mixed = make_lot(spots={"regular": 5, "ev": 2})
    make_lot(spots={"regular": 5})
    found = find_lots(spot_type="ev").get()
    assert (found, found.total_places, found.free_places) == (mixed, 2, 2)


def test_search_carries_the_counts_of_each_lot():
    lot = make_lot(spots={"regular": 2}, levels=2)
    make_ticket(lot)
    found = find_lots().get()
    assert (found.total_places, found.free_places, found.occupied_places) == (4, 3, 1)


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
