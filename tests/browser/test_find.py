"""A driver finds a lot for a period: live, on the map, with and without JavaScript, with and without tiles."""

import datetime as dt
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE
from tests.factories import HOURLY, make_lot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def lots():
    dear = HOURLY | {"minimum_charge": 1500}
    make_lot(name="Central Garage", slug="central", latitude=47.3754, longitude=8.5362, tariff=dear, max_height_cm=200)
    make_lot(name="Lakeside", slug="lakeside", latitude=47.3669, longitude=8.5450, spots={"regular": 4, "ev": 2})
    for number in range(24):
        make_lot(name=f"Yard {number:02}", latitude=47.37 + number / 5000, longitude=8.57, spots={"large": 1})


def query_of(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_a_driver_finds_the_cheapest_lot_and_books_it(live_server, page, flaws):
    page.set_viewport_size(DESK)
    page.goto(live_server.url)
    assert flaws(page) == []
    page.get_by_label("Where to").fill("garage")
    expect(page.locator(".lot-card")).to_have_count(1)
    expect(page.get_by_text("CHF\u00a015.00")).to_be_visible()
    page.get_by_label("Where to").fill("a")
    page.get_by_label("First").select_option("cheap")
    expect(page.locator(".lot-card-link").first).not_to_have_text("Central Garage")
    assert query_of(page)["sort"] == "cheap"

    page.locator("#find_spot_type").select_option("ev")
    expect(page.locator(".lot-card-link")).to_have_text(["Lakeside"])
    end = page.get_by_label("Until")
    later = dt.datetime.fromisoformat(end.input_value()) + dt.timedelta(hours=1)
    end.fill(f"{later:%Y-%m-%dT%H:%M}")
    expect(page.locator(".lot-card-amount")).to_have_text("CHF\u00a09.00")
    end.fill("2020-01-01T00:00")
    expect(page.locator("#found .refused")).to_contain_text("1 thing to correct: Until")
    assert end.input_value() == "2020-01-01T00:00"
    assert flaws(page, [(PHONE, "light"), (DESK, "dark")]) == []
    end.fill(f"{later:%Y-%m-%dT%H:%M}")
    page.get_by_role("link", name="Book at Lakeside").click()
    expect(page.get_by_role("button", name="Book for CHF 9.00")).to_be_visible()
    expect(page.get_by_label("Kind of spot")).to_have_value("ev")


def test_a_click_on_the_drawn_map_searches_from_there(live_server, page):
    page.set_viewport_size(DESK)
    page.goto(f"{live_server.url}/?lat=47.37&lng=8.54")
    box = page.locator(".drawn-map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 4)
    page.wait_for_url(lambda url: "lat=47.37&" not in url and "lat=47." in url)
    middle = float(query_of(page)["lng"])
    area = page.locator(".drawn-map")
    assert float(query_of(page)["lat"]) > 47.37
    assert float(area.get_attribute("data-west")) <= middle <= float(area.get_attribute("data-east"))
    expect(page.locator(".drawn-map-you")).to_have_count(1)
    page.locator(".pin-other").first.press("Enter")
    page.wait_for_url(re.compile("lots/|lat="))


def test_everything_is_found_without_a_script(live_server, browser):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page = context.new_page()
    page.goto(live_server.url)
    page.get_by_label("Where to").fill("lakeside")
    page.get_by_text("Filters").click()
    page.get_by_label("Charging").check()
    page.get_by_role("button", name="Search").click()
    assert query_of(page)["electric"] == "on"
    assert page.get_by_label("Charging").is_checked()
    assert page.locator(".lot-card-link").all_inner_texts() == ["Lakeside"]
    page.locator(".drawn-map").get_by_role("link", name=re.compile("^Lakeside")).click()
    assert page.get_by_role("heading", level=1).inner_text() == "Lakeside"
    context.close()


def test_a_tile_server_gives_a_map_that_moves(live_server, page, flaws):
    errors, tiles = [], f"{live_server.url}/static/img/favicon.svg?{{z}}-{{x}}-{{y}}"
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    with override_settings(MAP_TILES=tiles, MAP_ATTRIBUTION="Somebody"):
        page.set_viewport_size(DESK)
        page.goto(f"{live_server.url}/?lat=47.37&lng=8.54")
        expect(page.locator(".map-pin", has_text="15.00")).to_be_visible()
        expect(page.locator(".map-pin-other").first).to_be_visible()
        expect(page.get_by_text("Somebody")).to_be_visible()
        expect(page.locator(".drawn-map")).to_be_hidden()
        assert flaws(page, [(DESK, "light")]) == []
        page.get_by_role("button", name="Zoom out").click()
        box = page.locator("#find-tiles").bounding_box()
        page.mouse.click(box["x"] + 60, box["y"] + box["height"] - 60)
        page.wait_for_url(lambda url: "lat=47.37&" not in url)
    assert errors == []
