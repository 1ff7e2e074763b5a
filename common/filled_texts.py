"""Texts of pure modules with values in them, such as times and limits."""

from collections.abc import Mapping


class FilledText(str):
    """A text in English that keeps its `pattern` and `values`, so that the border can translate it."""

    __slots__ = ("pattern", "values")

    pattern: str
    values: Mapping[str, object]


def filled(pattern: str, **values: object) -> FilledText:
    """Fill the values into a marked pattern with named placeholders, such as `%(least)s`."""
    text = FilledText(pattern % values if values else pattern)
    text.pattern, text.values = pattern, values
    return text
