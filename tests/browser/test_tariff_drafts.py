"""An admin drafts new prices, watches them compared with last month's stays, publishes them for Monday, takes them back."""

import datetime as dt

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import expect

from billing.models import TariffDraft
from lots.calendar import local_day
from tests.factories import make_lot, make_ticket, make_user
from tickets.tasks import compare_drafts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_draft_is_compared_published_and_taken_back_with_the_keyboard(live_server, page, flaws):
    lot = make_lot(name="Tower", slug="tower")
    for hours in (1, 5):
        left_at = now() - dt.timedelta(days=2, hours=hours)
        entry_at = left_at - dt.timedelta(hours=hours)
        make_ticket(lot, f"ZH {hours}", entry_at=entry_at, status="closed", exit_at=left_at, closed_reason="left")
    client = Client()
    client.force_login(make_user("admin", lot.operator))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])

    page.goto(f"{live_server.url}/manage/tariffs/drafts/new/")
    page.get_by_label("Name").fill("Winter")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Change").press("Enter")
    page.locator("[name=plans-0-bands-0-price]").fill("3.50")
    page.get_by_role("button", name="Save the draft").press("Enter")
    page.get_by_role("button", name="Compare").press("Enter")
    expect(page.get_by_text("0 of 2 stays")).to_be_visible()
    assert flaws(page) == []
    compare_drafts()
    expect(page.get_by_text("Revenue +16.7 %, 2 stays dearer, the dearest by CHF 2.50")).to_be_visible()
    assert flaws(page) == []

    page.get_by_role("link", name="Publish…").press("Enter")
    assert flaws(page) == []
    page.get_by_role("button", name="Publish").press("Enter")
    expect(page.get_by_text("Scheduled")).to_be_visible()
    assert TariffDraft.objects.get().published_as.valid_from.weekday() == 0
    page.goto(f"{live_server.url}/lots/tower/")
    page.get_by_text("Other prices from").press("Enter")
    expect(page.get_by_text("CHF 3.50")).to_be_visible()
    page.goto(f"{live_server.url}/manage/tariffs/history/tower/")
    expect(page.get_by_role("heading", name="Published the draft Winter")).to_be_visible()
    assert flaws(page) == []

    page.goto(f"{live_server.url}/manage/tariffs/event-days/tower/")
    page.get_by_label("Event", exact=True).fill("Fair")
    page.get_by_label("First day").fill(f"{local_day(lot, now()) + dt.timedelta(days=3)}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No plan for it").first).to_be_visible()
    assert flaws(page) == []
    page.goto(f"{live_server.url}/manage/tariffs/drafts/{TariffDraft.objects.get().pk}/take-back/")
    page.get_by_role("button", name="Take back").press("Enter")
    expect(page.get_by_text("Winter is a draft again.")).to_be_visible()
    assert lot.tariffs.current().get().name == "Standard"
