"""The feed of events over the API."""

import pytest
from django.test import Client

from events.models import Event
from events.services import number_events
from tests.api.bookings_sent import refusal
from tests.entrance.sessions import client_of
from tests.factories import make_lot, make_operator, make_ticket, make_user

pytestmark = pytest.mark.django_db
PATH = "/api/v1/events"


@pytest.fixture
def lot():
    return make_lot(slug="central", spots={"regular": 3})


@pytest.fixture
def admin(lot):
    return client_of(make_user("admin", lot.operator))


def fed(client, **asked) -> dict:
    answer = client.get(PATH, asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_events_are_read_from_the_first_on_in_pages(lot, admin):
    ticket = make_ticket(lot, "ZH 1")
    first = fed(admin, limit=2)
    then = fed(admin, after=first["after"])

    assert [event["id"] for event in (*first["items"], *then["items"])] == [1, 2, 3]
    opened = next(event for event in (*first["items"], *then["items"]) if event["type"] == "stay.opened")
    assert opened["subject"] == f"stay:{ticket.number}"
    assert opened["lot"] == "central"
    assert opened["timestamp"] == ticket.changed_at.isoformat()
    assert opened["data"]["plate"] == "ZH 1"
    assert then | {"items": []} == {"items": [], "after": 3, "last": 3}
    assert fed(admin, after=3) == {"items": [], "after": 3, "last": 3}


def test_feed_keeps_to_types_and_lots(lot, admin):
    other = make_lot(lot.operator, slug="other", spots={"regular": 2})
    for place in (lot, other):
        make_ticket(place, "ZH 1")

    asked = {"type": ["stay.opened", "stay.closed"], "lot": "other"}
    answer = fed(admin, **asked)
    assert [(event["type"], event["lot"]) for event in answer["items"]] == [("stay.opened", "other")]
    assert answer["after"] == answer["last"] == 5
    assert refusal(admin.get(PATH, {"type": "stay.lost"}))[:2] == (422, "invalid")


def test_nobody_reads_the_events_of_others(lot, admin):
    stranger = make_lot()
    make_ticket(stranger, "BE 1")
    make_ticket(lot, "ZH 1")

    assert "BE 1" not in str(fed(admin))
    assert refusal(admin.get(PATH, {"operator": stranger.operator.slug}))[0] == 404
    attendant, driver = client_of(make_user("attendant", lot.operator)), client_of(make_user())
    assert [refusal(client.get(PATH))[0] for client in (attendant, driver, Client())] == [403, 403, 401]


def test_admin_of_several_operators_says_which():
    first, second = make_operator(), make_operator()
    person = make_user("admin", first)
    second.memberships.create(user=person, role="admin")
    client = client_of(person)

    assert refusal(client.get(PATH))[0] == 422
    assert fed(client, operator=second.slug)["last"] == 1


def test_waiting_request_is_asked_again_until_there_is_news(lot, admin):
    number_events()
    last = fed(admin)["last"]
    for environ, waits in (({}, False), ({"parking.asks_again": True}, True)):
        answer = admin.get(PATH, {"after": last, "wait": 5}, **environ)
        assert ("X-Ask-Again" in answer) is waits
        answer = admin.get(PATH, {"after": last, "wait": 5}, **environ, **{"parking.asked_since": 0.0})
        assert "X-Ask-Again" not in answer, "it has waited long enough"
    make_ticket(lot)
    answer = admin.get(PATH, {"after": last, "wait": 5}, **{"parking.asks_again": True})
    assert "X-Ask-Again" not in answer
    assert answer.json()["items"]
    assert Event.objects.filter(number=None).count() == 0


@pytest.mark.parametrize("asked", [{"after": -1}, {"limit": 0}, {"limit": 1001}, {"wait": 26}, {"after": "x"}])
def test_feed_refuses_what_makes_no_sense(admin, asked):
    assert refusal(admin.get(PATH, asked))[0] == 422
