"""A driver finds a lot, books a place, sees the booking, changes and cancels it: on a phone, also without JavaScript."""

import datetime as dt
import re

import pytest
from django.test import Client
from playwright.sync_api import expect

from reservations.models import Reservation
from tests.browser.conftest import PHONE
from tests.factories import make_lot, make_user, make_vehicle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def driver():
    driver = make_user(password="s3cret-words")
    make_vehicle(driver, "ZH 77")
    return driver


@pytest.fixture(
    params=[{}, {"color_scheme": "dark"}, {"java_script_enabled": False}], ids=["light", "dark", "no script"]
)
def phone(browser, request, live_server, driver):
    client = Client()
    client.force_login(driver)
    context = browser.new_context(viewport=PHONE, **request.param)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    yield context.new_page()
    context.close()


def test_a_driver_books_changes_and_cancels(live_server, phone):
    make_lot(name="Central Garage")
    phone.goto(live_server.url)
    phone.get_by_role("link", name="Central Garage", exact=True).click()
    phone.get_by_role("link", name="Book", exact=True).click()
    expect(phone.get_by_label("Plate")).to_have_value("ZH 77")
    expect(phone.get_by_text("Stay longer")).to_be_visible()
    phone.get_by_role("button", name="Book for CHF 6.00").click()

    expect(phone.get_by_role("heading", name="Your place is booked")).to_be_visible()
    phone.get_by_role("link", name="Change", exact=True).click()
    phone.get_by_label("Plate").fill("ZH 88")
    phone.get_by_role("button", name="Show the difference").click()
    expect(phone.get_by_text("It costs the same as before.")).to_be_visible()
    phone.get_by_role("button", name="Change it so").click()
    expect(phone.get_by_text("ZH 88").first).to_be_visible()

    phone.get_by_role("link", name=re.compile("^Cancel")).click()
    phone.get_by_role("button", name=re.compile("^Cancel")).click()
    expect(phone.get_by_role("heading", name="This booking was cancelled")).to_be_visible()


def test_the_price_follows_the_period_while_it_is_typed(live_server, page):
    make_lot(name="Central", slug="central")
    page.goto(f"{live_server.url}/book/central/")
    page.get_by_label("Plate").fill("ZH 5")
    later = dt.datetime.fromisoformat(page.get_by_label("Until").input_value()) + dt.timedelta(hours=1)
    page.get_by_label("Until").fill(f"{later:%Y-%m-%dT%H:%M}")
    page.get_by_label("Until").blur()

    expect(page.get_by_role("button", name="Book for CHF 9.00")).to_be_visible()
    expect(page.get_by_label("Plate")).to_have_value("ZH 5")


def test_booking_pages_are_accessible_and_fit(live_server, page, flaws):
    make_lot(name="Central", slug="central", spots={"regular": 5, "ev": 2})
    found = {}
    for name, path in [("book", "/book/central/"), ("wrong", "/book/central/?start=x"), ("find", "/bookings/")]:
        page.goto(live_server.url + path)
        found[name] = flaws(page)
    page.goto(f"{live_server.url}/book/central/")
    page.get_by_label("Plate").fill("ZH 5")
    page.get_by_label("Email").fill("guest@example.com")
    page.get_by_role("button", name="Book for").click()
    found["address"] = flaws(page)
    Reservation.objects.update(status="confirmed")
    page.reload()
    found["booked"] = flaws(page)
    for name in ("Change", "Cancel"):
        page.get_by_role("link", name=re.compile(f"^{name}")).click()
        found[name] = flaws(page)
        page.go_back()

    assert {name: wrong for name, wrong in found.items() if wrong} == {}
