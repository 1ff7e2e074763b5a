"""Texts of the pure cores: English with named places, translated where they are shown (`common.translation`)."""

from collections.abc import Iterable, Mapping
from typing import Self


class Text(str):
    """An English text that keeps its template and the values in it, so that it can be translated later."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Self:
        """Fill the template's places, written `%(name)s`."""
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values = template, values
        return made

    def __getnewargs__(self) -> tuple[str, Mapping[str, object]]:  # type: ignore[override]
        """Copy and pickle with the template."""
        return self.template, self.values


class Name(str):
    """A name that a sentence has in it, small as in English; `whole` is as it stands alone."""

    __slots__ = ("whole",)

    whole: str

    def __new__(cls, whole: str) -> Self:
        """Return a name in small letters."""
        made = super().__new__(cls, whole.lower())
        made.whole = whole
        return made

    def __getnewargs__(self) -> tuple[str]:
        """Copy and pickle with the name as it stands alone."""
        return (self.whole,)


def text(template: str, **values: object) -> Text:
    """Mark a text for translation; imported as `_`, the name that `makemessages` looks for."""
    return Text(template, values)


def joined(texts: Iterable[Text], *, by: str = " ") -> Text:
    """Return texts, such as sentences, as one."""
    parts = {f"part{index}": part for index, part in enumerate(texts)}
    return Text(by.join(f"%({name})s" for name in parts), parts)
