"""A page that is told of changes, loses the process that tells it, asks by itself meanwhile, and is told again."""

import pytest
from playwright.sync_api import expect

from tests.fuzz.server import free_port, running_server
from tests.gates.lanes import Lanes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SOON = 2_000
"""Sooner than the page asks by itself, in milliseconds."""


def test_page_is_told_asks_by_itself_while_nobody_tells_it_and_is_told_again(page, tmp_path):
    lanes, port = Lanes(slug="pushed"), free_port()
    number, pushed = page.locator("[data-free='pushed']"), page.locator("[data-live].live-pushed")
    followed, errors = [], []
    page.on("response", lambda response: followed.append(response.status) if "/stream/" in response.url else None)
    page.on("pageerror", lambda error: errors.append(error))  # noqa: PLW0108 playwright marks what it is given
    with running_server(tmp_path, STREAM_URL=f"http://127.0.0.1:{port}") as web:
        with running_server(tmp_path, serves="streams", port=port) as stream:
            with page.expect_response("**/stream/lots/pushed/"):
                page.goto(f"http://127.0.0.1:{web.port}/lots/pushed/")
            expect(pushed).to_have_count(1, timeout=30_000)
            lanes.entry.read("ZH 1")
            expect(number).to_have_text("4", timeout=SOON)
            stream.kill()
        lanes.entry.read("ZH 2")
        expect(number).to_have_text("3", timeout=15_000)
        expect(pushed).to_have_count(0)
        with running_server(tmp_path, serves="streams", port=port):
            expect(pushed).to_have_count(1, timeout=30_000)
            lanes.entry.read("ZH 3")
            expect(number).to_have_text("2", timeout=SOON)
            page.goto("about:blank")
    assert set(followed) == {200, 503}
    assert errors == []
