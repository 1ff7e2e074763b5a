"""What devices send wrongly: a clear problem document each time, and nothing stored."""

import json
import uuid

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils.timezone import now

from devices.services import issue_device_key, revoke_device_key
from gates.models import GateEvent
from tests.factories import make_gate, make_lot
from tests.gates.lanes import Lanes, at
from tests.wsgi import WsgiClient
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[Client, WsgiClient], ids=["slow path", "fast path"])
def lanes(request):
    lanes = Lanes(spots={"regular": 3})
    for lane in (lanes.entry, lanes.exit):
        lane.client = request.param(headers={"authorization": f"Bearer {lane.key}"})
    return lanes


def problem(response, status, code=None, path=None):
    body = response.json()
    assert response.status_code == status, body
    assert response["Content-Type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "detail", "code", "errors"}
    assert body["status"] == status
    assert body["detail"]
    if code:
        assert body["code"] == code
    if path:
        assert path in [error["path"] for error in body["errors"]]
    assert not GateEvent.objects.exists()
    assert not Ticket.objects.exists()


def raw(lanes, data: bytes):
    url = f"/api/v1/gates/{lanes.entry.gate.code}/reads"
    return lanes.entry.client.generic("POST", url, data, content_type="application/json")


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b'{"event_id": ', b"[]", b'"text"', b"\xff\xfe", b"null", b"[" * 100_000, b'{"plate": "\\ud800"'],
)
def test_body_that_is_no_json_object_is_malformed(lanes, data):
    if len(data) > 65_536:
        data = data[:60_000]
    problem(raw(lanes, data), 400, "malformed")


def test_byte_order_mark_before_a_body_is_ignored(lanes):
    body = json.dumps({"event_id": str(uuid.uuid4()), "plate": "ZH 1"}).encode()

    assert raw(lanes, b"\xef\xbb\xbf" + body).json()["action"] == "open"
    assert raw(lanes, body).json()["replayed"] is True


def test_huge_body_is_refused(lanes):
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 1", "padding": "x" * 1_000_000}
    problem(raw(lanes, json.dumps(body).encode()), 413, "too_large")


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"event_id": "no uuid"}, "event_id"),
        ({"event_id": 7}, "event_id"),
        ({"event_id": None}, "event_id"),
        ({"plate": 123}, "plate"),
        ({"plate": ["ZH 1"]}, "plate"),
        ({"plate": "ZH\x001"}, "plate"),
        ({"plate": "ZH\n1"}, "plate"),
        ({"plate": "\x7f"}, "plate"),
        ({"plate": "A" * 200}, "plate"),
        ({"plate": "\ud800"}, None),
        ({"confidence": 7}, "confidence"),
        ({"confidence": -0.1}, "confidence"),
        ({"confidence": "high"}, "confidence"),
        ({"confidence": True}, "confidence"),
        ({"confidence": float("nan")}, "confidence"),
        ({"confidence": float("inf")}, "confidence"),
        ({"captured_at": "2026-03-02T08:15:04"}, "captured_at"),
        ({"captured_at": "2026-02-30T08:00:00Z"}, "captured_at"),
        ({"captured_at": 1_700_000_000}, "captured_at"),
        ({"captured_at": "yesterday"}, "captured_at"),
        ({"vehicle_type": "tank"}, "vehicle_type"),
        ({"electric": "yes"}, "electric"),
        ({"offline": 1}, "offline"),
        ({"seq": -1}, "seq"),
        ({"seq": 2**53}, "seq"),
        ({"seq": 10**400}, "seq"),
        ({"seq": 1.5}, "seq"),
        ({"ticket_number": "P\x00S"}, "ticket_number"),
    ],
    ids=repr,
)
def test_value_that_does_not_fit_is_named(lanes, wrong, path):
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 1"} | wrong
    response = raw(lanes, json.dumps(body).encode())
    if path is None:
        assert response.status_code in {400, 422}
        path = None
    problem(response, response.status_code if path is None else 422, path=path)


@pytest.mark.parametrize(
    ("odd", "dropped"),
    [
        ({"candidates": "ZH 1"}, ["candidates"]),
        ({"candidates": [{"plate": 7}, {"plate": "ZH 2"}]}, ["candidates"]),
        ({"candidates": [{"plate": "B" * 17}]}, []),
        ({"candidates": [{"plate": "ZH 2"}] * 21}, ["candidates"]),
        ({"candidates": [{"plate": "ZH 2", "confidence": "high"}]}, ["candidates"]),
        ({"image_url": "https://cam.example/" + "x" * 1_300}, []),
        ({"image_url": "https://cam.example/" + "x" * 2_048}, ["image_url"]),
        ({"image_url": "ftp://cam.example/1.jpg"}, ["image_url"]),
        ({"image_url": {"thumb": 1}}, ["image_url"]),
        ({"region": "x" * 28}, ["region"]),
        ({"region": "\x00"}, ["region"]),
        ({"region": 7, "image_url": "", "vehicle_ref": []}, ["vehicle_ref", "region", "image_url"]),
        ({"vehicle_ref": "r" * 65}, ["vehicle_ref"]),
        ({"captured_at": "1970-01-01T00:00:00Z"}, []),
        ({"captured_at": "1999-12-31T23:59:59+00:00"}, []),
        ({"captured_at": "2094-05-05T12:00:00+23:59"}, []),
        ({"captured_at": "9999-12-31T23:59:59-23:59"}, []),
        ({"captured_at": "0001-01-01T00:00:00+23:59"}, []),
    ],
    ids=repr,
)
def test_what_a_camera_may_well_send_refuses_no_car(lanes, odd, dropped):
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 1"} | odd
    answer = raw(lanes, json.dumps(body).encode())

    assert answer.json()["action"] == "open", answer.json()
    assert GateEvent.objects.get().read.get("dropped", []) == dropped
    assert raw(lanes, json.dumps(body).encode()).json()["replayed"] is True


