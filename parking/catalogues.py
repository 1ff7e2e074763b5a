"""The texts of the sources, and the catalogues of their translations in `locale/`, kept without tools of gettext."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from common.languages import LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
UNREAD = {"bench", "docs", "locale", "migrations", "tests", "var"}
MARKS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "pgettext_lazy": ((1, "c"), 2),
}
# Catalogues are the same bytes whenever they are written: neither dates nor places of texts stand in them.
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
_UNUSED_HEADERS = re.compile(
    r'^\n|^"(?:Project-Id-Version|POT-|PO-|Last-Translator|Language-Team|Report-Msgid-Bugs-To|Generated-By).*\n',
    re.MULTILINE,
)
_SPACES = re.compile(r"^[ \t]+", re.MULTILINE)


def texts_of_sources() -> Catalog:
    """Return every text that the modules and templates mark for translation, with its places."""
    found = Catalog()
    for path in _sources():
        place = str(path.relative_to(ROOT))
        for line, ids, _comments, context in _texts_of(path):
            plain = ids[0] if isinstance(ids, tuple) else ids
            known = found.get(plain, context)
            # The same text once with and once without plural is one message, that with plural.
            if known is not None and isinstance(ids, str):
                known.locations.append((place, line))
            else:
                found.add(ids, locations=[*(known.locations if known else []), (place, line)], context=context)
    return found


def translations_path(language: str, ending: str = "po") -> Path:
    """Return where a language's catalogue is stored: `po` is edited, `mo` is read while pages are made."""
    return ROOT / "locale" / language / "LC_MESSAGES" / f"django.{ending}"


def read_translations(language: str) -> Catalog:
    """Return the translations of a language, as they are stored."""
    path = translations_path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def taken_up(translations: Catalog, texts: Catalog) -> Catalog:
    """Return translations of just these texts; what is missing stays empty, and what is no text any more goes."""
    kept = Catalog(locale=translations.locale, fuzzy=False, header_comment="")
    kept.mime_headers = [("Plural-Forms", translations.plural_forms)]
    kept.creation_date = kept.revision_date = WRITTEN
    for text in texts:
        if text.id:
            known = translations.get(text.id, text.context)
            same_kind = known is not None and known.pluralizable == text.pluralizable
            kept.add(
                text.id,
                known.string if known and same_kind else None,
                context=text.context,
                flags=(known.flags if known else set()) | text.flags,
            )
    return kept


def untranslated(translations: Catalog) -> int:
    """Return how many texts lack a translation, or one of its plural forms."""
    forms = (
        text.string if isinstance(text.string, tuple | list) else (text.string,) for text in translations if text.id
    )
    return sum(not all(said) for said in forms)


def written(translations: Catalog) -> bytes:
    """Return a catalogue as the `.po` file that translators edit, sorted by the English texts."""
    file = BytesIO()
    write_po(file, translations, width=0, no_location=True, sort_output=True)
    header, _end, messages = file.getvalue().decode().partition("\n\nmsgid")
    return f"{_UNUSED_HEADERS.sub('', header)}\n\nmsgid{messages}".encode()


def compiled(translations: Catalog) -> bytes:
    """Return a catalogue as the `.mo` file that is read while pages are made."""
    file = BytesIO()
    write_mo(file, translations)
    return file.getvalue()


def _sources() -> Iterator[Path]:
    for folder in sorted(path for path in ROOT.iterdir() if path.is_dir() and path.name not in UNREAD):
        if not folder.name.startswith("."):
            endings = ("*.html", "*.txt") if folder.name == "templates" else ("*.py",)
            found = (path for ending in endings for path in folder.rglob(ending))
            yield from sorted(path for path in found if not UNREAD & set(path.relative_to(ROOT).parts))


def _texts_of(path: Path) -> Iterator[tuple[int, str | tuple[str, ...], list[str], str | None]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Python of a template, whose lines stand in where the template's did.
        source = _SPACES.sub("", templatize(source, origin=str(path)))
    return extract("python", BytesIO(source.encode()), keywords=MARKS, options={"encoding": "utf-8"})
