"""The plan of a level by keyboard alone, by mouse, on a phone, and without scripts."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from lots.models import Zone
from lots.services import ZoneValues, add_places
from tests.browser.conftest import DESK, PHONE
from tests.factories import make_lot, make_ticket, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def lot():
    return make_lot(slug="central", spots={"regular": 12, "ev": 4})


@pytest.fixture
def url(lot, live_server):
    return live_server.url + reverse("office:level", args=[lot.slug, 0])


@pytest.fixture
def signed_in(lot, live_server):
    client = Client()
    client.force_login(make_user("admin", lot.operator))
    return [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]


@pytest.fixture
def page(context, signed_in):
    context.add_cookies(signed_in)
    page = context.new_page()
    page.set_viewport_size(DESK)
    return page


def out_of_use(lot):
    return list(lot.spots.filter(status="maintenance").order_by("ordinal").values_list("number", flat=True))


def chosen(page):
    return [label.split(",")[0].strip() for label in page.locator(".bay-choice:has(:checked)").all_inner_texts()]


def tab_to(page, matches, most=60):
    """Press Tab until what has the focus matches."""
    for _ in range(most):
        if page.evaluate("(css) => document.activeElement.matches(css)", matches):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab leads to no {matches}")


def test_by_keyboard_alone_three_bays_go_out_of_use_and_come_back(page, url, lot, flaws):
    page.goto(url)
    tab_to(page, "input[name=bay]")
    for key in ("ArrowRight", "Space", "Shift+ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert chosen(page) == ["R0-2", "R0-3", "R0-4"]
    expect(page.locator("[data-bay-count]")).to_have_text("3 spots")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") != "bay"  # one stop for all bays
    tab_to(page, ".bay-act:first-of-type summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("Wet floor")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 spots out of use: R0-2, R0-3, R0-4")).to_be_visible()
    assert out_of_use(lot) == ["R0-2", "R0-3", "R0-4"]
    assert flaws(page) == []

    page.set_viewport_size(DESK)
    expect(page.locator("input[name=bay]:focus")).to_have_count(1)  # they are still selected
    tab_to(page, "button[value=open]")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 spots back in use: R0-2, R0-3, R0-4")).to_be_visible()
    assert out_of_use(lot) == []
    page.keyboard.press("Escape")
    assert chosen(page) == []


def test_bays_are_selected_by_click_range_and_frame_and_stay_so_while_the_plan_changes(page, url, lot):
    page.goto(url)
    bay = page.locator(".bay-choice")
    bay.nth(1).click()
    bay.nth(4).click(modifiers=["Shift"])
    assert chosen(page) == ["R0-2", "R0-3", "R0-4", "R0-5"]
    bay.nth(2).click()
    assert chosen(page) == ["R0-2", "R0-4", "R0-5"]

    make_ticket(lot, "ZH 777")
    expect(page.locator(".bay-occupied.bay-choice")).to_have_count(1, timeout=10_000)
    assert chosen(page) == ["R0-2", "R0-4", "R0-5"]

    page.keyboard.press("Escape")
    first, last = bay.nth(6).bounding_box(), bay.nth(8).bounding_box()
    page.mouse.move(first["x"] + 3, first["y"] + 3)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 3, last["y"] + last["height"] - 3, steps=4)
    page.mouse.up()
    assert chosen(page) == ["R0-7", "R0-8", "R0-9"]

    page.keyboard.press("Escape")
    bay.nth(0).click()
    expect(page.locator("[data-bay-said]")).to_contain_text("ZH 777")
    page.get_by_role("link", name="Stay").click()
    expect(page.get_by_text("ZH 777").first).to_be_visible()


def test_found_car_has_the_focus(page, url, lot):
    make_ticket(lot, "ZH 777", spot=lot.spots.get(number="R0-9"))
    page.goto(url)
    page.get_by_label("Find a spot, plate or ticket").fill("zh777")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Spot R0-9 is selected.")).to_be_visible()
    assert page.evaluate("document.activeElement.parentElement.innerText").startswith("R0-9")


def test_without_scripts_checkboxes_and_the_same_bar_do_it(browser, signed_in, url, lot):
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    context.add_cookies(signed_in)
    page = context.new_page()
    page.goto(url)
    for number in ("R0-2", "R0-3"):
        page.get_by_role("checkbox", name=re.compile(f"^{number} ?,")).check(force=True)
    page.get_by_text("Out of use…").click()
    page.get_by_role("button", name="Out of use", exact=True).click()
    expect(page.get_by_role("link", name="Why?")).to_be_visible()
    page.get_by_label("Why?").fill("Wet floor")
    page.get_by_role("button", name="Out of use", exact=True).click()
    assert out_of_use(lot) == ["R0-2", "R0-3"]
    page.get_by_role("button", name="Back in use").click()
    assert out_of_use(lot) == []
    page.get_by_role("link", name="Layout").click()
    page.get_by_role("button", name="Lay the other rows below each other").click()
    page.get_by_label("Metres from the left").first.fill("2.5")
    page.get_by_role("button", name="Save the layout").click()
    expect(page.get_by_text("Layout saved.")).to_be_visible()
    assert list(Zone.objects.order_by("pk").values_list("left", "top")) == [(25, 0), (0, 70)]
    context.close()


def test_rows_are_dragged_by_half_metres(page, url, lot):
    Zone.objects.update(left=0, top=0)
    Zone.objects.filter(spot_type="ev").update(top=80)
    page.goto(f"{url}layout/")
    row = page.locator("[data-row]").nth(1).locator("foreignObject").first
    box = row.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10 + 35, box["y"] + 10 + 18, steps=4)  # 16 pixels a metre
    page.mouse.up()
    page.get_by_role("button", name="Save the layout").click()
    expect(page.get_by_text("Layout saved.")).to_be_visible()
    assert Zone.objects.get(spot_type="ev").place == (20, 90, 0)


def test_thousand_bays_fit_a_phone(page, url, lot, flaws):
    for row in range(20):
        values = ZoneValues(f"Row {row}", "regular", 50, prefix=f"{chr(65 + row)}-", left=0, top=row * 70)
        add_places(lot=lot, level_number=7, values=values)
    page.set_viewport_size(PHONE)
    page.goto(url.replace("levels/0", "levels/7"))
    assert page.locator("input[name=bay]").count() == 1_000
    sizes = page.locator(".bay-choice").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))"
    )
    assert min(sizes) >= 24  # a finger meets one
    bay = page.locator(".bay-choice", has_text="C-40")
    bay.scroll_into_view_if_needed()
    bay.click()
    expect(page.locator("[data-bay-count]")).to_have_text("1 spot")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_level_pages_are_accessible_and_fit(page, url, lot, flaws):
    Zone.objects.filter(spot_type="regular").update(left=0, top=0, angle=200)
    make_ticket(lot)
    for path in ("", f"?bay={lot.spots.first().pk}", "layout/", "use/"):
        page.goto(url + path)
        page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true })")
        assert flaws(page) == [], path
