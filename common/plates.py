"""Number plates as text: normalising, comparing, refusing."""

import unicodedata
from collections.abc import Iterable

from common.errors import DomainError, FieldError
from common.words import text as _

MAX_LENGTH = 15
MAX_RAW_LENGTH = 64  # as read; NFKD may make one character many, so the raw text is bounded before it is looked at
CONFUSABLE_CLASSES = ("0ODQ", "1IL", "2Z", "5S", "6G", "8B", "UV")

NO_PLATE_WORDS = frozenset(
    {"UNKNOWN", "UNLICENSED", "UNREADABLE", "NOPLATE", "NONE", "NULL", "NOTREAD", "无牌", "无牌车"}
)
"""What cameras send for a car without a plate, normalised; the settings have a list for each kind of device."""

_HIDDEN = "•"
_MASKED_FROM = 6
# Letters of other alphabets that look like Latin ones, and the two ways to write Arabic yeh and kaf.
_SHAPES = (
    ("АВСЕНІКМОРТУХ", "ABCEHIKMOPTYX"),  # Cyrillic
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"),  # Greek
    ("\u06cc\u0649\u06a9", "\u064a\u064a\u0643"),
)
_CONFUSABLE = {character: group[0] for group in CONFUSABLE_CLASSES for character in group}
_FOLD = str.maketrans(
    _CONFUSABLE | {one: _CONFUSABLE.get(other, other) for alike in _SHAPES for one, other in zip(*alike, strict=True)}
)
FOLDED = "".join(map(chr, _FOLD))
FOLDED_TO = "".join(_FOLD.values())
"""What `skeleton` folds, character by character, as PostgreSQL's `translate` takes it."""


class PlateError(DomainError):
    """The text can't be a number plate."""

    code = "invalid_plate"

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message, errors=[FieldError(path, message)])


class ControlCharacterError(PlateError):
    """The text holds control characters or broken Unicode."""


class PlateTooLongError(PlateError):
    """The text is longer than any number plate."""


def as_typed(text: str) -> str:
    """Return a typed plate as it is shown and stored: in capitals, with single spaces."""
    return " ".join(visible(text).upper().split())


def visible(text: str) -> str:
    """Return a text without characters that are not seen: zero-width ones and those that change its direction."""
    return "".join(character for character in text if unicodedata.category(character) != "Cf")


def normalise(text: str | None, *, path: str = "plate") -> str | None:
    """Return a plate as it is compared (upper-case letters and ASCII digits), or None when nothing is left of it.

    It is for what a person typed or a row holds; `normalise_reading` is for what a device read. Letters of any script
    stay; marks, separators and emoji go. `path` names the field in errors.
    Raises ControlCharacterError or PlateTooLongError (422).
    """
    if text is None:
        return None
    _refuse_impossible(text, path)
    plate = _letters_and_digits(text)
    if len(plate) > MAX_LENGTH:
        raise PlateTooLongError(_("A plate has at most %(most)s letters and digits.", most=MAX_LENGTH), path=path)
    return plate or None


def none_words(words: Iterable[str]) -> frozenset[str]:
    """Return words for a car without a plate as `normalise_reading` compares them."""
    return frozenset(filter(None, map(_letters_and_digits, words)))


def normalise_reading(text: str | None, *, none_words: frozenset[str], path: str = "plate") -> str | None:
    """Return what a device read as `normalise` does, and None for what is no plate: its words for none, lettering.

    Raises ControlCharacterError, and PlateTooLongError for more than MAX_RAW_LENGTH characters.
    """
    if text is None:
        return None
    _refuse_impossible(text, path)
    plate = _letters_and_digits(text)
    return None if not plate or len(plate) > MAX_LENGTH or plate in none_words else plate


def skeleton(plate: str) -> str:
    """Return a normalised plate with look-alikes folded: other alphabets to Latin, a confusable class to its first."""
    return plate.translate(_FOLD)


def confusable(one: str, other: str) -> bool:
    """Return whether two characters are the same or belong to one confusable class."""
    return one.translate(_FOLD) == other.translate(_FOLD)


def _refuse_impossible(text: str, path: str) -> None:
    if not is_text(text):
        raise ControlCharacterError(_("A plate can't hold control characters."), path=path)
    if len(text) > MAX_RAW_LENGTH:
        raise PlateTooLongError(_("A plate has at most %(most)s letters and digits.", most=MAX_LENGTH), path=path)


def _letters_and_digits(text: str) -> str:
    upper = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).upper())
    return "".join(_kept(character) for character in upper)


def _kept(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return character if category.startswith("L") else ""


def is_text(text: str) -> bool:
    """Return whether a text has no control characters and no lone surrogate, which JSON can write but UTF-8 can't."""
    return text.isprintable() or all(unicodedata.category(character) not in {"Cc", "Cs"} for character in text)


def mask(text: str | None) -> str:
    """Return a plate with only its first two and last two characters legible.

    Short plates show their first character only; no plate stays empty.
    """
    shown = normalise(text) or ""
    if len(shown) < _MASKED_FROM:
        return shown[:1] + _HIDDEN * max(0, len(shown) - 1)
    return shown[:2] + _HIDDEN * (len(shown) - 4) + shown[-2:]
