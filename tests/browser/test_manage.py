"""An operator's admin in a real browser: the home that moves, a review that is settled, every page light and dark."""

import datetime as dt
import uuid

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import expect

from billing.services import record_debt
from common.plates import normalise
from gates.models import GateEvent
from lists.services import run_batches
from tests.factories import (
    make_blocked_plate,
    make_charge,
    make_device,
    make_gate,
    make_lot,
    make_permit,
    make_ticket,
    make_user,
)
from tickets.models import Ticket
from tickets.numbers import new_number
from tickets.services import review_ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

HOUR = dt.timedelta(hours=1)


class World:
    """An operator's lot with a stay in review, a debt, a gate that has seen cars, and its admin."""

    def __init__(self):
        self.lot = make_lot(name="Tower", levels=2, spots={"regular": 9, "ev": 3})
        self.gate = make_gate(self.lot, name="IN 1")
        make_device(self.gate)
        self.admin = make_user("admin", self.lot.operator, name="Anna Keller")
        moment = now().replace(microsecond=0)
        ticket = make_ticket(self.lot, "ZH 123456", moment - 5 * HOUR)
        Ticket.objects.filter(pk=ticket.pk).update(number=new_number(lambda limit: 7 % limit))
        self.stay = review_ticket(ticket=ticket, at=moment - 2 * HOUR, why="reentry at IN 1")
        self.debt = record_debt(charge=make_charge(self.lot), plate="ZH 7", reason="declined", at=now())
        make_blocked_plate(self.lot.operator, "ZH 666")
        make_permit(self.lot.operator, "ZH 5")
        make_ticket(self.lot, "AG 1")
        for plate in ("ZH 1", "ZH 2"):
            self.see(plate)

    def see(self, plate, **fields):
        event = {"action": "open", "reason": "ok", "answer": {}, "body_hash": b"", "event_id": uuid.uuid4()}
        times = dict.fromkeys(("captured_at", "at", "received_at"), now())
        plates = {"plate": plate, "plate_normalised": normalise(plate)}
        device = self.gate.devices.first()
        GateEvent.objects.create(lot=self.lot, gate=self.gate, device=device, **event | times | plates | fields)

    @property
    def pages(self):
        names = [
            "",
            "reviews/",
            "stays/",
            "people/",
            "blocked/",
            "permits/",
            "debts/",
            "payments/",
            "documents/",
            "bookings/",
            "gates/",
            "waivers/",
            "events/",
            "messages/",
            "passes/",
            "exceptions/",
            "shifts/",
        ]
        return [
            f"/manage/{name}"
            for name in [
                *names,
                f"stays/{self.stay.number}/",
                f"debts/{self.debt.pk}/",
                f"bulk/write_off/?row={self.debt.pk}",
            ]
        ]

    def enter(self, context, url):
        client = Client()
        client.force_login(self.admin)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


@pytest.fixture
def world():
    return World()


def test_every_page_is_accessible_and_fits(live_server, page, flaws, world):
    world.see("ZH 3", flags=["no_spot"], action="deny", reason="full")
    world.enter(page.context, live_server.url)
    broken = []
    page.on("console", lambda message: broken.append(message.text))
    for path in world.pages:
        page.goto(live_server.url + path)
        assert broken == [], path
        assert flaws(page) == [], path
        broken.clear()  # axe styles the page itself


def test_new_car_appears_without_reloading_or_jumping(live_server, page, world):
    world.enter(page.context, live_server.url)
    page.set_viewport_size({"width": 1280, "height": 500})
    page.goto(f"{live_server.url}/manage/")
    page.evaluate("window.kept = true; window.scrollTo(0, 250)")

    world.see("GE 777")

    expect(page.locator(".activity").first).to_contain_text("GE 777", timeout=10_000)
    assert page.evaluate("[window.kept, window.scrollY]") == [True, 250]


def test_focus_stays_where_it_is_when_the_live_part_changes(live_server, page, world):
    world.see("ZH 123456", ticket=world.stay)
    world.enter(page.context, live_server.url)
    page.goto(f"{live_server.url}/manage/")
    link = page.locator(".activity a").first
    name = link.get_attribute("id")
    link.focus()

    world.see("GE 777")

    expect(page.locator(".activity").first).to_contain_text("GE 777", timeout=10_000)
    assert page.evaluate("document.activeElement.id") == name


def test_attention_grows_without_reloading(live_server, page, world):
    world.enter(page.context, live_server.url)
    page.clock.install()
    page.goto(f"{live_server.url}/manage/")
    expect(page.locator("#attention")).to_contain_text("1 stay in review")

    make_ticket(world.lot, "ZH 9", status="review")
    page.clock.run_for(31_000)

    expect(page.locator("#attention")).to_contain_text("2 stays in review")


