"""The feeds for navigation: their shapes, their numbers, who is in them, and what asking again costs."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from analytics.silence import confidence_of_counts
from tests.factories import make_lot, make_ticket
from tests.gates.lanes import Lanes, undone

pytestmark = pytest.mark.django_db

DATEX = {name: f"http://datex2.eu/schema/3/{name}" for name in ("d2Payload", "common", "parking", "facilities")}
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
PATHS = [
    *("parkapi/v1/", "parkapi/v1/zurich", "parkapi/v3/parking-sites", "apds/v4/places", "apds/v4/observations"),
    *("datex2/v3/parking-table.xml", "datex2/v3/parking-status.xml", "lots.geojson"),
]
PLACE = {"latitude": 47.3769, "longitude": 8.5417}


def feed(client, path, **headers):
    return client.get(f"/feeds/{path}", headers=headers)


@pytest.fixture
def lot():
    """Six places, of which one is taken, one reserved and one out of use."""
    lot = make_lot(
        name="Central & <Garage>",
        spots={"regular": 4, "handicap": 1, "ev": 1},
        address="1 Main St",
        postal_code="8001",
        max_height_cm=200,
        amenities=["covered"],
        holidays={"country": "CH"},
        opening_hours={"mon-sun": "00:00-24:00", "holiday": "closed"},
        **PLACE,
    )
    make_ticket(lot)
    lot.spots.filter(number="R0-2").update(hold=7)
    lot.spots.filter(number="R0-3").update(maintenance=True)
    return lot


def test_parkapi_1_lists_cities_and_their_lots(client, lot):
    index = feed(client, "parkapi/v1/").json()
    assert index["api_version"] == "1.0"
    assert index["cities"] == {"Zürich": "zurich"}
    assert {*index} == {"api_version", "server_version", "reference", "cities"}

    city = feed(client, "parkapi/v1/zurich").json()
    [told] = city["lots"]
    assert {*city} == {"last_downloaded", "last_updated", "data_source", "lots"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", city["last_downloaded"])
    assert (told["id"], told["name"], told["total"], told["free"]) == (lot.slug, lot.name, 6, 3)
    assert (told["state"], told["forecast"], told["lot_type"]) == ("open", False, "Parkhaus")
    assert told["coords"] == {"lat": 47.3769, "lng": 8.5417}
    assert told["address"] == "1 Main St, 8001 Zürich"
    assert feed(client, f"parkapi/v1/zurich/{lot.slug}").json()["lots"] == [told]
    for path in ("parkapi/v1/nowhere", "parkapi/v1/zurich/nowhere", f"parkapi/v1/nowhere/{lot.slug}"):
        assert feed(client, path).status_code == 404


def test_parkapi_1_knows_lots_without_a_city_and_cities_of_other_letters(client):
    make_lot(city="")
    make_lot(city="東京")
    cities = feed(client, "parkapi/v1/").json()["cities"]
    assert cities == {"Elsewhere": "elsewhere", "東京": "東京"}
    for city in cities.values():
        assert len(feed(client, f"parkapi/v1/{city}").json()["lots"]) == 1


def test_parkapi_3_lists_sites(client, lot):
    make_lot(name="Without a position")
    sites = feed(client, "parkapi/v3/parking-sites").json()
    [site] = sites["items"]
    assert sites["total_count"] == 1
    assert (site["uid"], site["name"], site["purpose"], site["type"]) == (lot.slug, lot.name, "CAR", "CAR_PARK")
    assert (Decimal(site["lat"]), Decimal(site["lon"])) == (Decimal("47.3769"), Decimal("8.5417"))
    assert (site["capacity"], site["realtime_capacity"], site["realtime_free_capacity"]) == (6, 5, 3)
    assert (site["has_realtime_data"], site["realtime_opening_status"]) == (True, "OPEN")
    for at in (site["static_data_updated_at"], site["realtime_data_updated_at"]):
        assert dt.datetime.fromisoformat(at).utcoffset() == dt.timedelta()
    assert site["restrictions"] == [
        {"type": kind, "capacity": 1, "realtime_capacity": 1, "realtime_free_capacity": 1}
        for kind in ("DISABLED", "CHARGING")
    ]
    assert (site["opening_hours"], site["max_height"]) == ("Mo-Su 00:00-24:00; PH off", 200)


def test_apds_lists_places_with_supply_and_demand(client, lot):
    listed = feed(client, "apds/v4/places").json()
    [place] = listed["data"]
    assert {*listed["meta"]} == {"referenceInstant", "offset", "pageSize", "total"}
    assert (listed["meta"]["total"], listed["meta"]["offset"]) == (1, 0)
    # What the standard demands of a place, of a reference, and of its tables.
    needed = {"id", "version", "name", "layer", "type", "hierarchyElementRecord", "timeZone"}
    assert needed <= {*place}
    assert (place["type"], place["layer"], place["timeZone"]) == ("parkingPlace", 0, "Europe/Zurich")
    assert place["name"] == [{"language": "en", "string": lot.name}]
    of = place["hierarchyElementReference"]
    assert of["elementId"] == {"id": lot.slug, "version": 1, "className": "Place"}
    assert of["supply"] == [{"supplyQuantity": 5, "supplyViewType": "spaceView"}]
    [demand] = of["demandTable"][0]["demandType"]
    assert (demand["count"], demand["percentage"], demand["occupancyCalculation"]) == (3, 50.0, "counted")
    assert dt.datetime.fromisoformat(demand["recordDateTime"]) <= now()
    assert place["indicativePlacePointLocation"] == [{"type": "Point", "coordinates": [8.5417, 47.3769]}]
    assert place["placeStreetAddress"][0]["postCode"] == "8001"
    alone = feed(client, f"apds/v4/places/{lot.slug}").json()
    assert {**alone, "hierarchyElementReference": 0} == {**place, "hierarchyElementReference": 0}
    assert feed(client, "apds/v4/places/nowhere").status_code == 404


def test_apds_lists_observations(client, lot):
    [seen] = feed(client, "apds/v4/observations").json()["data"]
    needed = {"id", "version", "method", "observationStartTime", "creationDateTime", "location", "observerOrganisation"}
    assert needed <= {*seen}
    assert seen["location"]["observerLocation"]["type"] == "Point"
    assert seen["elementIds"]["id"] == lot.slug
    assert seen["description"][0]["string"] == "3 of 6 spaces are free, 100 % sure."
    assert "plate" not in str(seen).lower()


def text(element, *path):
    for step in path:
        prefix, _, name = step.partition(":")
        element = element.find(f"{{{DATEX[prefix]}}}{name}")
    return element.text


def test_datex_tells_the_table_of_lots(client, lot):
    answer = feed(client, "datex2/v3/parking-table.xml")
    root = etree.fromstring(answer.content)
    assert answer["Content-Type"].startswith("application/xml")
    assert (root.tag, root.get(XSI_TYPE)) == (f"{{{DATEX['d2Payload']}}}payload", "prk:ParkingTablePublication")
    assert (root.get("modelBaseVersion"), root.get("lang")) == ("3", "en")
    assert root.nsmap["prk"] == DATEX["parking"]  # its types and references are told by prefix
    assert text(root, "common:publicationCreator", "common:country") == "ch"
    [place] = root.iter(f"{{{DATEX['parking']}}}hierarchyElementGeneral")
    assert (place.get("id"), place.get("version"), place.get(XSI_TYPE)) == (lot.slug, "1", "prk:Place")
    assert text(place, "facilities:name", "common:values", "common:value") == lot.name
    assert text(place, "parking:supply", "parking:quantity") == "6"


def test_datex_tells_the_status_of_lots(client, lot):
    root = etree.fromstring(feed(client, "datex2/v3/parking-status.xml").content)
    assert root.get(XSI_TYPE) == "prk:ParkingStatusPublication"
    [status] = root.iter(f"{{{DATEX['parking']}}}parkingStatusInformation")
    reference = status.find(f"{{{DATEX['facilities']}}}reference")
    assert dict(reference.attrib) == {"id": lot.slug, "version": "1", "targetClass": "fac:FacilityObject"}
    assert text(status, "facilities:openingStatus") == "open"
    told = [
        text(status, "parking:occupancy", f"parking:{name}")
        for name in ("numberOfSpacesOverride", "numberOfVacantSpaces", "numberOfOccupiedSpaces", "occupancy")
    ]
    assert told == ["5", "3", "3", "50.0"]
    assert text(status, "parking:occupancy", "parking:probability", "common:percentage") == "100.0"


def test_geojson_tells_lots_as_points(client, lot):
    make_lot(name="Without a position")
    answer = feed(client, "lots.geojson")
    told = answer.json()
    assert answer["Content-Type"] == "application/geo+json"
    assert told["type"] == "FeatureCollection"
    assert dt.datetime.fromisoformat(told["as_of"]) <= now()
    assert [(one["type"], one["geometry"]) for one in told["features"]] == [
        ("Feature", {"type": "Point", "coordinates": [8.5417, 47.3769]}),
        ("Feature", None),
    ]
    properties = told["features"][0]["properties"]
    assert (properties["free"], properties["reserved"], properties["maintenance"]) == (3, 1, 1)
    assert (properties["open"], properties["confidence"]) == (True, 1.0)
    assert properties["by_type"]["ev"]["free"] == 1


@settings(max_examples=20)
@given(
    lots=st.lists(
        st.fixed_dictionaries(
            {kind: st.integers(0, 3) for kind in ("regular", "compact", "ev", "handicap", "motorcycle")}
        ),
        max_size=3,
    ),
    taken=st.integers(0, 4),
)
def test_every_feed_counts_as_availability_does(lots, taken):
    from django.test import Client

    client = Client()
    with undone():
        made = [make_lot(spots=spots, levels=2, tariff=None, **PLACE) for spots in lots]
        for lot in made:
            keys = lot.spots.values("pk")[:taken]
            lot.spots.filter(pk__in=list(keys.values_list("pk", flat=True))).update(observed_occupied=True)
        wanted = {lot.slug: client.get(f"/api/v1/lots/{lot.slug}/availability").json() for lot in made}
        numbers = {slug: (one["total"], one["free"]) for slug, one in wanted.items()}

        cities = feed(client, "parkapi/v1/zurich")
        in_city = cities.json()["lots"] if made else []
        assert {one["id"]: (one["total"], one["free"]) for one in in_city} == numbers
        sites = feed(client, "parkapi/v3/parking-sites").json()["items"]
        assert {one["uid"]: (one["capacity"], one["realtime_free_capacity"]) for one in sites} == numbers
        features = feed(client, "lots.geojson").json()["features"]
        states = ("total", "free", "occupied", "reserved", "maintenance")
        for one in features:
            told, counted = one["properties"], wanted[one["id"]]
            assert [told[state] for state in states] == [counted[state] for state in states]
            assert told["by_type"] == counted["by_type"]
        places = feed(client, "apds/v4/places").json()["data"]
        demand = {
            one["id"]: one["hierarchyElementReference"]["demandTable"][0]["demandType"][0]["count"] for one in places
        }
        assert demand == {slug: total - free for slug, (total, free) in numbers.items()}
        root = etree.fromstring(feed(client, "datex2/v3/parking-status.xml").content)
        vacant = root.iter(f"{{{DATEX['parking']}}}numberOfVacantSpaces")
        assert sorted(int(one.text) for one in vacant) == sorted(free for _total, free in numbers.values())
        assert {one["id"] for one in features} == {one["id"] for one in places} == {*numbers}


@pytest.mark.parametrize("hidden", [{"published": False}, {"archived_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}])
def test_lots_that_are_not_public_are_in_no_feed(client, lot, hidden):
    secret = make_lot(slug="secret-lot", name="Secret lot", **PLACE, **hidden)
    for path in PATHS:
        body = feed(client, path).content.decode()
        assert "ecret" not in body
        assert lot.slug in body or path == "parkapi/v1/"
    for path in (f"apds/v4/places/{secret.slug}", f"parkapi/v1/zurich/{secret.slug}"):
        assert feed(client, path).status_code == 404


def test_a_hundred_lots_take_as_many_statements_as_one(client):
    def statements():
        counted = {}
        for path in PATHS:
            with CaptureQueriesContext(connection) as asked:
                assert feed(client, path).status_code == 200
            counted[path] = len(asked)
        return counted

    make_lot(tariff=None, spots={"regular": 1}, **PLACE)
    of_one = statements()
    for number in range(99):
        make_lot(tariff=None, spots={"regular": 1}, tracking="levels", name=f"Lot {number}", **PLACE)
    assert of_one == dict.fromkeys(PATHS, 3)
    # What is known of the silent gates of many lots is remembered for half a minute.
    assert list(statements().values()) == [3, *[2] * (len(PATHS) - 1)]


@pytest.mark.parametrize("path", PATHS)
def test_what_has_not_changed_is_not_sent_again(client, lot, path):
    first = feed(client, path)
    assert first["Cache-Control"] == "public, no-cache"
    assert first["Access-Control-Allow-Origin"] == "*"
    again = feed(client, path, if_none_match=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    make_ticket(lot, "ZH 9", spot=lot.spots.get(number="R0-4"))
    changed = feed(client, path, if_none_match=first["ETag"])
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_a_feed_of_nothing_is_still_one(client):
    for path in PATHS:
        assert feed(client, path).status_code == (404 if path.endswith("zurich") else 200)


def test_only_reads_are_allowed(client):
    for path in PATHS:
        assert client.post(f"/feeds/{path}").status_code == 405


def test_counts_are_as_fresh_as_the_last_event_and_less_sure_where_a_gate_is_silent(client, monkeypatch):
    lanes = Lanes(**PLACE)
    lanes.entry.read("ZH 1")
    properties = feed(client, "lots.geojson").json()["features"][0]["properties"]
    seen_at = dt.datetime.fromisoformat(properties["updated_at"])
    assert now() - seen_at < dt.timedelta(minutes=1)
    assert properties["confidence"] == 1.0

    silent = now() - dt.timedelta(minutes=3)
    monkeypatch.setattr("api.feeds.counted.silent_since", lambda _scope, _at: {lanes.lot.pk: silent})
    assert feed(client, "lots.geojson").json()["features"][0]["properties"]["confidence"] == pytest.approx(
        0.7, abs=0.01
    )
    place = feed(client, "apds/v4/places").json()["data"][0]
    [demand] = place["hierarchyElementReference"]["demandTable"][0]["demandType"]
    assert demand["occupancyCalculation"] == "derived"


@pytest.mark.parametrize(("minutes", "sure"), [(None, 1.0), (-1, 1.0), (0, 1.0), (3, 0.7), (5, 0.5), (600, 0.5)])
def test_confidence_falls_with_silence_to_a_half(minutes, sure):
    at = now()
    since = None if minutes is None else at - dt.timedelta(minutes=minutes)
    assert confidence_of_counts(since, at) == sure