@pytest.mark.parametrize("plate", ["MUELLER TRANSPORTE GMBH", "A" * 16, "NOPLATE", "无牌车", "Not Read"])
def test_lettering_and_words_for_none_are_unreadable(lanes, plate):
    body = {"event_id": str(uuid.uuid4()), "plate": plate}
    answer = raw(lanes, json.dumps(body).encode()).json()

    assert (answer["action"], Ticket.objects.get().plate_normalised) == ("open", None)


def test_missing_event_id_is_named(lanes):
    problem(raw(lanes, b'{"plate": "ZH 1"}'), 422, path="event_id")


def test_unknown_fields_are_ignored_and_plates_cleaned(lanes):
    answer = lanes.entry.read("🚗 zh·123-456 ✨", brand="Fiat", nested={"a": [1]})
    assert answer["ticket"]["plate"] == "ZH123456"


def test_plate_with_many_separators_is_stored_as_read(lanes):
    plate = " - ".join("ZH123456789") + " " * 20
    entered = lanes.entry.read(plate, captured_at=at(-200), offline=True)
    left = lanes.exit.read(plate, offline=True)

    assert entered["ticket"]["plate"] == "ZH123456789"
    assert (left["reason"], Ticket.objects.get().exit_plate) == ("owed", plate)


def test_no_key_and_wrong_keys_are_unauthorised(lanes):
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 1"}
    url = f"/api/v1/gates/{lanes.entry.gate.code}/reads"
    revoked = issue_device_key(gate=lanes.entry.gate, kind="camera", name="old", at=now())
    revoke_device_key(device=revoked.device, at=now())
    for header in ({}, {"authorization": "Bearer nonsense"}, {"authorization": f"Bearer {revoked.key}"}):
        response = Client(headers=header).post(url, body, content_type="application/json")
        problem(response, 401, "unauthorized")
        assert response["WWW-Authenticate"] == "Bearer"


def test_credentials_are_asked_before_anything_is_told(lanes):
    for path in ("gates/nowhere/reads", "entry", "exit"):
        problem(Client().post(f"/api/v1/{path}", b"{", content_type="application/json"), 401)


def test_unknown_gate_and_gates_of_others(lanes):
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 1"}
    theirs = make_gate(make_lot(), "entry")

    problem(lanes.entry.send(body, "/api/v1/gates/nowhere/reads"), 404, "gate_not_found")
    problem(lanes.entry.send(body, f"/api/v1/gates/{theirs.code}/reads"), 403, "wrong_gate")
    problem(lanes.entry.send(body, f"/api/v1/gates/{lanes.exit.gate.code}/reads"), 403, "wrong_gate")


def test_edge_key_serves_every_gate_of_its_lot_alone(lanes):
    edge = issue_device_key(gate=lanes.entry.gate, kind="edge", name="edge", at=now())
    client = Client(headers={"authorization": f"Bearer {edge.key}"})
    theirs = make_gate(make_lot(), "exit")

    for code, status in ((lanes.exit.gate.code, 200), (theirs.code, 403)):
        body = {"event_id": str(uuid.uuid4()), "plate": "ZH 1"}
        assert client.post(f"/api/v1/gates/{code}/reads", body, content_type="application/json").status_code == status


def test_wrong_method_and_path_are_problems(lanes):
    url = f"/api/v1/gates/{lanes.entry.gate.code}/reads"
    response = lanes.entry.client.get(url)
    problem(response, 405, "method_not_allowed")
    assert response["Allow"] == "POST"
    problem(lanes.entry.client.get("/api/v1/nothing"), 404, "not_found")


def test_database_that_is_away_is_said_so_that_the_device_sends_again(lanes, monkeypatch):
    def away(_key):
        raise OperationalError("connection refused")

    monkeypatch.setattr("gates.reads.receive.known_device", away)
    response = raw(lanes, json.dumps({"event_id": str(uuid.uuid4()), "plate": "ZH 1"}).encode())

    problem(response, 503, "unavailable")
    assert response["Retry-After"] == "1"