def test_review_is_settled_at_the_price_that_is_shown(live_server, page, world):
    world.enter(page.context, live_server.url)
    page.goto(f"{live_server.url}/manage/")
    page.get_by_role("link", name="1 stay in review").click()
    page.get_by_role("link", name="ZH 123456").click()
    expect(page.get_by_role("button", name="Close with CHF 9.00 owed")).to_be_visible()

    field = page.get_by_label("When did the car leave?")
    earlier = dt.datetime.fromisoformat(field.input_value()) - HOUR
    field.fill(earlier.isoformat())
    field.blur()
    expect(page.get_by_role("button", name="Close with CHF 6.00 owed")).to_be_visible()
    page.locator("[name=why]").first.fill("seen leaving on the camera")
    page.get_by_role("button", name="Close with CHF 6.00 owed").click()

    expect(page.get_by_role("status").first).to_contain_text("closed, CHF 6.00 is owed by ZH 123456")
    expect(page.locator("main")).to_contain_text("seen leaving on the camera")
    assert Ticket.objects.get(pk=world.stay.pk).status == "closed"


def test_review_is_settled_without_javascript(live_server, browser, world):
    page = browser.new_context(java_script_enabled=False).new_page()
    world.enter(page.context, live_server.url)
    page.goto(f"{live_server.url}/manage/stays/{world.stay.number}/")

    field = page.get_by_label("When did the car leave?")
    field.fill((dt.datetime.fromisoformat(field.input_value()) - HOUR).isoformat())
    page.get_by_role("button", name="Show the price").click()
    page.get_by_label("is waived").check()
    page.locator("[name=why]").first.fill("our mistake")
    page.get_by_role("button", name="Close with CHF 6.00 owed").click()

    assert Ticket.objects.get(pk=world.stay.pk).closed_reason == "waived"
    page.context.close()


def test_lot_is_chosen_without_javascript(live_server, browser, world):
    other = make_lot(world.lot.operator, name="Field", slug="field")
    page = browser.new_context(java_script_enabled=False).new_page()
    world.enter(page.context, live_server.url)
    page.goto(f"{live_server.url}/manage/")

    page.get_by_label("Lot", exact=True).select_option(label=other.name)
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Field")
    assert page.url.endswith("?lot=field")
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_list_is_sorted_ticked_and_acted_on_by_keyboard(live_server, browser, world, scripts):
    record_debt(charge=make_charge(world.lot, 900), plate="ZH 9", reason="declined", at=now())
    context = browser.new_context(java_script_enabled=scripts)
    world.enter(context, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/manage/debts/")

    head = page.locator("th", has_text="Owed")
    head.get_by_role("link").focus()
    page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert "sort=-owed" in page.url
    expect(page.locator("tbody tr").first).to_contain_text("ZH 9")

    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill("Largest")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Largest")).to_have_attribute("aria-current", "true")
    expect(page.locator("tbody tr").first).to_contain_text("ZH 9")

    page.get_by_label("Tick ZH 9").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Write off…").press("Enter")
    expect(page.locator("main")).to_contain_text("1 row · CHF 9.00")
    page.get_by_label("Why?").fill("too little")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Being done · 0 of 1 rows")
    run_batches(clock=now)
    if not scripts:
        page.reload()
    expect(page.locator("main")).to_contain_text("1 row done.")
    page.get_by_role("link", name="Open debts").first.click()
    expect(page.locator("tbody tr")).to_have_count(1)
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_filters_are_folded_on_a_phone_alone(live_server, browser, world, scripts):
    record_debt(charge=make_charge(world.lot, 900), plate="ZH 9", reason="declined", at=now())
    context = browser.new_context(java_script_enabled=scripts, viewport={"width": 360, "height": 740})
    world.enter(context, live_server.url)
    page = context.new_page()
    page.goto(f"{live_server.url}/manage/debts/")
    amount, fold = page.get_by_label("At least"), page.locator("#filter summary")

    expect(amount).to_be_hidden()
    expect(fold).to_have_text("Filters")
    assert page.locator("#rows").bounding_box()["y"] < page.locator("#filter").bounding_box()["y"] + 260
    fold.press("Enter")
    amount.fill("8.50")
    amount.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(fold).to_have_text("Filters (1)")

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{live_server.url}/manage/debts/")
    expect(fold).to_be_hidden()
    expect(amount).to_be_visible()
    page.locator("#id_most").focus()
    page.keyboard.press("Shift+Tab")
    expect(amount).to_be_focused()
    context.close()


def test_message_is_closed_by_keyboard(live_server, page, world):
    world.enter(page.context, live_server.url)
    page.goto(f"{live_server.url}/manage/permits/")
    page.get_by_role("button", name="End the permit of").click()
    said = page.get_by_role("status").first
    expect(said).to_contain_text("The permit of ZH 5 ends on")

    said.get_by_role("button", name="Close this message").press("Enter")

    expect(said).to_be_empty()
    expect(page.locator("#main")).to_be_focused()
