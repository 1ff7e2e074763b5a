"""Who may call the classic API, and what comes of bodies that are none."""

import pytest
from django.urls import reverse
from django.utils.timezone import now

from devices.services import revoke_device_key
from gates.models import GateEvent
from tests.api.classic.client import GarageClient, message
from tests.factories import make_device, make_gate, make_lot
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

CALLS = ("status", "garage/stats", "tickets/PS-0000000000", "activities")


@pytest.fixture
def lot(settings):
    settings.CLASSIC_API = True
    lot = make_lot()
    make_gate(lot, "entry")
    return lot


@pytest.fixture
def device(lot):
    return make_device(make_gate(lot, "exit"))


def answers(garage):
    return [garage.get(path) for path in CALLS] + [garage.park(), garage.leave("PS-0000000000")]


def test_it_is_off_unless_it_is_switched_on(device, settings):
    settings.CLASSIC_API = False
    for garage in (GarageClient(), GarageClient(device[1])):
        for answer in (*answers(garage), garage.get("docs")):
            message(answer, 404)
    assert not Ticket.objects.exists()


def test_outside_the_demo_each_call_needs_a_key_of_the_garage(device):
    other = make_device(make_gate(make_lot(), "entry"))[1]
    for answer in answers(GarageClient()):
        message(answer, 401)
        assert answer["WWW-Authenticate"] == "Bearer"
    for answer in answers(GarageClient("pk_" + "0" * 12 + "_" + "x" * 43)):
        message(answer, 401)
    for answer in answers(GarageClient(other)):
        message(answer, 403)
    assert not Ticket.objects.exists()
    assert GarageClient().get("docs").status_code == 200


def test_a_device_acts_under_its_own_name(device):
    garage = GarageClient(device[1])
    number = garage.park().json()["ticketNumber"]
    assert garage.leave(number).json()["status"] == "completed"
    assert [event.device for event in GateEvent.objects.all()] == [device[0]] * 2


def test_a_revoked_key_is_refused_at_once(device):
    garage = GarageClient(device[1])
    assert garage.get("status").status_code == 200
    revoke_device_key(device=device[0], at=now())
    message(garage.get("status"), 401)


def test_in_the_demo_a_wrong_key_is_still_wrong(device, settings):
    settings.PARKING_DEMO = True
    assert GarageClient().get("status").status_code == 200
    message(GarageClient("pk_wrong").get("status"), 401)


def test_the_garage_is_the_first_lot_or_the_one_that_is_named(device, settings):
    settings.PARKING_DEMO = True
    second = make_lot(spots={"regular": 7})
    assert GarageClient().get("garage/stats").json()["totalSpaces"] == 5
    settings.CLASSIC_LOT = second.slug
    assert GarageClient().get("garage/stats").json()["totalSpaces"] == 7
    settings.CLASSIC_LOT = "nowhere"
    message(GarageClient().get("garage/stats"), 404)


def test_callers_without_a_key_are_limited_by_their_address(lot, settings, monkeypatch):
    settings.PARKING_DEMO = True
    monkeypatch.setattr("api.classic.access.CALLS_PER_MINUTE", 3)
    garage = GarageClient()
    assert [garage.get("status").status_code for _ in range(3)] == [200] * 3
    limited = garage.get("status")
    message(limited, 429)
    assert int(limited["Retry-After"]) > 0


def test_answers_are_kept_by_no_cache(lot, settings):
    settings.PARKING_DEMO = True
    for path in ("activities", "garage/stats", "tickets/PS-0000000000"):
        assert GarageClient().get(path)["Cache-Control"] == "no-store"


BODIES = {
    "nothing": b"",
    "no JSON": b"licensePlate=ZH1",
    "broken JSON": b'{"licensePlate": "ZH 1"',
    "no UTF-8": b'{"licensePlate": "\xff"}',
    "a list": b'["ZH 1"]',
    "a text": b'"ZH 1"',
    "null": b"null",
    "a number": b"7",
    "no plate": b'{"vehicleType": "Car"}',
    "an empty plate": b'{"licensePlate": "", "vehicleType": "Car"}',
    "a plate of spaces": b'{"licensePlate": "   ", "vehicleType": "Car"}',
    "a plate without letters": b'{"licensePlate": "-.-", "vehicleType": "Car"}',
    "a number as plate": b'{"licensePlate": 123456, "vehicleType": "Car"}',
    "a list as plate": b'{"licensePlate": ["ZH 1"], "vehicleType": "Car"}',
    "null as plate": b'{"licensePlate": null, "vehicleType": "Car"}',
    "a long plate": b'{"licensePlate": "' + b"Z" * 16 + b'", "vehicleType": "Car"}',
    "an endless plate": b'{"licensePlate": "' + b"Z" * 100_000 + b'", "vehicleType": "Car"}',
    "a NUL in the plate": b'{"licensePlate": "ZH\\u0000 1", "vehicleType": "Car"}',
    "half a character": b'{"licensePlate": "ZH \\ud800 1", "vehicleType": "Car"}',
    "a number as vehicle": b'{"licensePlate": "ZH 1", "vehicleType": 7}',
    "an endless vehicle": b'{"licensePlate": "ZH 1", "vehicleType": "' + b"x" * 100_000 + b'"}',
    "deep": b"[" * 100_000,
    "huge": b'{"licensePlate": "ZH 1", "vehicleType": "Car", "more": "' + b"x" * 2_000_000 + b'"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_what_is_no_car_is_refused_with_a_message(lot, settings, body):
    settings.PARKING_DEMO = True
    garage = GarageClient()
    message(garage.send("tickets", body), 400)
    message(garage.send("tickets", body, content_type="text/plain"), 400)
    assert not Ticket.objects.exists()


def test_addresses_and_methods_that_are_none_are_refused_with_a_message(lot, settings):
    settings.PARKING_DEMO = True
    garage = GarageClient()
    message(garage.get("nothing"), 404)
    message(garage.get("tickets"), 405)
    message(garage.send("status", {}), 405)
    message(garage.send("tickets/PS-0000000000/exit", {}, "POST"), 405)
    assert garage.get("v1/nothing").json()["code"] == "not_found"
    assert reverse("classic_docs") == "/api/docs"
