"""What the first page weighs, as a phone on a slow network gets it."""

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from django.test import override_settings
from django.test.testcases import LiveServerThread

from parking.static_files import collect_if_changed
from tests.browser.conftest import PHONE
from tests.factories import make_lot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What Lighthouse calls slow 4G: 150 ms there and back, 1.6 Mbit/s down, 750 kbit/s up.
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
MOST_REQUESTS, MOST_BYTES = 8, 50_000


@pytest.fixture
def served(tmp_path, monkeypatch):
    """The site with its static files collected, served by the product's own middleware."""
    monkeypatch.setattr(WSGIRequestHandler, "protocol_version", "HTTP/1.1")
    with override_settings(STATIC_ROOT=tmp_path / "static", WHITENOISE_USE_FINDERS=False, WHITENOISE_AUTOREFRESH=False):
        collect_if_changed()
        thread = LiveServerThread("127.0.0.1", lambda handler: handler)
        thread.daemon = True
        thread.start()
        thread.is_ready.wait()
        assert thread.error is None
        yield f"http://127.0.0.1:{thread.port}"
        thread.terminate()


def test_first_page_is_few_requests_and_light(served, browser):
    for name in ("City Garage", "Lakeside", "Airport P2"):
        make_lot(name=name, city="Zürich", address="Main St 1", spots={"regular": 40, "ev": 4})
    page = browser.new_context(viewport=PHONE).new_page()
    network = page.context.new_cdp_session(page)
    requested, transferred = [], []
    network.on("Network.requestWillBeSent", lambda event: requested.append(event["request"]["url"]))
    network.on("Network.loadingFinished", lambda event: transferred.append(event["encodedDataLength"]))
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW_4G)

    page.goto(f"{served}/", wait_until="networkidle")

    assert len(requested) <= MOST_REQUESTS, requested
    assert 5_000 < sum(transferred) <= MOST_BYTES
    transferred.clear()
    page.reload(wait_until="networkidle")
    assert sum(transferred) < page.evaluate("new Blob([document.documentElement.outerHTML]).size")
    page.context.close()
