"""An admin in a real browser ends stays that are not there any more: ticked in a list, priced, ended at once."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import expect

from billing.models import Debt
from tests.browser.conftest import DESK, PHONE
from tests.factories import make_lot, make_ticket, make_user
from tickets.models import Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class World:
    """A lot with two cars that have left unseen and one that came today, and its admin."""

    def __init__(self):
        self.lot = make_lot(name="Tower", spots={"regular": 9})
        self.admin = make_user("admin", self.lot.operator)
        today = now().replace(microsecond=0)
        self.old = [make_ticket(self.lot, f"ZH {number}", today - dt.timedelta(days=20)) for number in (1, 2)]
        self.new = make_ticket(self.lot, "ZH 3", today - dt.timedelta(hours=1))


@pytest.fixture
def world():
    return World()


@pytest.fixture
def page(world, context, live_server):
    client = Client()
    client.force_login(world.admin)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    return context.new_page()


def test_long_stays_are_found_from_the_overview_and_ended_together(world, page, live_server, flaws):
    page.set_viewport_size(DESK)
    page.goto(f"{live_server.url}/manage/")
    page.get_by_role("link", name="2 stays are unusually long").click()
    assert flaws(page) == []
    page.get_by_label("All on this page").check()
    page.get_by_role("button", name="End the ticked stays").click()
    expect(page.get_by_role("heading", name="End 2 stays")).to_be_visible()

    hours = page.locator("#id_stayed_hours")
    expect(hours).to_be_hidden()
    page.get_by_label("Some hours after it came").check()
    hours.fill("2")
    page.get_by_label("Why?").fill("the barrier stood open")
    expect(page.locator("#priced")).to_contain_text(re.compile(r"CHF.12\.00"))
    assert flaws(page) == []
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="End these 2 stays").click()

    expect(page.get_by_text("2 stays are ended.")).to_be_visible()
    assert [debt.amount for debt in Debt.objects.all()] == [600, 600]
    assert {*Ticket.objects.open()} == {world.new}


def test_without_scripts_the_prices_come_before_the_end(world, browser, live_server):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    client = Client()
    client.force_login(world.admin)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/manage/stays/{world.old[0].number}/")
    page.get_by_role("link", name="End this stay").click()
    page.get_by_label("It was never a real stay").check()
    page.get_by_label("Why?").fill("two tickets for one car")
    page.get_by_role("button", name="Show the prices").click()
    expect(page.locator("#priced")).to_contain_text("Nothing is charged")
    expect(page.get_by_label("Why?")).to_have_value("two tickets for one car")
    page.get_by_role("button", name="End this stay").click()

    expect(page.get_by_text("1 stay is ended.")).to_be_visible()
    assert Ticket.objects.get(pk=world.old[0].pk).status == "void"
    context.close()
