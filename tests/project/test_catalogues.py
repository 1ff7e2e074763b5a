"""Every text of the sources stands in the catalogues: all in German, those for drivers and at lanes in all languages."""

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog, Message

from parking.catalogues import (
    TRANSLATED,
    _sources,
    _texts_of,
    compiled,
    read_translations,
    taken_up,
    texts_of_sources,
    translations_path,
    written,
)

FOR_OPERATORS = {
    "analytics",
    "audit",
    "desk",
    "events",
    "lists",
    "office",
    "parking",
    "sites",
    "traffic",
    "verification",
}
PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")
MARKUP = re.compile(r"</?\w+[^>]*>|…|·")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return texts_of_sources()


def is_for_operators(message: Message) -> bool:
    parts = [place.split("/") for place, _ in message.locations]
    rooms = {path[1] if path[0] == "templates" else path[0] for path in parts}
    return rooms <= FOR_OPERATORS


def forms(value: object) -> list[str]:
    return list(value) if isinstance(value, tuple | list) else [str(value or "")]


def wrong_in(language: str, texts: Catalog) -> Iterator[tuple[str, str]]:
    translations = read_translations(language)
    for text in texts:
        needed = language == "de" or not is_for_operators(text)
        if not text.id or not needed:
            continue
        english = forms(text.id)
        found = translations.get(english[0], text.context)
        if found is None or found.pluralizable != text.pluralizable or not all(forms(found.string)):
            yield english[0], "is not translated"
        elif found.fuzzy:
            yield english[0], "is a guess"
        else:
            yield from _unlike(english, forms(found.string))


def _unlike(english: list[str], said: list[str]) -> Iterator[tuple[str, str]]:
    for pattern, what in ((PLACE, "other places"), (MARKUP, "other markup")):
        # A plural form may leave out its number; what no form has is missing.
        wanted = {one for text in english for one in (match.group() for match in pattern.finditer(text))}
        given = {one for text in said for one in (match.group() for match in pattern.finditer(text))}
        if wanted != given:
            yield english[-1], f"{what}: {sorted(wanted ^ given)}"
    for text in said:
        if (text[:1].isspace(), text[-1:].isspace()) != (english[0][:1].isspace(), english[0][-1:].isspace()):
            yield english[0], "other spaces around it"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_left_out(language, texts):
    assert len(list(texts)) > 3000
    assert list(wrong_in(language, texts)) == [], "run manage.py texts, and translate what is empty"


def test_no_text_stands_with_and_without_plural():
    """Not every version of Python finds the plain one in a catalogue then; give one of both a context."""
    kinds = defaultdict(set)
    for path in _sources():
        for _line, ids, _comments, context in _texts_of(path):
            kinds[ids[0] if isinstance(ids, tuple) else ids, context].add(isinstance(ids, tuple))

    assert [text for text, both in kinds.items() if len(both) > 1] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogue_is_as_the_command_writes_it(language, texts):
    translations = taken_up(read_translations(language), texts)

    assert translations_path(language).read_bytes() == written(translations), "run manage.py texts"
    assert translations_path(language, "mo").read_bytes() == compiled(translations), "run manage.py texts"


@pytest.mark.parametrize(
    ("english", "said", "problem"),
    [
        ("Pay %(fee)s", "", "is not translated"),
        ("Pay %(fee)s", "%(fe)s zahlen", "other places: ['%(fe)s', '%(fee)s']"),
        ("<b>Pay</b> now…", "<i>Jetzt</i> zahlen…", "other markup: ['</b>', '</i>', '<b>', '<i>']"),
        ("Pay ", "Zahlen", "other spaces around it"),
        (("%(n)s car", "%(n)s cars"), ("%(n)s Auto", ""), "is not translated"),
    ],
)
def test_wrong_translation_is_found(english, said, problem, monkeypatch):
    one, translations = Catalog(), Catalog(locale="de")
    one.add(english, locations=[("driver/pay.py", 1)])
    translations.add(english, said)
    monkeypatch.setattr("tests.project.test_catalogues.read_translations", lambda _: translations)

    assert [told for _, told in wrong_in("de", one)] == [problem]
