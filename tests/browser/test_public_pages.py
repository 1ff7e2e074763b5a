"""Drivers' pages in a real browser: on a phone and a desk, light and dark, live, near me, and without JavaScript."""

import datetime as dt

import pytest
from django.db.models import F
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import expect

from lots.models import SpotCount
from tests.factories import make_lot, make_ticket, make_user, make_vehicle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

CUT_OFF = """[...document.querySelectorAll('.board-level > *')].filter(e => e.scrollWidth > e.clientWidth + 1
  || e.getBoundingClientRect().right > e.parentElement.getBoundingClientRect().right + 1).map(e => e.outerHTML)"""
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def lot():
    kinds = {"compact": 2, "regular": 9, "large": 1, "handicap": 1, "ev": 2}
    return make_lot(
        slug="central",
        name="Central Garage",
        spots=kinds,
        levels=3,
        latitude=47.377,
        longitude=8.54,
        address="Main St 1",
    )


@pytest.fixture
def session(lot, live_server):
    driver = make_user(password="s3cret-words")
    make_vehicle(driver, added_at=now() - dt.timedelta(days=9))
    make_ticket(lot)
    make_ticket(lot, status="review", entry_at=now() - dt.timedelta(days=2))
    client = Client()
    client.force_login(driver)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}


@pytest.fixture
def driver_page(browser, session):
    context = browser.new_context()
    context.add_cookies([session])
    yield context.new_page()
    context.close()


def test_pages_are_accessible_and_fit(live_server, driver_page, flaws):
    page = driver_page
    asked = "entry=2026-03-02T08:00&exit=2026-03-02T10:30&spot_type=regular"
    for path in (
        "/",
        "/?q=nowhere",
        "/lots/central/",
        f"/lots/central/?{asked}",
        "/board/central/",
        "/me/",
        "/me/vehicles/",
    ):
        page.goto(live_server.url + path)
        assert flaws(page) == [], path


@pytest.mark.parametrize("levels", [1, 5, 7, 14])
def test_board_fits_its_screen_whatever_it_shows(live_server, page, levels):
    make_lot(slug="tower", name="A Garage With Quite A Long Name Indeed", spots={"regular": 3, "ev": 2}, levels=levels)
    page.goto(f"{live_server.url}/board/tower/")
    for width, height in ((1024, 768), (1920, 1080), (3840, 2160), (768, 1024)):
        page.set_viewport_size({"width": width, "height": height})
        assert not page.evaluate("document.documentElement.scrollHeight > innerHeight"), width
        assert page.evaluate(CUT_OFF) == [], width


def test_board_with_a_longer_word_for_full_leaves_names_their_room(live_server, page):
    lot = make_lot(slug="tower", spots={"regular": 1, "ev": 2}, levels=3, language="es")
    SpotCount.objects.filter(lot=lot, spot_type="regular").update(occupied=F("total"))
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/board/tower/")

    assert page.locator(".board-free").first.inner_text() == "COMPLETO"
    assert page.locator(".board-name").first.bounding_box()["width"] > 40
    assert page.evaluate(CUT_OFF) == []


def test_free_places_change_without_a_reload_and_nothing_jumps(live_server, page, lot):
    page.clock.install()
    page.goto(f"{live_server.url}/lots/central/")
    number, buttons = page.locator(".free-now-number"), page.get_by_role("link", name="Directions")
    assert number.inner_text() == "36"
    before = buttons.bounding_box()
    make_ticket(lot)
    page.clock.run_for(6000)
    expect(number).to_have_text("35")
    assert buttons.bounding_box() == before


def test_near_me_sorts_by_the_browsers_position(live_server, browser, lot):
    make_lot(name="Airport", latitude=47.45, longitude=8.56)
    position = {"latitude": 47.376, "longitude": 8.541}
    context = browser.new_context(geolocation=position, permissions=["geolocation"])
    page = context.new_page()
    page.goto(live_server.url)
    page.get_by_role("button", name="Near me").click()
    page.wait_for_url("**lat=47.376*")
    expect(page.locator(".lot-card-link")).to_have_text(["Central Garage", "Airport"])
    expect(page.get_by_text("min walk").first).to_be_visible()
    context.close()


def test_everything_works_without_javascript(live_server, browser, lot):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(live_server.url)
    assert not page.get_by_role("button", name="Near me").is_visible()
    page.get_by_label("Where to").fill("central")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Central Garage", exact=True).click()
    page.get_by_label("From").fill("2026-03-02T08:00")
    page.get_by_label("Until").fill("2026-03-02T10:30")
    page.get_by_role("button", name="Show the price").click()
    assert "CHF\u00a09.00" in page.locator(".fee-total").inner_text()
    context.close()


def test_api_documentation_is_drawn_from_our_own_files(live_server, page):
    elsewhere = []
    page.on(
        "response", lambda response: elsewhere.append(response.url) if live_server.url not in response.url else None
    )
    page.goto(f"{live_server.url}/api/v1/docs/try")
    page.locator(".opblock").first.wait_for()
    assert [url for url in elsewhere if not url.startswith(("blob:", "data:"))] == []
