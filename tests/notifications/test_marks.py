"""What a message says: the same as text and as HTML, whatever people and lots are called."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.kinds import kind_of, known_kinds
from notifications.marks import ACTION, FACT, QUOTE, as_text, blocks_of, cleaned, first_words, mark
from notifications.rendering import write

OWN = "https://parking.example"
EVIL = "Ada\n\x1eA\x1fPay here\x1fhttps://evil.example/\n<script>alert(1)</script>\u202e"


class Links(HTMLParser):
    """Collects the links, scripts and words of a page."""

    def __init__(self, html):
        super().__init__()
        self.links, self.tags, self.words = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_data(self, data):
        self.words.append(data)


def test_paragraphs_facts_and_links_are_blocks():
    written = (
        f"Hello\nthere\n\n{mark(FACT, 'Plate', 'ZH 1')}\n{mark(FACT, 'In', '08:15')}\n\n{mark(ACTION, 'Pay', OWN)}"
    )
    blocks = blocks_of(written, own=OWN)

    assert [block.kind for block in blocks] == ["text", "facts", "action"]
    assert as_text(blocks) == f"Hello\nthere\n\nPlate     ZH 1\nIn        08:15\n\nPay:\n{OWN}\n"
    assert first_words(blocks) == "Hello there"


def test_only_our_own_addresses_become_links():
    [block] = blocks_of(f"See {OWN}/t/1 and https://evil.example/x.", own=OWN)

    assert [piece.address for piece in block.lines[0] if piece.address] == [f"{OWN}/t/1"]


def test_quoted_words_keep_their_lines_and_forge_nothing():
    context = cleaned({"word": f"One\nTwo{EVIL}"}, multiline=frozenset({"word"}))
    blocks = blocks_of(mark(QUOTE, context["word"]), own=OWN)

    assert [block.kind for block in blocks] == ["quote"]
    assert as_text(blocks).startswith("> One\n> Two")


def test_names_have_no_line_breaks_or_marks():
    clean = cleaned({"name": EVIL, "items": [{"name": EVIL}]})

    for name in (clean["name"], clean["items"][0]["name"]):
        assert not re.search(r"[\n\x1d-\x1f\u202e]", name)


@given(st.text())
def test_any_value_stays_one_line_of_text(value):
    block = blocks_of(f"Hello {cleaned({'a': value})['a']}", own=OWN)

    assert len(block) == 1
    assert len(block[0].lines) == 1


def fill(value, text):
    """A sample with every text replaced."""
    if isinstance(value, str):
        return text
    if isinstance(value, dict):
        return {name: fill(one, text) for name, one in value.items()}
    return [fill(one, text) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("kind", known_kinds(), ids=lambda kind: kind.name)
def test_every_template_is_harmless_whatever_it_is_filled_with(kind):
    written = write(kind, fill(dict(kind.sample), EVIL), sender=EVIL, recipient="ada@example.com")
    page = Links(written.html)

    assert "script" not in page.tags
    assert "\n" not in written.subject
    assert not [link for link in page.links if link.startswith("https://evil")]
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", written.text + written.html)


@pytest.mark.parametrize("kind", known_kinds(), ids=lambda kind: kind.name)
def test_every_template_says_the_same_in_text_and_html(kind, settings):
    settings.PUBLIC_URL = OWN
    written = write(kind, kind.sample, sender="Acme Parking", recipient="ada@example.com")
    page = Links(written.html)
    shown = " ".join(" ".join([*page.words, *page.links]).split())

    assert written.subject in page.words
    missing = [word for word in written.text.split() if word not in {"--", ">"} and word.rstrip(":") not in shown]
    assert missing in ([], ["emails:", "told:"]), missing
    assert "{" not in written.text + re.sub(r"<style>.*</style>", "", written.html, flags=re.DOTALL)
    assert ("List-Unsubscribe" in str(page.links)) is False
    assert bool([link for link in page.links if "/unsubscribe/" in link]) is not kind.essential


def test_every_template_belongs_to_a_kind():
    from tests.project.rooms import ROOT

    named = {path.name.removesuffix(".subject.txt") for path in (ROOT / "templates/mail").glob("*.subject.txt")}
    assert named == {kind.name for kind in known_kinds()} - {"raw"}


def test_an_unknown_kind_counts_as_essential():
    assert kind_of("pass_from_elsewhere").essential
