"""Which lots a search finds, in which order, and how they stand together on a map."""

import random
from collections import Counter
from math import asin, cos, floor, radians, sin, sqrt

import pytest

from lots.lot_search import LotSearch, clusters_in, count_lots, nearest_lots
from lots.models import Lot
from lots.positions import EARTH_RADIUS_METRES, Area, Position, cells_of_geohash
from tests.factories import make_lot, make_operator

ZURICH_STATION = Position(47.3779, 8.5403)

pytestmark = pytest.mark.django_db


def found(**search):
    return nearest_lots(LotSearch(**search), first=0, limit=100)


def test_nearest_lot_comes_first_with_its_distance():
    bern = make_lot(latitude=46.9480, longitude=7.4474)
    zurich = make_lot(latitude=47.3769, longitude=8.5417)
    nowhere = make_lot(latitude=None, longitude=None)
    near = found(near=ZURICH_STATION)
    assert near == [zurich, bern, nowhere]
    assert near[0].distance_m == pytest.approx(153, abs=2)
    assert near[1].distance_m == pytest.approx(95_300, abs=500)
    assert near[2].distance_m is None


def test_radius_leaves_out_what_is_farther():
    make_lot(latitude=46.9480, longitude=7.4474)
    make_lot(latitude=None, longitude=None)
    zurich = make_lot(latitude=47.3769, longitude=8.5417)
    assert found(near=ZURICH_STATION, radius_m=1000) == [zurich]


@pytest.mark.parametrize(("latitude", "longitude"), [(90, 0), (-90, 180), (-47.3779, -171.4597)])
def test_poles_and_the_other_side_of_the_earth_have_a_distance(latitude, longitude):
    make_lot(latitude=latitude, longitude=longitude)
    assert 0 < found(near=ZURICH_STATION)[0].distance_m <= 20_037_600


def test_words_search_name_and_address():
    central = make_lot(name="Central Garage", city="Zürich", postal_code="8001")
    make_lot(name="Airport P2", city="Kloten")
    for words in ("central", "zür gar", "8001", "GARAGE"):
        assert found(query=words) == [central]
    assert not found(query="central kloten")
    assert count_lots(LotSearch(query="")) == 2


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
    assert found(query=words) == [lot]


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
        assert found(query=word) == [lot], word


@pytest.mark.parametrize("words", ["%", "_", "\\", "zu%ich"])
def test_words_are_no_patterns(words):
    make_lot(city="Zurich")
    assert not found(query=words)


def test_a_renamed_lot_is_found_by_its_new_name_alone():
    lot = make_lot(name="Löwe")
    Lot.objects.filter(pk=lot.pk).update(name="Bär")
    assert count_lots(LotSearch(query="baer")) == 1
    assert not found(query="loewe")


def test_a_lot_is_found_by_what_it_has():
    plain = make_lot(name="a", max_height_cm=190, spots={"regular": 1})
    roofed = make_lot(name="b", max_height_cm=220, spots={"regular": 1, "ev": 1}, amenities=["lift", "covered"])
    tall = make_lot(name="c", spots={"handicap": 1})
    make_lot(name="d", published=False)
    for search, lots in (
        ({}, [plain, roofed, tall]),
        ({"spot_type": "ev"}, [roofed]),
        ({"electric": True}, [roofed]),
        ({"accessible": True}, [tall]),
        ({"accessible": True, "electric": True}, []),
        ({"covered": True}, [roofed]),
        ({"height_cm": 200}, [roofed, tall]),
    ):
        assert found(**search) == lots, search
        assert count_lots(LotSearch(**search)) == len(lots)
    assert count_lots(LotSearch(), most=2) == 2


def a_world_of_lots():
    """Lots all over the earth, many in one city, some at the poles and the 180th meridian, some nowhere."""
    drawn = random.Random(11)
    places = [(drawn.uniform(-90, 90), drawn.uniform(-180, 180)) for _ in range(120)]
    places += [(47.3 + drawn.uniform(0, 0.2), 8.5 + drawn.uniform(0, 0.2)) for _ in range(80)]
    places += [(drawn.uniform(-5, 5), drawn.choice([-179.99, 179.99, 180, -180])) for _ in range(12)]
    places += [(90, 0), (-90, 7), (89.9, 120), (47.4, 8.6), (47.4, 8.6)] + [(None, None)] * 4
    operator = make_operator()
    return Lot.objects.bulk_create(
        Lot(
            operator=operator,
            slug=f"lot-{number}",
            name=f"{drawn.randrange(50)}",
            timezone="Europe/Zurich",
            currency="CHF",
            published=True,
            latitude=latitude,
            longitude=longitude,
        )
        for number, (latitude, longitude) in enumerate(places)
    )


