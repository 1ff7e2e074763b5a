"""The browser that tests drive: Debian's Chromium, with nothing in it that calls home."""

import os
import shutil
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connection

# Playwright keeps an event loop in the test's thread, which Django takes for asynchronous code of ours.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'
"""


@pytest.fixture(autouse=True)
def answered(request):
    """Wait, when the pages are closed, for what they asked last: emptying the tables under it is a deadlock."""
    if "live_server" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    give_up = time.monotonic() + 10
    while _is_busy() and time.monotonic() < give_up:
        time.sleep(0.02)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": next(filter(None, map(shutil.which, NAMES)), None),
        "args": list(QUIET),
    }


PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
LOOKS = tuple((size, scheme) for size in (PHONE, DESK) for scheme in ("light", "dark"))
# Only rules that are off, and those about video and sound, need what axe preloads; it asks the server for our stylesheets
# by wrong addresses, dozens a page.
RULES = {"resultTypes": ["violations"], "preload": False}
VIOLATIONS = "async rules => (await axe.run(document, rules)).violations"
# The tables wider than their box, and the cells that name a row, hold its number or act on it and are not in sight.
CUT_TABLES = """() => [
  ...[...document.querySelectorAll("main .table-wrap, main table:not(.hidden-text *)")].filter(
    (box) => box.scrollWidth > box.clientWidth || box.scrollWidth > box.parentElement.clientWidth),
  ...[...document.querySelectorAll("main .table tbody tr")].flatMap((row) => {
    const told = [...row.querySelectorAll(":scope > :is(:first-child, .cell-key, .cell-acts)")];
    return told.filter((cell) => {
      const { left, right, width } = cell.getBoundingClientRect();
      return left < 0 || right > innerWidth || !width;
    });
  }),
].map((one) => (one.getAttribute("aria-label") || one.className || one.innerText).slice(0, 60))"""


@pytest.fixture
def flaws():
    """Name what is wrong with the page that is shown: on a phone and at a desk, in the light and in the dark.

    Nothing may be wider than the window, on a phone no table wider than its box, and axe may find nothing; what it does
    is told with the elements it is about.
    """

    def look(page, looks=LOOKS):
        found = []
        page.evaluate(Axe().axe_script)
        for size, scheme in looks:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            broken = page.evaluate(VIOLATIONS, RULES)
            found += [(size["width"], scheme, rule["id"], _targets(rule)) for rule in broken]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append((size["width"], scheme, "wider than the window", []))
            if size == PHONE and (cut := page.evaluate(CUT_TABLES)):
                found.append((size["width"], scheme, "table cut", cut))
        return found

    return look


def _is_busy():
    with connection.cursor() as cursor:
        cursor.execute(BUSY)
        return cursor.fetchone()[0] > 0


def _targets(rule):
    return [node["target"] for node in rule["nodes"]]
