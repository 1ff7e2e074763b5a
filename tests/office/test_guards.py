"""Guards: they see gates and act there with a reason, see no money, and plates in part only."""

from uuid import uuid4

import pytest

from gates.models import GateEvent
from lots.models import Gate
from tests.entrance.sessions import client_of
from tests.factories import make_user
from tests.gates.lanes import Lanes

pytestmark = pytest.mark.django_db


@pytest.fixture
def lanes():
    return Lanes(spots={"regular": 3})


@pytest.fixture
def guard(lanes):
    return client_of(make_user("guard", lanes.lot.operator, name="Urs Wyss"))


def words(response):
    return " ".join(response.content.decode().split())


def test_first_page_is_the_list_of_gates_and_the_menu_has_no_more(guard, lanes):
    assert guard.get("/home/")["Location"] == "/manage/gates/"
    page = words(guard.get("/manage/gates/"))

    assert str(lanes.entry.gate) in page
    assert "Add a gate" not in page
    for other in ("/desk/", "/manage/revenue/", "/manage/people/", "/manage/tariffs/"):
        assert f'href="{other}"' not in page
        assert guard.get(other).status_code == 403


def test_plates_are_masked_and_no_amount_is_shown(guard, lanes):
    lanes.entry.read("ZH 123456", minute=-120)
    lanes.exit.read("ZH 123456")
    address = f"/manage/gates/{lanes.exit.gate.code}/"

    page = words(guard.get(address))
    assert "asked to pay" in page
    assert "123456" not in page
    assert "CHF" not in page
    assert lanes.exit.device.key_prefix not in page
    admin = client_of(make_user("admin", lanes.lot.operator))
    assert "123456" in words(admin.get(address))


def test_gate_is_opened_once_held_and_let_go_with_a_reason(guard, lanes):
    address, key = f"/manage/gates/{lanes.entry.gate.code}/", uuid4()
    for _ in range(2):
        guard.post(f"{address}open/", {"key": key, "note": "Ambulance"})
    event = GateEvent.objects.get()
    assert (event.action, event.reason, event.note, str(event.person)) == ("open", "by_hand", "Ambulance", "Urs Wyss")
    assert guard.post(f"{address}open/", {"key": uuid4(), "note": " "}).status_code == 422

    guard.post(f"{address}hold/", {"key": uuid4(), "note": "Fire alarm"})
    assert Gate.objects.get(pk=lanes.entry.gate.pk).is_held_open
    guard.post(f"{address}release/")
    assert not Gate.objects.get(pk=lanes.entry.gate.pk).is_held_open


def test_gate_is_taken_out_of_service_with_a_reason_and_put_back(guard, lanes):
    address = f"/manage/gates/{lanes.entry.gate.code}/"
    refused = guard.post(f"{address}closing/", {"closed": "yes", "why": ""})
    assert refused.status_code == 422
    assert "closing_why" in words(refused) or "id_why" in words(refused)

    guard.post(f"{address}closing/", {"closed": "yes", "why": "Barrier broken"})
    assert "By Urs Wyss: Barrier broken" in words(guard.get(address))
    assert lanes.entry.read("ZH 1")["reason"] == "closed"
    guard.post(f"{address}closing/", {"closed": "no"})
    gate = Gate.objects.get(pk=lanes.entry.gate.pk)
    assert (gate.is_closed, gate.closed_by, gate.closed_why) == (False, None, "")


def test_settings_and_devices_are_for_admins(guard, lanes):
    address = f"/manage/gates/{lanes.entry.gate.code}/"
    assert guard.post(address, {"name": "Mine"}).status_code == 403
    assert guard.post(f"{address}devices/", {"kind": "camera"}).status_code == 403
    assert guard.get(f"/api/v1/lots/{lanes.lot.slug}/gates").status_code == 403
