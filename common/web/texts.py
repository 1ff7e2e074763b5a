"""Translates the texts of pure modules where they are shown."""

from django.utils.translation import gettext

from common.filled_texts import FilledText


def translated(text: str) -> str:
    """Return a marked text in the current language, with its values filled in."""
    if not isinstance(text, FilledText):
        return gettext(text) if text else text
    if not text.values:
        return gettext(text.pattern)
    values = {
        name: translated(value) if isinstance(value, FilledText) else value for name, value in text.values.items()
    }
    return gettext(text.pattern) % values
