"""Style and scripts as browsers get them."""

import gzip
import re

import pytest
from django.template.loader import render_to_string
from django.test import Client, override_settings

from parking.bundling import bundle
from parking.static_files import BundledStorage, collect_if_changed
from tests.factories import make_lot

FILES = {
    "css/site.css": '@layer a, b;\n@import url("a.css") layer(a);\n@import url("parts/b.css") layer(b);\n',
    "css/a.css": "/* Why. */\na {\n  color: red;\n}\n",
    "css/parts/b.css": "b {\n  color: blue;\n}\n",
    "js/site.js": '// All.\nimport "./one.js";\nimport "./two.js";\n',
    "js/one.js": "one();\n",
    "js/two.js": "two();\n",
}


def test_sheet_holds_what_it_imports_each_in_its_layer():
    whole = bundle("css/site.css", FILES.__getitem__)

    assert whole == "@layer a, b;\n@layer a {\na {\ncolor: red;\n}\n}\n@layer b {\nb {\ncolor: blue;\n}\n}\n"


def test_script_holds_what_it_imports_in_order():
    assert bundle("js/site.js", FILES.__getitem__) == "// All.\none();\n\ntwo();\n\n"


def test_names_are_plain_while_nothing_is_collected():
    assert '"/static/css/site.css"' in render_to_string("500.html")


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    root = tmp_path_factory.mktemp("collected") / "static"
    with override_settings(STATIC_ROOT=root, WHITENOISE_USE_FINDERS=False, WHITENOISE_AUTOREFRESH=False):
        assert collect_if_changed()
        yield root


def test_nothing_is_collected_again_until_a_source_changes(collected, monkeypatch, tmp_path):
    assert not collect_if_changed()

    collecting = []
    monkeypatch.setattr("parking.static_files.call_command", lambda name, **_: collecting.append(name))
    with override_settings(STATIC_ROOT=tmp_path / "other"):
        assert collect_if_changed()
        (tmp_path / "other").mkdir()
        assert not collect_if_changed()
        monkeypatch.setattr("parking.static_files._fingerprint", lambda: "changed")
        assert collect_if_changed()
    assert collecting == ["collectstatic", "collectstatic"]


@pytest.mark.django_db
def test_page_links_one_sheet_and_one_script_of_its_own_for_good(collected):
    make_lot(slug="central")
    client = Client(headers={"accept-encoding": "gzip"})

    for path in ("/", "/lots/central/", "/board/central/", "/pay/"):
        page = gzip.decompress(client.get(path).content).decode()
        (sheet,) = re.findall(r'rel="stylesheet" href="([^"]+)"', page)
        answer = client.get(sheet)
        css = gzip.decompress(b"".join(answer)).decode()
        assert re.fullmatch(r"/static/css/site\.[0-9a-f]{12}\.css", sheet)
        assert "immutable" in answer["Cache-Control"]
        assert int(re.search(r"max-age=(\d+)", answer["Cache-Control"])[1]) >= 31_536_000
        assert answer["Content-Encoding"] == "gzip"
        assert "@import" not in css
        assert ".table-wrap" in css
        assert ".lot-card" in css


@pytest.mark.django_db
def test_page_is_compressed_to_a_length_that_varies():
    make_lot(slug="central")
    client = Client(headers={"accept-encoding": "gzip"})

    answers = [client.get("/pay/") for _ in range(12)]

    assert {answer["Content-Encoding"] for answer in answers} == {"gzip"}
    assert len({len(answer.content) for answer in answers}) > 3


def test_every_static_file_a_page_names_is_there(collected):
    storage = BundledStorage(location=collected)

    for name in (
        "css/site.css",
        "js/site.js",
        "js/desk.js",
        "js/find.js",
        "img/favicon.svg",
        "ninja/redoc.standalone.js",
    ):
        assert storage.exists(storage.stored_name(name)), name
