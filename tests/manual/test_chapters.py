"""The manual: each page leads to its chapter, chapters use the pages' own words, and a search finds them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import URLResolver, get_resolver, reverse
from PIL import Image

from manual.chapter_texts import search, written
from manual.chapters import CHAPTERS, Readers, parts_for
from manual.pages_of_chapters import PLACES, help_path
from parking.catalogues import texts_of_sources
from tests.access.rows import ROWS
from tests.factories import make_operator, make_user

TEXTS = Path(settings.BASE_DIR) / "templates" / "help"
PICTURES = Path(settings.BASE_DIR) / "static" / "img" / "help"
COMPLETE = ("en", "de")
LANGUAGES = ("en", "de", "fr", "es")
LARGEST_PICTURE = 60_000
# For programs, and the manual itself.
NO_PAGES = {"api", "classic", "feeds", "manual", "admin", "stream"}
WITHOUT_A_BAR = {
    # Files, frames, and addresses that lead on at once.
    *(
        "driver:account_data",
        "driver:booking_calendar",
        "driver:document_pdf",
        "driver:export_file",
        "driver:own_month",
        "driver:month_receipts",
        "driver:lot_picture",
    ),
    *("driver:booked_form", "driver:bought_form", "driver:changed_form", "driver:pass_paid_form", "driver:save_form"),
    "driver:ticket_link",
    *("entrance:home", "office:document_pdf", "office:message_html", "office:message_template_html", "office:report"),
    *("office:revenue_csv", "office:revenue_lines_csv", "office:blocked_file", "office:permits_file"),
}
OF_ACCOUNTS = {"account_login", "account_signup", "account_email", "account_change_password", "mfa_index"}


def names(patterns, route="", space=""):
    """The name of each route's page."""
    for one in patterns:
        here = route + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from names(one.url_patterns, here, f"{space}{one.namespace}:" if one.namespace else space)
        elif one.name:
            yield here, space + one.name


def opened():
    """The names of the pages that a person opens."""
    shown = {line.split()[1].strip("/") for line in ROWS.splitlines() if line.startswith("GET ")}
    found = {name for route, name in names(get_resolver().url_patterns) if route.strip("/") in shown and ":" in name}
    return {name for name in found if name.split(":")[0] not in NO_PAGES} - WITHOUT_A_BAR


def chapters_in(language):
    return [(path.stem, path.read_text()) for path in sorted((TEXTS / language).glob("*.html"))]


def test_every_page_has_a_chapter():
    pages = opened() | OF_ACCOUNTS

    assert len(pages) > 150
    assert pages - PLACES.keys() == set()


def test_no_place_is_kept_for_a_page_that_is_gone():
    assert PLACES.keys() - {name for _route, name in names(get_resolver().url_patterns)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_place_is_in_its_chapter(language):
    missing = set()
    for place in PLACES.values():
        slug, _, anchor = place.partition("#")
        if anchor not in {section.anchor for section in written(slug, language).sections}:
            missing.add(place)
    assert missing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapters_are_written(language):
    slugs = {slug for slug, _ in chapters_in(language)}

    assert slugs <= CHAPTERS.keys()
    if language in COMPLETE:
        assert slugs == CHAPTERS.keys()
    else:
        assert {slug for slug, one in CHAPTERS.items() if one.readers != Readers.OFFICE} == slugs


@pytest.mark.parametrize("language", LANGUAGES)
def test_chapters_have_the_sections_of_the_english_ones(language):
    english = dict(chapters_in("en"))
    for slug, text in chapters_in(language):
        for pattern in (r'<h2 id="([\w-]+)"', r'{% picture "(\w[\w-]*)"', r"<kbd>([^<]+)", r'on_page "([^"]+)"'):
            assert sorted(set(re.findall(pattern, text))) == sorted(set(re.findall(pattern, english[slug]))), slug


def test_words_of_pages_stand_on_pages():
    known = {
        one for text in texts_of_sources() for one in (text.id if isinstance(text.id, tuple) else [text.id]) if one
    }
    said = {word for slug, text in chapters_in("en") for word in re.findall(r'on_page "([^"]+)"', text)}

    assert len(said) > 100
    assert said - known == set()


def test_pictures_are_small_and_shown():
    texts = [text for language in LANGUAGES for _slug, text in chapters_in(language)]
    shown = {name for text in texts for name in re.findall(r'{% picture "([\w-]+)"', text)}
    pictures = {path.stem: path for path in PICTURES.glob("*.webp")}

    assert shown == pictures.keys()
    assert {name for name, path in pictures.items() if path.stat().st_size > LARGEST_PICTURE} == set()
    assert {Image.open(path).format for path in pictures.values()} == {"WEBP"}


def test_words_of_pages_are_as_the_reader_sees_them():
    assert "<b>Jetzt bezahlen</b>" in written("my-parking", "de").body
    # In the office a French reader sees English pages, and an English chapter.
    chapter = written("gates", "fr")
    assert (chapter.language, chapter.title) == ("en", "Gates and devices")
    assert "<b>Issue a key</b>" in chapter.body


@pytest.mark.parametrize(
    ("query", "language", "place"),
    [
        ("lost ticket fee", "en", "lost-ticket#fee"),
        ("RECEIPT", "en", "receipts#receipt"),
        ("ruckgeld", "de", "desk#exit"),
        ("Rückgeld", "de", "desk#exit"),
        ("rueckgeld", "de", "desk#exit"),
        ("groß", "de", "desk#exit"),
        ("reservation annuler", "fr", "book#change"),
        ("silent clock", "en", "gates#silent"),
    ],
)
def test_search_finds_all_words_without_accents(query, language, place):
    found = search(query, CHAPTERS.values(), language)

    assert place in {f"{one.chapter.slug}#{one.section.anchor}" for one in found}


def test_search_puts_headings_first_and_wants_every_word():
    found = search("webhook", CHAPTERS.values(), "en")

    assert found[0].chapter.slug == "webhooks"
    assert search("webhook elephant", CHAPTERS.values(), "en") == []
    assert search("   ", CHAPTERS.values(), "en") == []


def test_search_finds_nothing_that_the_reader_may_not_read(client, db):
    found = client.get("/help/", {"q": "webhook"})

    assert found.status_code == 200
    assert "/help/webhooks/" not in found.content.decode()
    assert "Nothing found" in found.content.decode()


def test_own_chapters_come_first():
    assert [readers for readers, _ in parts_for("anonymous")] == [Readers.DRIVERS]
    assert next(iter(parts_for("attendant")))[0] == Readers.DESK
    assert {readers for readers, _ in parts_for("attendant")} == set(Readers)


def test_chapter_says_that_it_is_in_english(client, db):
    client.force_login(make_user(locale="fr-CH"))

    page = client.get("/help/gates/").content.decode()
    assert "Ce chapitre n’existe qu’en anglais." in page
    assert '<article class="manual-text stack" lang="en">' in page
    assert "Ce chapitre" not in client.get("/help/pay/").content.decode()


def test_pages_link_their_chapter(client, db):
    make_operator()
    assert f'href="{reverse("manual:chapter", args=["find"])}#search"' in client.get("/").content.decode()
    assert 'href="/help/"' in client.get("/nowhere/").content.decode()
    assert help_path("office:debts") == "/help/debts/#open"
    assert help_path("") == "/help/"


def test_unknown_chapter_is_not_found(client, db):
    assert client.get("/help/elephants/").status_code == 404
