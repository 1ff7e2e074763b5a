"""Every page as a German reader gets it, those of drivers in French and Spanish, too.

No English text of the catalogue is left, nor a sentence of no catalogue.
"""

import re
from functools import cache
from html.parser import HTMLParser
from itertools import count

import pytest

from parking.catalogues import read_translations
from tests.access.rows import THIRD_PARTY
from tests.access.test_matrix import cases
from tests.access.walk import shares
from tests.access.world import World

pytestmark = pytest.mark.django_db

OF_OPERATORS = ("admin/", "desk/", "manage/")
READERS = ("admin", "attendant", "driver", "anonymous")
READ = {"alt", "aria-description", "aria-label", "aria-roledescription", "aria-valuetext", "data-label", "placeholder"}
UNREAD = {"code", "kbd", "pre", "script", "style"}
ENGLISH = re.compile(
    r"\b(?:and|are|by|can|from|have|has|is|isn't|it|not a|of|that|the|there|this|to|with|without|you|your)\b",
    re.IGNORECASE,
)
# Names of places, what people wrote, and what was stored in the language of its day.
SAID = {
    "550 no such mailbox",
    "Ground",
    "Isle of Man",
    "Month",
    "Parking fee",
    "Port of Spain",
    "Receipt",
    "Visa ending 4242",
}


class _Pieces(HTMLParser):
    """Collects what is read or heard of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.stack: list[bool] = []
        self.ours = False

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        hidden = tag in UNREAD or named.get("translate") == "no" or ("lang" in named and tag != "html")
        if tag not in {
            "area",
            "br",
            "col",
            "hr",
            "img",
            "input",
            "link",
            "meta",
            "rect",
            "source",
            "use",
            "wbr",
            "path",
        }:
            self.stack.append(hidden)
        self.found |= {value for name, value in attrs if value and (name in READ or name.startswith("data-say"))}
        if tag == "meta" and named.get("name") == "description":
            self.found.add(named["content"])

    def handle_startendtag(self, tag, attrs):
        """SVG's elements without text."""

    def handle_endtag(self, tag):
        if self.stack:
            self.stack.pop()

    def handle_data(self, data):
        if not any(self.stack) and data.strip():
            self.found.add(data)


@cache
def english(language):
    """English texts of the catalogue that are said otherwise in a language, and that none of its texts is."""
    texts = read_translations(language)
    said = [(text.id if isinstance(text.id, tuple) else (text.id,), text.string) for text in texts]
    own = {word for _, string in said for word in (string if isinstance(string, tuple) else (string,))}
    return {word for ids, _ in said for word in ids if word} - own


def left_over(page, language="de"):
    pieces = _Pieces()
    pieces.feed(page)
    found = {" ".join(piece.split()).strip(" :·,") for piece in pieces.found}
    return sorted(piece for piece in found - SAID if piece in english(language) or ENGLISH.search(piece))


def test_english_is_found():
    page = '<p>Nothing to pay.</p><img alt="Lots"><p lang="en">English</p><code>the</code><p>Nichts zu bezahlen.</p>'

    assert left_over(page) == ["Lots", "Nothing to pay."]


PAGES = [case for case in cases() if not case.route.startswith(("api/", *THIRD_PARTY))]
OF_DRIVERS = [case for case in PAGES if case.method == "GET" and not case.route.startswith(OF_OPERATORS)]


def left_on(pages, language, readers):
    world = World()
    left = {}
    for case in pages:
        reader = next((one for one in readers if case.expected[one] in {200, 422}), None)
        if reader is not None:
            world.clients[reader].defaults["HTTP_ACCEPT_LANGUAGE"] = language
            with world.untouched():
                answer = world.ask(reader, case.method, case.route)
            is_page = answer.get("Content-Type", "").startswith("text/html")
            if is_page and (words := left_over(answer.content.decode(), language)):
                left[case.route] = words
    return "\n".join(f"{route}: {words}" for route, words in left.items())


@pytest.mark.parametrize("share", shares(PAGES, 8), ids=count(1))
def test_no_english_is_left_on_a_page(share):
    assert left_on(share, "de", READERS) == ""


@pytest.mark.parametrize("language", ["fr", "es"])
def test_no_english_is_left_on_a_page_of_drivers(language):
    assert left_on(OF_DRIVERS, language, ("driver", "anonymous")) == ""
