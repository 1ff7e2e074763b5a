"""Lots over the public API."""

import datetime as dt
import html
import re

import pytest
from csp.constants import SELF
from django.utils.timezone import now

from api.root import api
from tests.factories import HOURLY, make_lot, make_ticket

pytestmark = pytest.mark.django_db

LOTS = "/api/v1/lots"


def paths_of(answer):
    assert answer["Content-Type"] == "application/problem+json"
    return [error["path"] for error in answer.json()["errors"]]


def test_lots_are_listed_nearest_first_with_distance_and_free_places(client, django_assert_num_queries):
    make_lot(slug="bern", latitude=46.9480, longitude=7.4474)
    zurich = make_lot(slug="zurich", latitude=47.3769, longitude=8.5417, spots={"regular": 3, "ev": 2})
    make_ticket(zurich)
    with django_assert_num_queries(6):
        answer = client.get(LOTS, {"lat": 47.3779, "lng": 8.5403}).json()
    assert [lot["slug"] for lot in answer["items"]] == ["zurich", "bern"]
    first = answer["items"][0]
    assert (first["total"], first["free"], first["free_by_type"]) == (5, 4, {"ev": 2, "regular": 2})
    assert first["distance_m"] == pytest.approx(153, abs=2)
    assert first["open"] is True


def test_lots_are_found_by_words_type_and_radius(client):
    make_lot(slug="near", latitude=47.0, longitude=8.0, spots={"ev": 2})
    make_lot(slug="far", latitude=48.0, longitude=8.0)

    def found(**query):
        return [lot["slug"] for lot in client.get(LOTS, query).json()["items"]]

    assert found(q="far") == ["far"]
    assert found(spot_type="ev") == ["near"]
    assert found(lat=47, lng=8, radius_m=500) == ["near"]


def test_lots_are_priced_and_counted_for_the_period_asked_for(client):
    make_lot(slug="dear", tariff=HOURLY | {"minimum_charge": 2000}, latitude=47.0, longitude=8.0)
    make_lot(slug="cheap", spots={"regular": 1}, latitude=47.01, longitude=8.0)
    start = (now() + dt.timedelta(days=1)).replace(microsecond=0)
    period = {"from": start.isoformat(), "to": (start + dt.timedelta(hours=3)).isoformat()}
    answer = client.get(LOTS, period | {"lat": 47, "lng": 8, "sort": "cheap"}).json()
    assert [(lot["slug"], lot["price"], lot["left"]) for lot in answer["items"]] == [
        ("cheap", 900, 1),
        ("dear", 2000, 5),
    ]
    first = answer["items"][0]
    assert dt.datetime.fromisoformat(first["from"]) == start
    assert (first["walk_minutes"], first["priced_as"], first["open_then"]) == (16, "regular", True)
    assert client.get(LOTS).json()["items"][0]["price"] == 600


def test_lots_come_in_pages(client):
    for _ in range(3):
        make_lot(spots={})
    answer = client.get(LOTS, {"page": 2, "page_size": 2}).json()
    assert (len(answer["items"]), answer["total"], answer["page"], answer["page_size"]) == (1, 3, 2, 2)
    assert client.get(LOTS, {"page": 9}).json()["items"] == []


def test_lots_take_as_many_queries_for_many_as_for_one(client, django_assert_num_queries):
    for _ in range(6):
        make_lot()
    with django_assert_num_queries(5):
        client.get(LOTS)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"lat": "nan", "lng": "8"}, "lat"),
        ({"lat": "91", "lng": "8"}, "lat"),
        ({"lat": "47", "lng": "inf"}, "lng"),
        ({"lat": "47"}, "lng"),
        ({"lng": "8"}, "lat"),
        ({"radius_m": "5"}, "radius_m"),
        ({"lat": "1", "lng": "1", "radius_m": "-5"}, "radius_m"),
        ({"spot_type": "boat"}, "spot_type"),
        ({"from": "2026-03-02T08:00"}, "from"),
        ({"from": "2020-03-02T08:00:00Z"}, "from"),
        ({"to": "2020-03-02T08:00:00Z"}, "to"),
        ({"sort": "worst"}, "sort"),
        ({"height_cm": "-1"}, "height_cm"),
        ({"open_then": "perhaps"}, "open_then"),
        ({"page": "0"}, "page"),
        ({"page": "99999999999999999999"}, "page"),
        ({"page_size": "100000"}, "page_size"),
        ({"q": "x" * 101}, "q"),
    ],
)
def test_wrong_search_is_refused_by_name(client, query, path):
    answer = client.get(LOTS, query)
    assert answer.status_code == 422
    assert paths_of(answer) == [path]


def test_lot_is_described(client):
    make_lot(slug="central", opening_hours={"mon-fri": "06:00-24:00"}, levels=2, max_height_cm=200)
    lot = client.get(f"{LOTS}/central").json()
    assert lot["opening_hours"] == {"mon-fri": "06:00-24:00"}
    assert lot["levels"] == [{"number": 0, "name": "Ground"}, {"number": 1, "name": "Level 1"}]
    assert (lot["total"], lot["free"], lot["free_by_type"], lot["max_height_cm"]) == (10, 10, {"regular": 10}, 200)


