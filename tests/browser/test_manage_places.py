"""An admin sets a garage up from nothing and watches its first car arrive."""

import re
import uuid

import httpx
import pytest
from django.urls import reverse
from django.utils.timezone import now
from playwright.sync_api import expect

from accounts.models import Operator
from lots.models import Lot
from tests.factories import make_device, make_gate, make_lot, make_operator, make_ticket, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def operator():
    return make_operator("acme")


@pytest.fixture
def signed_in(client, operator, live_server):
    client.force_login(make_user("admin", operator))
    return [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]


@pytest.fixture(params=[{}, {"java_script_enabled": False}], ids=["script", "no script"])
def desk(browser, signed_in, request):
    context = browser.new_context(**request.param)
    context.add_cookies(signed_in)
    yield context.new_page()
    context.close()


def make_garage(page, url):
    """Make a lot with 300 spots and a gate, issue a key to its camera, and return the key."""
    page.goto(f"{url}/manage/lots/")
    page.get_by_role("main").get_by_role("link", name="Add a lot").first.click()
    page.get_by_label("Name", exact=True).fill("Central Garage")
    page.get_by_label("City").fill("Zürich")
    page.get_by_label("Timezone").select_option("Europe/Zurich")
    page.get_by_role("button", name="Add lot").click()
    page.get_by_label("How many").fill("300")
    page.get_by_label("Prefix").fill("A-")
    page.get_by_role("button", name="Add spots").click()
    expect(page.get_by_role("status").filter(has_text="300 spots added on Ground")).to_be_visible()

    page.get_by_role("navigation", name="Central Garage").get_by_role("link", name="Gates").click()
    page.get_by_role("main").get_by_role("link", name="Add a gate").first.click()
    page.get_by_label("Code").fill("central-in-1")
    page.get_by_role("button", name="Add gate").click()
    page.get_by_role("button", name="Issue a key").click()
    return page.get_by_label("Device key").input_value()


def first_spot(page, status):
    return page.get_by_role("checkbox", name=re.compile(rf"^A-1 ?, Regular, {status}"))


def send_car(url, key, plate):
    read = {"event_id": str(uuid.uuid4()), "plate": plate, "confidence": 0.97, "captured_at": now().isoformat()}
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.post(f"{url}/api/v1/gates/central-in-1/reads", json=read, headers=headers, timeout=20).json()


def test_admin_makes_a_garage_and_the_first_car_appears_without_reloading(live_server, desk, request):
    key = make_garage(desk, live_server.url)
    desk.goto(f"{live_server.url}/manage/lots/central-garage/levels/0/")
    expect(first_spot(desk, "free")).to_be_visible()

    answer = send_car(live_server.url, key, "ZH 123456")

    assert (answer["action"], answer["spot"]["number"]) == ("open", "A-1")
    if "no script" in request.node.name:
        desk.reload()
    expect(first_spot(desk, "occupied")).to_be_visible(timeout=15_000)
    first_spot(desk, "occupied").check(force=True)
    desk.get_by_role("button", name="Open the spot").click()
    expect(desk.get_by_role("region", name="Ticket")).to_contain_text("ZH 123456")


def test_wrong_answers_are_said_beside_their_fields(live_server, desk):
    desk.goto(f"{live_server.url}/manage/lots/new/")
    desk.get_by_label("Name", exact=True).fill("Central Garage")
    desk.get_by_label("Currency").fill("ZZZ")
    desk.get_by_role("button", name="Add lot").click()
    expect(desk.get_by_text("This is not a known currency code, such as CHF")).to_be_visible()
    expect(desk.get_by_label("Name", exact=True)).to_have_value("Central Garage")
    assert not Lot.objects.exists()


def test_pages_are_accessible_and_fit(live_server, browser, signed_in, flaws):
    lot = make_lot(
        Operator.objects.get(), slug="central", spots={"regular": 30, "ev": 3, "handicap": 2, "motorcycle": 2}
    )
    gate = make_gate(lot)
    device, _ = make_device(gate)
    spot = make_ticket(lot).spot
    paths = {
        *(reverse(name) for name in ("office:lots", "office:lot_new", "office:gates", "office:gate_new")),
        *(reverse(name) for name in ("office:tariffs", "office:tariff_new")),
        *(reverse(name, args=["central"]) for name in ("office:lot", "office:lot_settings")),
        *(
            reverse(name, args=["central", 0])
            for name in ("office:level", "office:level_removal", "office:level_layout")
        ),
        reverse("office:zone", args=["central", spot.zone_id]),
        reverse("office:spot", args=["central", spot.pk]),
        reverse("office:gate", args=[gate.code]),
        reverse("office:device_key", args=[device.pk]),
        reverse("office:device_revocation", args=[device.pk]),
        reverse("office:tariff", args=[lot.tariffs.get().pk]),
        reverse("office:tariff_edit", args=[lot.tariffs.get().pk]),
    }
    context = browser.new_context()
    context.add_cookies(signed_in)
    page = context.new_page()
    found = {}
    for path in paths:
        page.goto(live_server.url + path)
        page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
        found[path] = flaws(page)
    context.close()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_a_key_is_made_for_a_program_shown_once_and_used(desk, live_server, operator):
    """With and without scripts; the new key opens the API, and the page never shows it again."""
    make_lot(operator, slug="central", name="Central Garage")
    desk.goto(f"{live_server.url}/manage/keys/")
    desk.get_by_role("main").get_by_role("link", name="Make a key").first.click()
    desk.get_by_label("Name").fill("Accounting")
    desk.get_by_label("Stays").select_option(label="Read")
    desk.get_by_label("Central Garage").check()
    desk.get_by_role("button", name="Make the key").click()
    key = desk.get_by_label("API key").input_value()
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{live_server.url}/api/v1/tickets", headers=headers).status_code == 200
    assert httpx.get(f"{live_server.url}/api/v1/users", headers=headers).status_code == 403
    desk.get_by_role("link", name="Replace…").click()
    desk.get_by_label("One hour").check()
    desk.get_by_role("button", name="Replace the key").click()
    fresh = {"Authorization": f"Bearer {desk.get_by_label('API key').input_value()}"}
    assert [httpx.get(f"{live_server.url}/api/v1/tickets", headers=one).status_code for one in (headers, fresh)] == [
        200,
        200,
    ]
    desk.reload()
    expect(desk.get_by_label("API key")).to_have_count(0)
    desk.get_by_role("link", name="Withdraw…").click()
    desk.get_by_role("button", name="Withdraw the key").click()
    expect(desk.get_by_role("status").filter(has_text="The key Accounting is withdrawn")).to_be_visible()
    assert httpx.get(f"{live_server.url}/api/v1/tickets", headers=fresh).status_code == 401
