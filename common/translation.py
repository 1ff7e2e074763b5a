"""Translate the texts of the pure cores, which know no Django."""

from django.utils.translation import gettext

from common.words import Text


def translated(text: str) -> str:
    """Return a text in the active language; only a `Text` has more than its English words."""
    if not isinstance(text, Text):
        return text
    if not text.values:
        return gettext(text.template)
    values = {name: translated(value) if isinstance(value, str) else value for name, value in text.values.items()}
    return gettext(text.template) % values
