"""A driver buys a pass, swaps a plate and renews it; somebody of a company adds a plate to its pool."""

import datetime as dt

import pytest
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import expect

from passes.models import Pass
from passes.services import offer_renewals
from tests.browser.conftest import PHONE
from tests.factories import make_lot, make_saved_method, make_user
from tests.passes.sold import company_of, manager_of, offered, pool

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_pass_is_bought_swapped_and_renewed_and_a_company_adds_a_plate(live_server, page, flaws):
    lot = make_lot(name="Tower", spots={"regular": 4})
    offered(lot, renewal="charge", most_plates=2)
    driver = make_user(name="Carla Rossi")
    make_saved_method(driver)
    company = company_of(lot)
    manager_of(company, driver, at=now())
    pool(lot, 2, "ZH 70", company=company, at=now(), valid_from=now().date())
    client = Client()
    client.force_login(driver)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])
    page.set_viewport_size(PHONE)

    page.goto(f"{live_server.url}/passes/")
    page.get_by_role("link", name="See and buy Month").click()
    page.get_by_label("Plates").fill("ZH 314")
    assert flaws(page) == []
    page.get_by_label("Visa").first.check()
    page.get_by_role("button", name="Buy for CHF 120.00").press("Enter")
    expect(page.get_by_text("is ready.")).to_be_visible()
    expect(page.get_by_role("link", name="R-")).to_be_visible()
    assert flaws(page) == []

    page.get_by_label("Plate", exact=True).last.fill("BE 1")
    page.get_by_role("button", name="Swap").press("Enter")
    expect(page.get_by_text("BE 1 is on your pass.")).to_be_visible()

    held = Pass.objects.get(holder=driver)
    offer_renewals(at=now() + dt.timedelta(days=20))
    page.reload()
    page.get_by_role("link", name="Renew for CHF 120.00").click()
    assert flaws(page) == []
    page.get_by_role("button", name="Pay CHF 120.00").press("Enter")
    expect(page.get_by_text("The next period is paid.")).to_be_visible()
    before, held = held.valid_until, Pass.objects.get(pk=held.pk)
    assert held.valid_until > before

    page.goto(f"{live_server.url}/me/company/")
    page.get_by_role("link", name="Change plates of Fleet").click()
    page.get_by_label("Plate", exact=True).first.fill("ZH 71")
    page.get_by_label("Whose it is").fill("Bob")
    page.get_by_role("button", name="Add plate").press("Enter")
    expect(page.get_by_text("ZH 71 is on your pass.")).to_be_visible()
    assert flaws(page) == []
