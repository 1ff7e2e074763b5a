"""The texts of chapters: read once in each language, in English where it lacks, and searched without accents."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import unescape

from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import override

from manual.chapters import Chapter

ENGLISH = "en"
_TITLE = re.compile(r"<h1>(.*?)</h1>", re.DOTALL)
_LEDE = re.compile(r'<p class="lede">(.*?)</p>', re.DOTALL)
_SECTION = re.compile(r'<h2 id="([\w-]+)">(.*?)</h2>(.*?)(?=<h2 |\Z)', re.DOTALL)
_MARKUP = re.compile(r"<[^>]+>")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LIGATURES = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe"})


@dataclass(frozen=True, slots=True)
class WrittenSection:
    """A section of a chapter: its anchor, its heading and its words."""

    anchor: str
    title: str
    text: str
    compared: str


@dataclass(frozen=True, slots=True)
class WrittenChapter:
    """A chapter in the language in which it is written."""

    slug: str
    language: str
    title: str
    lede: str
    body: SafeString
    sections: tuple[WrittenSection, ...]


@dataclass(frozen=True, slots=True)
class FoundSection:
    """A section that has all words of a search."""

    chapter: WrittenChapter
    section: WrittenSection


@cache
def written(slug: str, language: str) -> WrittenChapter:
    """Return a chapter in a language, in English where it lacks; words of pages are as the reader sees them there."""
    with override(language):
        try:
            found, body = language, render_to_string(f"help/{language}/{slug}.html")
        except TemplateDoesNotExist:
            found, body = ENGLISH, render_to_string(f"help/{ENGLISH}/{slug}.html")
    title, lede = (_words(match[1]) for match in (_TITLE.search(body), _LEDE.search(body)) if match)
    sections = tuple(_section(title, *match.groups()) for match in _SECTION.finditer(body))
    return WrittenChapter(slug, found, title, lede, mark_safe(body), sections)  # noqa: S308 our own template


def search(query: str, chapters: Iterable[Chapter], language: str) -> list[FoundSection]:
    """Return the sections that have all words of a query, those first whose headings have them."""
    words = compared(query).split()
    found = [
        FoundSection(chapter, section)
        for chapter in (written(one.slug, language) for one in chapters)
        for section in chapter.sections
        if words and all(word in section.compared for word in words)
    ]
    return sorted(found, key=lambda one: not _in_headings(words, one))


def compared(text: str) -> str:
    """Return a text without case, accents and ligatures: `Größe` becomes `grosse`."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LIGATURES))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _section(chapter_title: str, anchor: str, heading: str, body: str) -> WrittenSection:
    title, text = _words(heading), _words(body)
    whole = f"{chapter_title} {title} {text}"
    # An umlaut is found by either of its spellings.
    return WrittenSection(anchor, title, text, f"{compared(whole)} {compared(whole.lower().translate(_UMLAUTS))}")


def _words(markup: str) -> str:
    return " ".join(unescape(_MARKUP.sub("", markup)).split())


def _in_headings(words: list[str], found: FoundSection) -> bool:
    headings = compared(f"{found.chapter.title} {found.section.title}")
    return all(word in headings for word in words)
