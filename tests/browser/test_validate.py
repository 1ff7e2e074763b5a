"""A merchant's person validates a car on a phone and takes it back; the lane asks for the lower fee."""

import datetime as dt

import pytest
from django.test import Client
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.factories import make_merchant, make_ticket, make_validation_type, make_validator
from tests.gates.lanes import Lanes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def phone(browser, request, live_server):
    lanes = Lanes(spots={"regular": 3})
    shop = make_merchant(lanes.lot, name="Café Rosso")
    make_validation_type(shop, {"free_minutes": 60}, name="Coffee")
    make_ticket(lanes.lot, "ZH 123456", dt.datetime.now(dt.UTC) - dt.timedelta(hours=2, minutes=30))
    client = Client()
    client.force_login(make_validator(shop))
    context = browser.new_context(viewport=PHONE, java_script_enabled=request.param)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.lanes = lanes
    page.goto(f"{live_server.url}/validate/")
    yield page
    context.close()


def test_scan_tap_done_undo(phone, flaws, request):
    phone.get_by_label("Ticket or plate").fill("zh 123 456")
    phone.get_by_role("button", name="Coffee").click()

    expect(phone.get_by_role("heading", name="Done")).to_be_visible()
    fee = phone.lanes.exit.read("ZH 123456")["fee"]
    assert (fee["amount"], fee["lines"][-1]["label"]) == (600, "Café Rosso: 60 min free")
    if "no script" not in request.node.name:
        assert flaws(phone) == []
        phone.set_viewport_size(PHONE)
    phone.get_by_role("button", name="Undo Coffee").first.click()
    expect(phone.get_by_text("Undone: Coffee was taken back.")).to_be_visible()
    assert phone.lanes.exit.read("ZH 123456")["fee"]["amount"] == 900


def test_a_wrong_plate_is_refused_at_its_field(phone):
    phone.get_by_label("Ticket or plate").fill("AG 1")
    phone.get_by_role("button", name="Coffee").click()

    expect(phone.get_by_text("No car that is parked here has this ticket or plate.").first).to_be_visible()
