"""Money back and old debts: two people and one refund, and two debts paid with the fee, by keyboard."""

import datetime as dt
import os
from pathlib import Path

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from billing.models import Debt, RefundRequest
from billing.services import appeal_debt, ask_refund, record_debt, refund_payment, return_refund, take_payment
from tests.browser.conftest import LOOKS
from tests.factories import make_charge, make_lot, make_operator, make_shift, make_ticket, make_user
from tests.gates.lanes import Lane
from tickets.models import Ticket, TicketStatus

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Garage:
    """A garage whose car owes CHF 9.00 and, from before, 4.00 and 5.00; refunds above CHF 5.00 need two."""

    def __init__(self) -> None:
        operator = make_operator("acme", refund_limit=500)
        self.lot = make_lot(operator, name="Central Garage", spots={"regular": 20})
        Lane(self.lot, "entry", name="IN 1")
        Lane(self.lot, "exit", code="central-out-1", name="OUT 1")
        self.ticket = make_ticket(self.lot, "ZH 123456", entry_at=now() - dt.timedelta(hours=2, minutes=30, seconds=30))
        self.debts = [self._owe(amount, days) for amount, days in ((400, 20), (500, 3))]
        self.attendant = make_user("attendant", operator, name="Beat Frei")
        make_shift(self.attendant, self.lot)
        self.admin = make_user("admin", operator, name="Anna Keller")

    def _owe(self, amount: int, days: int) -> Debt:
        left_at = now() - dt.timedelta(days=days)
        charge = make_charge(self.lot, amount, at=left_at)
        times = {"entry_at": left_at - dt.timedelta(hours=2), "exit_at": left_at}
        make_ticket(self.lot, "ZH 123456", status="closed", closed_reason="owed", charge=charge, **times)
        return record_debt(charge=charge, plate="ZH 123456", reason="card declined twice", at=left_at)


@pytest.fixture
def garage():
    return Garage()


@pytest.fixture
def window(browser, live_server):
    """Open a page as a person, each in a browser of their own."""
    opened = []

    def open_as(person) -> Page:
        client = Client()
        client.force_login(person)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
        opened.append(context)
        return context.new_page()

    yield open_as
    for context in opened:
        context.close()


def look(page: Page, name: str) -> None:
    """Keep pictures of the page in every size and light, where PICTURES names a folder."""
    folder = os.environ.get("PICTURES")
    for size, scheme in LOOKS if folder else ():
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=Path(folder) / f"{name}-{size['width']}-{scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")


def test_two_people_give_one_refund(garage, window, live_server, flaws):
    desk = window(garage.attendant)
    desk.goto(f"{live_server.url}/desk/stays/{garage.ticket.number}/")
    desk.keyboard.press("F9")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status", name="Last done")).to_contain_text("ZH 123456 may leave")

    desk.goto(f"{live_server.url}/desk/stays/{garage.ticket.number}/")
    desk.keyboard.press("Control+g")
    expect(desk.get_by_label("Amount")).to_be_focused()
    desk.keyboard.type("9")
    desk.get_by_label("Amount").fill("9.00")
    desk.get_by_label("Reason").fill("The lift was out of order")
    look(desk, "desk-refund")
    assert flaws(desk) == []
    desk.get_by_label("Reason").press("Enter")
    expect(desk.get_by_role("status", name="Last done")).to_contain_text("wait for a second person")
    look(desk, "desk-refund-waits")

    office = window(garage.admin)
    office.goto(f"{live_server.url}/manage/refunds/")
    expect(office.get_by_text("asked for by Beat Frei")).to_be_visible()
    look(office, "office-refund-waits")
    assert flaws(office) == []
    office.get_by_role("button", name="Approve").click()
    expect(office.get_by_text("Approved, to be handed over in cash.")).to_be_visible()
    assert RefundRequest.objects.get().decided_by == garage.admin

    desk.goto(f"{live_server.url}/desk/stays/{garage.ticket.number}/")
    expect(desk.get_by_text("approved by Anna Keller")).to_be_visible()
    desk.keyboard.press("Control+g")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("status", name="Last done")).to_contain_text("Give ZH 123456 CHF 9.00 back")
    look(desk, "desk-refund-handed-over")
    assert RefundRequest.objects.get().refund.returned_by == garage.attendant


def test_two_debts_are_paid_with_the_fee_by_key(garage, window, live_server, flaws):
    desk = window(garage.attendant)
    desk.goto(f"{live_server.url}/desk/stays/{garage.ticket.number}/")
    look(desk, "desk-debts")
    assert flaws(desk) == []
    desk.keyboard.press("Control+Enter")
    expect(desk.get_by_text("All of it")).to_be_visible()
    look(desk, "desk-together")
    assert flaws(desk) == []

    desk.keyboard.press("F9")
    desk.keyboard.type("20")
    expect(desk.get_by_text("Change CHF 2.00")).to_be_visible()
    desk.keyboard.press("Enter")

    done = desk.get_by_role("status", name="Last done")
    expect(done).to_contain_text("CHF 18.00 with 2 debts.")
    look(desk, "desk-together-done")
    assert not Debt.objects.open().exists()
    assert Ticket.objects.get(pk=garage.ticket.pk).status == TicketStatus.CLOSED


def test_pages_of_refunds_and_debts_look_right(garage, window, live_server, flaws):
    """Every state once: stuck, given back, waiting; a debt that is disputed, and what may be written off."""
    for number, token in enumerate(("tok_no_refund", "tok_ok", "tok_ok")):
        charge = make_charge(garage.lot, 600)
        make_ticket(garage.lot, f"GE {number}00", status="closed", exit_at=now(), closed_reason="paid", charge=charge)
        key, at = f"key-{number}", now()
        paid = take_payment(charge=charge, method="card", amount=None, token=token, idempotency_key=key, at=at)
        if number == 2:
            ask_refund(payment=paid, amount=600, reason="Waited", idempotency_key=key, by=garage.attendant, at=at)
        else:
            fields = {"amount": 300, "reason": "Broken lift", "goodwill": True, "refunded_by": garage.attendant}
            return_refund(refund=refund_payment(payment=paid, idempotency_key=key, at=at, **fields), at=at)
    text = "I paid at the machine, but it printed no receipt."
    appeal_debt(debt=garage.debts[0], text=text, email="driver@example.com", at=now())

    office = window(garage.admin)
    pages = {
        "office-payments": "payments/",
        "office-payment": f"payments/{paid.pk}/",
        "office-refunds": "refunds/",
        "office-debts": "debts/",
        "office-debt": f"debts/{garage.debts[0].pk}/",
        "office-write-off": "debts/write-off/?days=1&most=100",
    }
    found = {}
    for name, path in pages.items():
        office.goto(f"{live_server.url}/manage/{path}")
        look(office, name)
        found[name] = flaws(office)
    driver = window(make_user())
    for name, path in {"pay-owed": "", "pay-appeal": "appeal/"}.items():
        driver.goto(f"{live_server.url}/pay/{garage.debts[1].charge.ticket.token}/{path}")
        look(driver, name)
        found[name] = flaws(driver)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
