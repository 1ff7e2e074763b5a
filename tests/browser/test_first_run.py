"""A stranger in front of an empty installation: eight fields and two buttons until the first car."""

import os
import time
from pathlib import Path

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from accounts.setting_up import renew_setup_code
from common.web import rate_limits
from gates.models import GateEvent
from lots.models import Lot
from tests.browser.conftest import DESK, PHONE
from tests.in_time import assert_in_time

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("FIRST_RUN_PICTURES")
MOST_FIELDS, MOST_SECONDS = 8, 60


class Stranger:
    """Fills fields, counts them, and takes pictures when asked to."""

    def __init__(self, page, name):
        self.page, self.name, self.fields, self.pictures = page, name, 0, 0

    def fill(self, label, value):
        self.fields += 1
        self.page.get_by_label(label, exact=True).fill(value)

    def choose(self, label):
        self.fields += 1
        self.page.get_by_label(label).check()

    def look(self):
        if PICTURES:
            self.pictures += 1
            self.page.screenshot(path=Path(PICTURES) / f"{self.name}-{self.pictures}.png", full_page=True)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("desk", {"viewport": DESK}),
        ("phone", {"viewport": PHONE, "java_script_enabled": False, "color_scheme": "dark"}),
    ],
    ids=["desk", "phone without script"],
)
def test_eight_fields_from_nothing_to_the_first_car(live_server, browser, flaws, name, options):
    rate_limits._throttle.cache_clear()
    rate_limits._shared_store.cache_clear()
    code = renew_setup_code(at=now())
    context = browser.new_context(locale="en-CH", **options)
    page = context.new_page()
    page.goto(live_server.url)
    expect(page).to_have_url(f"{live_server.url}/first-run/")
    stranger, began = Stranger(page, name), time.monotonic()
    page.goto(f"{live_server.url}/first-run/?code={code}")
    expect(page.get_by_label("Setup code")).to_have_count(0)
    stranger.fill("Company", "Acme Parking")
    stranger.fields += 1
    expect(page.get_by_label("Country")).to_have_value("CH")
    stranger.fill("Your email", "ada@example.com")
    stranger.fill("Password", "blue-garage-71")
    stranger.look()
    wrong = flaws(page) if name == "desk" else []
    page.get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", name="Where do people park?")).to_be_visible()
    stranger.fill("Address", "Bahnhofstrasse 1, 8001 Zürich")
    stranger.fill("How many spots", "40")
    stranger.choose("Day and night")
    stranger.choose("They read the plates")
    stranger.look()
    wrong += flaws(page) if name == "desk" else []
    page.get_by_role("button", name="Make the lot").click()

    expect(page.get_by_label("Key of the camera: Entry")).not_to_be_empty()
    stranger.look()
    wrong += flaws(page) if name == "desk" else []
    page.get_by_role("button", name="Send a test car").click()
    expect(page.get_by_role("status").filter(has_text="The entry opened for test car TEST")).to_be_visible()
    took = time.monotonic() - began
    stranger.look()
    assert GateEvent.objects.filter(kind="read", action="open").count() == 1
    assert stranger.fields <= MOST_FIELDS

    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("status").filter(has_text="is public")).to_be_visible()
    assert Lot.objects.get().published
    assert wrong == []
    assert_in_time(took, MOST_SECONDS)
    if PICTURES:
        Path(PICTURES, f"{name}.txt").write_text(f"{stranger.fields} fields, {took:.1f} s\n")
    context.close()
