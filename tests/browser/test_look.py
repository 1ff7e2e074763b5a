"""The base layout, the account pages and the error pages in a real browser."""

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/no-such-page/"]


@pytest.mark.parametrize("path", PAGES)
def test_page_is_accessible_and_fits(live_server, page, flaws, path):
    broken = []
    page.on("console", lambda message: broken.append(message.text) if "Security Policy" in message.text else None)

    page.goto(live_server.url + path)

    assert broken == []
    assert flaws(page) == []


def test_colours_that_are_hard_to_read_in_the_dark_are_found(live_server, page, flaws):
    page.goto(f"{live_server.url}/accounts/login/")
    page.evaluate("document.querySelector('h1').style.color = '#333'")

    assert {(scheme, rule) for _width, scheme, rule, _where in flaws(page)} == {("dark", "color-contrast")}


def test_theme_is_switched_in_place_and_back_to_the_systems(live_server, page):
    page.emulate_media(color_scheme="light")
    page.goto(f"{live_server.url}/accounts/login/")
    switch = page.locator(".theme-switch button:visible")

    switch.click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"

    switch.click()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") is None


def test_theme_is_switched_without_javascript(live_server, browser):
    page = browser.new_context(java_script_enabled=False, color_scheme="light").new_page()
    page.goto(f"{live_server.url}/accounts/login/?next=/me/")

    page.get_by_role("button", name="Dark theme").click()

    assert page.url == f"{live_server.url}/accounts/login/?next=/me/"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.context.close()


def test_first_stop_of_the_keyboard_skips_the_menu(live_server, page):
    page.goto(f"{live_server.url}/accounts/signup/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_reduced_motion_stops_every_animation(live_server, page):
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{live_server.url}/accounts/login/")

    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--fast')") == "0s"
