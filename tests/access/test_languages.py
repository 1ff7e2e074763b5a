"""Every page as a German reader gets it: no English text of the catalogue is left, nor a sentence of no catalogue."""

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
        hidden = tag in UNREAD or named.get("translate") == "no" or named.get("lang", "de") not in {"de", "de-de"}
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
def english():
    """English texts of the catalogue that are said otherwise in German, and that no German text is."""
    said = [(text.id if isinstance(text.id, tuple) else (text.id,), text.string) for text in read_translations("de")]
    german = {word for _, string in said for word in (string if isinstance(string, tuple) else (string,))}
    return {word for ids, _ in said for word in ids if word} - german


def left_over(page):
    pieces = _Pieces()
    pieces.feed(page)
    found = {" ".join(piece.split()).strip(" :·,") for piece in pieces.found}
    return sorted(piece for piece in found - SAID if piece in english() or ENGLISH.search(piece))


def test_english_is_found():
    page = '<p>Nothing to pay.</p><img alt="Lots"><p lang="en">English</p><code>the</code><p>Nichts zu bezahlen.</p>'

    assert left_over(page) == ["Lots", "Nothing to pay."]


@pytest.mark.parametrize(
    "share", shares([case for case in cases() if not case.route.startswith(("api/", *THIRD_PARTY))], 8), ids=count(1)
)
def test_no_english_is_left_on_a_page(share):
    world = World()
    left = {}
    for case in share:
        reader = next((one for one in READERS if case.expected[one] in {200, 422}), None)
        if reader is not None:
            world.clients[reader].defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
            with world.untouched():
                answer = world.ask(reader, case.method, case.route)
            if answer.get("Content-Type", "").startswith("text/html") and (words := left_over(answer.content.decode())):
                left[case.route] = words
    assert not left, "\n".join(f"{route}: {words}" for route, words in left.items())
