"""The browser that tests drive: Debian's Chromium, with nothing in it that calls home."""

import os
import shutil

import pytest
from axe_playwright_python.sync_playwright import Axe

# Playwright keeps an event loop in the test's thread, which Django takes for asynchronous code of ours.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": next(filter(None, map(shutil.which, NAMES)), None),
        "args": list(QUIET),
    }


OF_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


@pytest.fixture
def violations():
    """Name what axe finds wrong on a page, with the elements it is about.

    In the dark a page differs by its colours alone, so only the rules about those are asked there.
    """

    def check(page):
        is_dark = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        found = Axe().run(page, options=OF_COLOURS if is_dark else None).response["violations"]
        return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]

    return check
