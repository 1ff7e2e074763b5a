"""Who may follow what: each stream × each kind of person, as the process that streams answers, and what it then sends."""

import pytest
from django.test import override_settings

from common.web.streams import STREAMS, TOPICS, WHO
from parking.middleware import FOR_STREAMS
from tests.access.rows import ROWS
from tests.access.world import MEMBER_OF_BOTH, PEOPLE, World

pytestmark = pytest.mark.django_db
OF_STREAMS = [line.split() for line in ROWS.splitlines() if line.startswith("GET stream/")]


@pytest.fixture
def world():
    return World()


@pytest.fixture(autouse=True)
def process_that_streams():
    with override_settings(ROOT_URLCONF="parking.urls_streams", MIDDLEWARE=FOR_STREAMS):
        yield


def followed(world: World, person: str, address: str) -> tuple[int, str]:
    """Return the status of an answer and what it lets the person follow."""
    response = world.clients[person].get(address, **{STREAMS: True})
    if response.status_code != 200:
        assert TOPICS not in response.headers
        assert response.content == b""
        return response.status_code, ""
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "no-store"
    assert response[WHO].startswith("address:" if person == "anonymous" else "person:")
    return 200, response[TOPICS]


def test_each_person_follows_what_the_pages_show_them(world):
    wrong = {}
    for _method, route, *statuses in OF_STREAMS:
        expected = [int(status) for status in (statuses * len(PEOPLE) if len(statuses) == 1 else statuses)]
        for person, told in zip(PEOPLE, expected, strict=True):
            status, _topics = followed(world, person, "/" + world.fill(route))
            if status != (200 if told == 204 else told):
                wrong[person, route] = status
    assert len(OF_STREAMS) == 5
    assert wrong == {}


def test_an_admin_follows_the_lots_of_the_own_operators_alone(world):
    status, topics = followed(world, "admin", "/stream/overview/")
    assert (status, set(topics.split())) == (200, {f"lot:{world.annex.pk}", f"lot:{world.lot.pk}"})
    assert followed(world, "annex_admin", "/stream/overview/") == (200, f"lot:{world.annex.pk}")
    assert followed(world, "annex_attendant", "/stream/lanes/annex/") == (200, f"lot:{world.annex.pk}")
    status, topics = followed(world, "other_admin", "/stream/overview/")
    assert status == 200
    assert f"lot:{world.lot.pk}" not in topics.split()
    assert followed(world, MEMBER_OF_BOTH, "/stream/overview/ours/")[0] == 404
    assert followed(world, MEMBER_OF_BOTH, "/stream/lanes/ours/") == (200, f"lot:{world.lot.pk}")


def test_anybody_follows_public_lots_and_no_others(world):
    assert followed(world, "anonymous", "/stream/lots/?lot=ours") == (200, f"counts:{world.lot.pk}")
    world.lot.published = False
    world.lot.save()
    assert followed(world, "anonymous", "/stream/lots/?lot=theirs&lot=ours")[0] == 404
    assert followed(world, "admin", "/stream/lots/ours/")[0] == 404


def test_whatever_is_asked_is_answered(world):
    many = "&".join(f"lot=x{number}" for number in range(51))
    asked = {f"/stream/lots/?{many}": 400, "/stream/nothing/": 404, "/manage/": 404, "/stream/lots/?lot=ours": 200}
    asked |= {f"/stream/lots/?lot={lot}": 404 for lot in ("", "%00", "%ff%fe", "x" * 5000)}
    assert {address: followed(world, "anonymous", address)[0] for address in asked} == asked
    assert world.clients["admin"].post("/stream/overview/", **{STREAMS: True}).status_code == 405


def test_who_is_logged_out_loses_the_role_or_lacks_the_second_factor_follows_no_longer(world):
    client = world.clients["attendant"]
    assert followed(world, "attendant", "/stream/lanes/ours/")[0] == 200
    world.attendant.memberships.all().delete()
    assert followed(world, "attendant", "/stream/lanes/ours/")[0] == 404
    client.logout()
    assert followed(world, "attendant", "/stream/lanes/ours/")[0] == 401
    with override_settings(SECOND_FACTOR="admins"):
        assert followed(world, "admin", "/stream/overview/")[0] == 403
