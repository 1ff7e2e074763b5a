"""What browsers, search engines and link previews ask of every site."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests.access.walk import routes
from tests.factories import make_lot

pytestmark = pytest.mark.django_db

PUBLIC = (
    "",
    ".well-known/",
    "apply/",
    "board/",
    "favicon.ico",
    "feeds/",
    "healthz",
    "help/",
    "lots/",
    "map/",
    "passes/",
    "pay/",
    "readyz",
    "robots.txt",
)


def test_the_icon_is_found_without_reading_a_page(client):
    answer = client.get("/favicon.ico")
    assert (answer.status_code, answer.url) == (302, "/static/img/favicon.ico")
    assert finders.find("img/favicon.ico")


def test_search_engines_stay_out_of_what_is_private(client):
    answer = client.get("/robots.txt")
    barred = re.findall(r"^Disallow: /(\S+)$", answer.content.decode(), re.MULTILINE)
    assert answer["Content-Type"].startswith("text/plain")
    roots = {route.removeprefix("^").split("/")[0] + "/" for route in routes() if "/" in route}
    assert {root for root in roots if root not in PUBLIC} - set(barred) == set()
    assert {"pay/", "manage/", "me/"} <= set(barred)
    assert "lots/" not in barred


def test_the_manifest_names_icons_that_are_there():
    manifest = json.loads(Path(finders.find("site.webmanifest")).read_text())
    assert all(finders.find(icon["src"]) for icon in manifest["icons"])


@pytest.mark.parametrize(
    ("path", "title"),
    [("/", "Find parking"), ("/lots/city/", "City Garage"), ("/accounts/login/", "Sign in"), ("/nowhere/", "There is")],
)
def test_titles_carry_the_product_and_heads_what_devices_ask(client, path, title):
    make_lot(slug="city", name="City Garage")
    page = client.get(path).content.decode()
    assert re.search(rf"<title>{title}.* – Parking</title>", page)
    for head in ('name="description"', 'name="theme-color"', 'rel="apple-touch-icon"', 'rel="manifest"'):
        assert head in page


def test_a_shared_lot_says_what_it_is(client):
    make_lot(slug="city", name="City <Garage>", city="Zürich")
    page = client.get("/lots/city/").content.decode()
    assert '<meta property="og:title" content="City &lt;Garage&gt;">' in page
    assert '<meta property="og:url" content="http://testserver/lots/city/">' in page
    assert 'content="City &lt;Garage&gt;, Zürich: free spots right now' in page
