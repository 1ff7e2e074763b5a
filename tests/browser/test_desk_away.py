"""The desk while its server does not answer: the page and what was typed stay, and what was sent is done once."""

import time

import pytest
from playwright.sync_api import expect

from billing.models import Payment
from gates.models import GateEvent
from tests.browser.cut_line import CutLine
from tests.browser.test_desk import Site, find, press, said
from tickets.models import Ticket, TicketStatus

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CAR = "ZH 123456"


@pytest.fixture
def site():
    return Site()


@pytest.fixture
def line(live_server):
    line = CutLine(live_server.thread.host, live_server.thread.port)
    yield line
    line.close()


@pytest.fixture
def desk(page, client, site, line):
    client.force_login(site.attendant)
    address = f"http://127.0.0.1:{line.port}"
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}])
    page.goto(f"{address}/desk/")
    yield page
    line.mend()
    page.goto("about:blank")


def hand_over(desk, amount):
    find(desk, "2345")
    press(desk, "F9")
    desk.keyboard.type(amount)


def done_once(site):
    """Return the cash taken, the times the gate was opened for the stay, and its state."""
    taken = list(Payment.objects.filter(method="cash").values_list("captured_amount", flat=True))
    opened = GateEvent.objects.filter(ticket=site.ticket, action="open", gate__direction="exit").count()
    return taken, opened, Ticket.objects.get(pk=site.ticket.pk).status


def away(desk):
    return desk.get_by_role("alert").filter(has_text="The server does not answer.")


@pytest.mark.parametrize("seconds", [4, pytest.param(180, marks=pytest.mark.proof)])
def test_cash_is_taken_once_after_the_server_was_away(desk, site, line, flaws, seconds):
    hand_over(desk, "20")
    line.cut()
    press(desk, "Enter")
    expect(away(desk)).to_contain_text("Cash")
    expect(desk.get_by_label("Cash handed over")).to_have_value("20")
    press(desk, "Enter", "F7")
    looked = flaws(desk) if seconds < 10 else []
    time.sleep(seconds)
    assert done_once(site) == ([], 0, TicketStatus.ACTIVE)
    expect(desk.get_by_label("Cash handed over")).to_have_value("20")

    line.mend()
    expect(said(desk)).to_contain_text(f"{CAR} may leave", timeout=10_000)
    assert done_once(site) == ([900], 1, TicketStatus.CLOSED)
    assert looked == []


def test_a_lost_answer_is_asked_for_again_and_costs_nothing_twice(desk, site, line):
    hand_over(desk, "20")
    line.lose_the_answer_to(b"POST")
    press(desk, "Enter")
    expect(away(desk)).to_be_visible()
    assert done_once(site) == ([900], 1, TicketStatus.CLOSED)

    line.mend()
    expect(said(desk)).to_contain_text("CHF 11.00", timeout=10_000)
    assert done_once(site) == ([900], 1, TicketStatus.CLOSED)


def test_what_is_refused_after_all_is_told_at_its_field(desk, site, line):
    hand_over(desk, "5")
    line.cut()
    press(desk, "Enter")
    expect(away(desk)).to_be_visible()

    line.mend()
    expect(desk.get_by_text("Not done:")).to_be_visible(timeout=10_000)
    expect(desk.get_by_label("Cash handed over")).to_have_value("5")
    assert done_once(site) == ([], 0, TicketStatus.ACTIVE)


def test_links_keep_the_page_and_what_waits_can_be_given_up(desk, site, line):
    hand_over(desk, "20")
    line.cut()
    press(desk, "F7")
    expect(away(desk)).to_contain_text("Let a car in")
    desk.get_by_role("button", name="Don’t send it").click()
    expect(away(desk)).to_be_hidden()
    press(desk, "Enter")
    expect(away(desk)).to_contain_text("Cash")
    desk.get_by_role("button", name="Don’t send it").click()

    line.mend()
    time.sleep(1.5)
    assert done_once(site) == ([], 0, TicketStatus.ACTIVE)
    desk.get_by_label("Cash handed over").press("Enter")
    expect(said(desk)).to_contain_text(f"{CAR} may leave")
    assert done_once(site) == ([900], 1, TicketStatus.CLOSED)
