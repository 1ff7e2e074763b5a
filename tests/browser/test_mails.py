"""Every mail as a picture would show it: nothing is wider than a phone, light or dark, and it looks right without CSS."""

import re

import pytest
from playwright.sync_api import Browser

from notifications.kinds import known_kinds
from notifications.rendering import write
from tests.browser.conftest import LOOKS

pytestmark = pytest.mark.browser
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"
COLOURS = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('h1')).color]"


def test_every_mail_fits_a_phone_in_light_and_dark(browser: Browser):
    mails = {
        kind.name: write(kind, kind.sample, sender="Acme Parking", recipient="ada@example.com").html
        for kind in known_kinds()
    }
    seen = set()
    for size, scheme in LOOKS:
        page = browser.new_page(viewport=size, color_scheme=scheme, java_script_enabled=True)
        wide = []
        for name, html in mails.items():
            page.set_content(html)
            wide += [name] if page.evaluate(TOO_WIDE) else []
            seen.add((scheme, *page.evaluate(COLOURS)))
        page.close()
        assert wide == []
    assert seen == {
        ("light", "rgb(238, 241, 244)", "rgb(23, 32, 42)"),
        ("dark", "rgb(20, 24, 29)", "rgb(232, 235, 239)"),
    }


def test_a_mail_needs_no_stylesheet(browser: Browser):
    """Where the style element and classes are taken out, as some programs do, it looks the same in the light."""
    [kind] = [kind for kind in known_kinds() if kind.name == "document"]
    html = write(kind, kind.sample, sender="Acme Parking", recipient="ada@example.com").html
    page = browser.new_page(viewport={"width": 360, "height": 740}, color_scheme="light")
    page.set_content(html)
    whole = page.screenshot()
    page.set_content(re.sub(r' class="[^"]*"', "", re.sub(r"<style>.*</style>", "", html, flags=re.DOTALL)))

    assert page.screenshot() == whole
    page.close()