def metres(one, other):
    north, east = radians(other[0] - one[0]), radians(other[1] - one[1])
    chord = sin(north / 2) ** 2 + cos(radians(one[0])) * cos(radians(other[0])) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_METRES * asin(min(1, sqrt(chord)))


def test_the_nearest_lots_are_those_of_a_plain_sort_page_by_page():
    lots = a_world_of_lots()
    located = [lot for lot in lots if lot.latitude is not None]
    nowhere = sorted((lot for lot in lots if lot.latitude is None), key=lambda lot: (lot.name, lot.pk))
    for near in [(47.38, 8.54), (0, 179.999), (0, -180), (89.95, 10), (-90, 0), (12.3, -45.6), (60, -150)]:
        far = {lot.pk: metres(near, (lot.latitude, lot.longitude)) for lot in located}
        plain = sorted(located, key=lambda lot: (round(far[lot.pk], 3), lot.name, lot.pk)) + nowhere
        for first, limit in ((0, 20), (20, 20), (200, 30), (len(lots) - 2, 20)):
            page = nearest_lots(LotSearch(near=Position(*near)), first=first, limit=limit)
            assert [lot.pk for lot in page] == [lot.pk for lot in plain[first : first + limit]], (near, first)
        for radius in (3_000, 50_000, 4_000_000):
            search = LotSearch(near=Position(*near), radius_m=radius)
            within = [lot.pk for lot in plain if far.get(lot.pk, radius + 1) <= radius]
            assert [lot.pk for lot in nearest_lots(search, first=0, limit=30)] == within[:30]
            assert count_lots(search) == len(within)


def test_lots_stand_together_by_the_cells_of_a_geohash():
    lots = a_world_of_lots()
    area = Area(south=47.3, west=8.5, north=47.5, east=8.7)
    clusters = clusters_in(LotSearch(), area, cells=12, without=[lots[120].pk])
    precision = len(clusters[0].geohash)
    columns, rows = cells_of_geohash(precision)
    inside = [
        lot for lot in lots[121:] if lot.latitude and 47.3 <= lot.latitude <= 47.5 and 8.5 <= lot.longitude <= 8.7
    ]
    plain = Counter(
        (floor((lot.longitude + 180) / 360 * columns), floor((lot.latitude + 90) / 180 * rows)) for lot in inside
    )
    assert sorted(cluster.lots for cluster in clusters) == sorted(plain.values())
    assert len({cluster.geohash for cluster in clusters}) == len(plain)
    assert all(cluster.geohash.startswith("u0q") for cluster in clusters)
    alone = next(cluster for cluster in clusters if cluster.lots == 1)
    assert Lot.objects.get(slug=alone.slug).latitude == pytest.approx(alone.latitude)
    whole = clusters_in(LotSearch(), Area(-90, -180, 90, 180), cells=12)
    assert sum(cluster.lots for cluster in whole) == len(lots) - 4


TINY = [
    "lat=1e-200&lng=4",
    "lat=1e-45&lng=4&radius_m=5e-324",
    "lat=1e-200&lng=1e-200&radius_m=10",
    "lat=1&lng=1&radius_m=1e-200",
]


@pytest.mark.parametrize("query", TINY)
@pytest.mark.parametrize("place", [(None, None), (47.0, 8.0), (1e-200, -1e-300)])
def test_numbers_too_small_to_multiply_are_places_like_others(client, query, place):
    lot = make_lot(latitude=place[0], longitude=place[1])
    assert client.get(f"/api/v1/lots?{query}").status_code == 200
    lot.refresh_from_db()
    assert lot.latitude in {None, 47.0, 0.0}


def test_positions_are_kept_as_they_were_given():
    """Rounded ones would be another change of the lot with each import of its site file."""
    lot = make_lot(latitude=47.376886123456785, longitude=-8.5417000000000001)
    lot.refresh_from_db()
    assert (lot.latitude, lot.longitude) == (47.376886123456785, -8.5417000000000001)