@pytest.mark.parametrize("rest", ["", "/availability"])
@pytest.mark.parametrize("slug", ["nowhere", "%00", "%F0%9F%9A%97", "x" * 500])
def test_unknown_lot_is_not_found(client, slug, rest):
    answer = client.get(f"{LOTS}/{slug}{rest}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_availability_is_one_query_and_counts_every_state(client, django_assert_num_queries):
    lot = make_lot(slug="central", spots={"regular": 2, "ev": 1}, levels=2)
    make_ticket(lot)
    lot.spots.filter(spot_type="ev", level__number=1).update(maintenance=True)
    with django_assert_num_queries(1):
        answer = client.get(f"{LOTS}/central/availability")
    counts = answer.json()
    assert counts.pop("as_of").endswith("Z")
    level = {"total": 3, "free": 2, "occupied": 1, "reserved": 0, "maintenance": 0}
    assert counts == {
        "lot": "central",
        "total": 6,
        "free": 4,
        "occupied": 1,
        "reserved": 0,
        "maintenance": 1,
        "by_level": {"0": level, "1": level | {"occupied": 0, "maintenance": 1}},
        "by_type": {
            "ev": {"total": 2, "free": 1, "occupied": 0, "reserved": 0, "maintenance": 1},
            "regular": {"total": 4, "free": 3, "occupied": 1, "reserved": 0, "maintenance": 0},
        },
    }


def test_availability_is_not_sent_again_until_it_changes(client):
    lot = make_lot(slug="central")
    url = f"{LOTS}/central/availability"
    etag = client.get(url)["ETag"]
    assert etag.startswith('W/"')
    again = client.get(url, headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    make_ticket(lot)
    changed = client.get(url, headers={"If-None-Match": etag})
    assert (changed.status_code, changed.json()["free"]) == (200, 4)


def test_availability_of_a_lot_without_places_is_all_zero(client):
    make_lot(slug="empty", spots={})
    answer = client.get(f"{LOTS}/empty/availability").json()
    assert (answer["total"], answer["by_level"]) == (0, {})


@pytest.mark.parametrize("rest", ["/central/availability", "/central"])
def test_wrong_method_is_a_problem(client, rest):
    make_lot(slug="central")
    answer = client.put(LOTS + rest)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_status_is_ok_and_says_what_is_down(client, monkeypatch):
    assert client.get("/api/v1/status").json() == {"status": "ok"}
    monkeypatch.setattr("api.status.problems", lambda: {"redis": "does not answer"})
    answer = client.get("/api/v1/status")
    assert (answer.status_code, answer.json()) == (503, {"status": "down", "down": {"redis": "does not answer"}})


def test_document_names_every_way_to_authenticate_and_resolves_its_references(client):
    first, document = client.get("/api/v1/openapi.json").json(), client.get("/api/v1/openapi.json").json()
    assert document == first
    assert document["components"]["securitySchemes"].keys() >= {"device_key", "access_token", "session"}
    assert {
        "/api/v1/lots",
        "/api/v1/lots/{slug}/availability",
        "/api/v1/lots/{slug}/quote",
        "/api/v1/reservations",
        "/api/v1/reservations/quote",
        "/api/v1/reservations/{booking_id}",
        "/api/v1/status",
    } <= document["paths"].keys()

    def references(node):
        if isinstance(node, dict):
            yield from [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            yield from references(child)

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known


def test_documentation_comes_from_our_own_files_without_inline_scripts(client):
    answer = client.get("/api/v1/docs/try")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "https://" not in page
    assert page.count("<script") == page.count("<script src=")
    policy = answer["Content-Security-Policy"]
    assert f"style-src {SELF} 'unsafe-inline'" in policy
    assert f"default-src {SELF};" in policy
    assert client.post("/api/v1/docs/try").status_code == 405


def test_guide_shows_calls_that_the_document_has(client):
    answer = client.get("/api/v1/docs", headers={"host": "localhost:9000"})
    shown = html.unescape(answer.content.decode())
    paths = [re.sub(r"{\w+}", "[^/ ]+", path) for path in client.get("/api/v1/openapi.json").json()["paths"]]
    called = re.findall(r"curl -s http://localhost:9000(/api/v1[^\s<]*)", shown)
    assert len(called) == 11
    for path in called:
        assert any(re.fullmatch(known, path) for known in paths), path
    assert "unsafe-inline" not in answer["Content-Security-Policy"]


def test_every_call_is_named_in_words_and_sorted_by_whom_it_is_for(client):
    document = client.get("/api/v1/openapi.json").json()
    calls = [call for path in document["paths"].values() for call in path.values()]
    unnamed = [call["operationId"] for call in calls if call["summary"].lower().split()[0] in {"get", "post", "read"}]
    assert unnamed == []
    assert {tag for call in calls for tag in call["tags"]} == {"Gates", "Public", "People", "Operators", "Programs"}
    assert {tag["name"] for tag in document["tags"]} == {"Gates", "Public", "People", "Operators", "Programs"}


def test_other_pages_keep_the_strict_policy(client):
    assert "unsafe-inline" not in client.get("/")["Content-Security-Policy"]
    assert api.docs_url is None
