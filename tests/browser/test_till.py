"""A cashier's shift by keyboard: opened, a car paid in cash, a drop to the safe, counted blind and 2.00 short."""

import datetime as dt
import os
import re
from pathlib import Path

import pytest
from django.utils.timezone import now
from playwright.sync_api import Page, expect

from billing.models import Shift, ShiftCount
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_desk import find, press, said
from tests.factories import make_lot, make_operator, make_ticket, make_user
from tests.gates.lanes import Lane

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("TILL_PICTURES", "")
"""A folder for pictures to look at; none by default."""


class Booth:
    """A garage with an exit lane, a car that owes CHF 9.00, and an attendant without a shift."""

    def __init__(self):
        operator = make_operator("acme")
        self.lot = make_lot(operator, name="Central Garage", spots={"regular": 20})
        self.exit = Lane(self.lot, "exit", code="central-out-1", name="OUT 1")
        self.ticket = make_ticket(self.lot, "ZH 123456", entry_at=now() - dt.timedelta(hours=2, minutes=30, seconds=30))
        self.attendant = make_user("attendant", operator, name="Beat Frei")


@pytest.fixture
def site():
    return Booth()


@pytest.fixture
def desk(page, client, site, live_server):
    client.force_login(site.attendant)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )
    page.goto(f"{live_server.url}/desk/")
    yield page
    page.goto("about:blank")


def picture(page: Page, name: str) -> None:
    if not PICTURES:
        return
    for size, scheme in ((DESK, "light"), (PHONE, "light"), (DESK, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=Path(PICTURES) / f"{name}-{size['width']}-{scheme}.png", full_page=True)
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light")


def look_at(page, name, flaws):
    picture(page, name)
    assert flaws(page) == [], name
    page.set_viewport_size(DESK)
    page.reload()


def test_shift_is_opened_sells_drops_and_is_closed_blind_two_francs_short(desk, site, flaws):
    find(desk, "2345")
    look_at(desk, "1-no-shift", flaws)
    press(desk, "F9")
    expect(desk.get_by_role("heading", name="Open your shift")).to_be_visible()
    look_at(desk, "2-open", flaws)
    expect(desk.get_by_label("Float, as counted")).to_be_focused()
    desk.keyboard.type("100")
    press(desk, "Enter")
    expect(desk).to_have_url(re.compile("/stays/"))
    look_at(desk, "3-pay", flaws)
    press(desk, "F9")
    desk.keyboard.type("20")
    press(desk, "Enter")
    expect(said(desk)).to_contain_text("ZH 123456 may leave")
    expect(desk.get_by_text("1 sale")).to_be_visible()

    desk.get_by_role("link", name="Move cash or count").click()
    desk.get_by_label("Amount, in CHF").fill("50")
    press(desk, "Enter")
    expect(desk.get_by_text("−CHF 50.00")).to_be_visible()
    look_at(desk, "4-running", flaws)
    press(desk, "F9", "Enter")
    expect(desk.get_by_role("heading", name="Count your drawer")).to_be_visible()
    expect(desk.get_by_text("59.00")).not_to_be_visible()
    look_at(desk, "5-count", flaws)

    expect(desk.get_by_label("1000", exact=True)).to_be_focused()
    for pieces in ("", "", "", "1", "", "", "1", "1"):  # 50 + 5 + 2: two francs are missing
        desk.keyboard.type(pieces)
        press(desk, "Enter")
    expect(desk.locator("[data-counted]")).to_contain_text("CHF 57.00")
    for _box in range(7):
        press(desk, "Enter")
    press(desk, "Enter")
    expect(desk.get_by_role("heading", name="You counted CHF 57.00")).to_be_visible()
    look_at(desk, "6-sure", flaws)
    press(desk, "Enter")
    expect(desk.get_by_text("Short")).to_be_visible()
    look_at(desk, "7-close", flaws)
    expect(desk.get_by_label("Note")).to_be_focused()
    desk.keyboard.type("Gave 13 instead of 11")
    desk.get_by_label("Left in the drawer").fill("50")
    press(desk, "Enter")
    expect(desk.get_by_role("heading", name="Close-out")).to_be_visible()
    look_at(desk, "8-report", flaws)

    count = ShiftCount.objects.get(tender="cash")
    assert (count.expected_amount, count.counted_amount, count.difference) == (5900, 5700, -200)
    assert Shift.objects.get().note == "Gave 13 instead of 11"
