"""Translate the texts of the pure cores, which know no Django."""

from collections.abc import Iterable

from django.utils.translation import gettext, override

from common.words import Text


def translated(text: str) -> str:
    """Return a text in the active language; only a `Text` has more than its English words."""
    if not isinstance(text, Text):
        return text
    if not text.values:
        return gettext(text.template)
    values = {name: translated(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return gettext(text.template) % values


def in_languages(text: str, languages: Iterable[str]) -> str:
    """Return a text in each of some languages, the same words once, with a stroke between them."""
    said = []
    for language in languages:
        with override(language):
            said.append(translated(text))
    return " / ".join(dict.fromkeys(said))
