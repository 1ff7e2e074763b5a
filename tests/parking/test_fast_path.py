"""Reads and free places take the fast path and are answered as by the slow one; all else takes the slow path."""

import datetime as dt
import uuid

import pytest
from django.db import OperationalError
from django.test import Client

from gates.models import GateEvent
from parking import fast_path
from tests.factories import make_lot, make_ticket
from tests.gates.lanes import Lanes
from tests.wsgi import WsgiClient
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def slow_path(monkeypatch):
    """Count what is passed on to Django."""
    passed = []
    way = fast_path._answered

    def answered(environ):
        response = way(environ)
        if response is None:
            passed.append(environ["PATH_INFO"])
        return response

    monkeypatch.setattr(fast_path, "_answered", answered)
    return passed


def lanes_by(client_class) -> Lanes:
    lanes = Lanes(spots={"regular": 3}, dedupe_seconds=30)
    for lane in (lanes.entry, lanes.exit):
        lane.client = client_class(headers={"authorization": f"Bearer {lane.key}"})
    return lanes


def test_reads_are_answered_the_same_both_ways(slow_path):
    at, event = dt.datetime.now(dt.UTC), [str(uuid.uuid4()) for _ in range(5)]

    def story(lanes: Lanes) -> list[dict]:
        def read(lane, number: int, **fields) -> dict:
            answer = lane.read(event_id=event[number], captured_at=at.isoformat(), **fields)
            for name in ("number", "link"):
                if answer["ticket"]:
                    answer["ticket"].pop(name)
            return answer

        return [
            read(lanes.entry, 0),
            read(lanes.entry, 0),
            read(lanes.entry, 1),
            read(lanes.exit, 2),
            read(lanes.exit, 3, plate="ZH 9"),
            read(lanes.entry, 4, plate=None, confidence=0.0),
        ]

    told = story(lanes_by(WsgiClient))

    assert not slow_path
    assert told == story(lanes_by(Client))
    assert [answer["reason"] for answer in told] == ["ok", "ok", "ok", "grace", "no_ticket", "ok"]


def test_free_places_are_answered_the_same_both_ways(slow_path):
    make_ticket(make_lot(slug="central", spots={"regular": 3, "ev": 1}, levels=2))
    make_lot(slug="empty", spots={})
    for path in ("central", "empty", "nowhere"):
        url = f"/api/v1/lots/{path}/availability"
        short, long = WsgiClient().get(url), Client().get(url)
        assert short.status_code == long.status_code
        assert short["Content-Type"] == long["Content-Type"]
        assert short.json() | {"as_of": ""} == long.json() | {"as_of": ""}
        if short.status_code == 200:
            known = {"If-None-Match": short["ETag"]}
            short, long = WsgiClient().get(url, headers=known), Client().get(url, headers=known)
            assert (short.status_code, short.content, short["ETag"]) == (304, b"", long["ETag"])
            assert "Content-Length" not in short
    assert not slow_path


def test_headers_that_guard_programs_are_there():
    make_lot(slug="central")
    answer = WsgiClient().get("/api/v1/lots/central/availability")
    assert (answer["X-Content-Type-Options"], answer["X-Frame-Options"]) == ("nosniff", "DENY")
    assert int(answer["Content-Length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/api/v1/gates/x/reads", {}, 405),
        ("POST", "/api/v1/lots/x/availability", {}, 405),
        ("POST", "/api/v1/gates/%C3%A4/reads", {}, 401),
        ("POST", "/api/v1/gates/x/reads?y", {}, 401),
        ("POST", "/api/v1/gates/x/reads", {"Host": "elsewhere.example"}, 400),
        ("POST", "/api/v1/gates/x/reads", {"Content-Length": "999999"}, 413),
        ("POST", "/api/v1/gates/x/reads", {"Content-Length": "many"}, 400),
        ("GET", "/healthz", {}, 200),
    ],
)
def test_anything_else_takes_the_slow_path(slow_path, method, path, headers, status):
    named = {"Host": "HTTP_HOST", "Content-Length": "CONTENT_LENGTH"}
    more = {named[name]: value for name, value in headers.items()}
    credentials = {"authorization": "Bearer pk_0123456789ab_x"} if status == 413 else {}
    if status == 413:
        lane = Lanes().entry
        path, credentials = f"/api/v1/gates/{lane.gate.code}/reads", {"authorization": f"Bearer {lane.key}"}
    answer = WsgiClient(credentials).generic(method, path, **more)
    assert answer.status_code == status, answer.content
    assert len(slow_path) == 1


def test_outage_is_said_and_the_same_read_may_be_sent_again(monkeypatch):
    lane = lanes_by(WsgiClient).entry
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 1"}
    with monkeypatch.context() as away:
        away.setattr("gates.reads.receive.known_device", failing(OperationalError("gone")))
        answer = lane.send(body)
        assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "1")
    assert lane.send(body).json()["action"] == "open"


def test_mistake_of_ours_is_recorded_and_leaves_nothing(monkeypatch, caplog):
    lane = lanes_by(WsgiClient).entry
    with monkeypatch.context() as broken:
        broken.setattr("gates.reads.answer.decide", failing(ZeroDivisionError("ours")))
        answer = lane.send({"event_id": str(uuid.uuid4()), "plate": "ZH 1"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert answer["Content-Type"] == "application/problem+json"
    assert "fast_path_failed" in caplog.text
    assert not GateEvent.objects.exists()
    assert not Ticket.objects.exists()
    assert lane.read()["action"] == "open"


def failing(error: Exception):
    def fail(*_args, **_named):
        raise error

    return fail
