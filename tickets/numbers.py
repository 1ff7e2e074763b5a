"""Ticket numbers: `PS-` and ten Crockford base32 characters, the last one a check character; and links with tokens."""

import re
import unicodedata
from collections.abc import Callable

from common.errors import DomainError
from common.words import text as _

PREFIX = "PS-"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
FOLDER = "t/"
"""Where the links of tickets lie below the site. It stays as it is: links are printed on paper and in codes."""
PAYING_FOLDER = "pay/"
"""Where a link leads to, and what a browser shows then."""

_RANDOM_LENGTH = 9
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1"})
# Spaces and line ends, dashes of any width, and what is not seen at all.
_SEPARATORS = {"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"}
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_LINK = re.compile(rf"/(?:{FOLDER}|{PAYING_FOLDER})([^/?#\s]+)")


class InvalidNumberError(DomainError):
    """The text is not a ticket number, or was mistyped."""

    code = "invalid_ticket_number"


def new_number(randbelow: Callable[[int], int]) -> str:
    """Return a fresh ticket number; `randbelow(n)` yields an unpredictable integer in [0, n)."""
    drawn = randbelow(len(ALPHABET) ** _RANDOM_LENGTH)
    body = "".join(ALPHABET[drawn // len(ALPHABET) ** place % len(ALPHABET)] for place in range(_RANDOM_LENGTH))
    return f"{PREFIX}{body}{check_character(body)}"


def check_character(body: str) -> str:
    """Return the check character of the random part: its values weighted 1, 3, 5, … and summed modulo 32.

    The weights are odd, so any single wrong character changes the sum.
    """
    total = sum((2 * place + 1) * ALPHABET.index(character) for place, character in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def parse_number(typed: str) -> str:
    """Return the canonical form of a typed or scanned ticket number.

    Accepts lower case, dashes, spaces, line ends, invisible characters, a missing prefix, O for 0 and I or L for 1.
    Raises InvalidNumberError.
    """
    body = fold(typed)
    if len(body) == len("PS") + _RANDOM_LENGTH + 1:
        body = body.removeprefix("PS")
    if len(body) != _RANDOM_LENGTH + 1 or any(character not in ALPHABET for character in body):
        raise InvalidNumberError(_("A ticket number has the form PS- and ten letters or digits."))
    if check_character(body[:-1]) != body[-1]:
        raise InvalidNumberError(_("This ticket number has a typing mistake."))
    return PREFIX + body


def fold(typed: str) -> str:
    """Return a typed number, or a part of one, without separators and with look-alikes as they are in numbers."""
    kept = "".join(character for character in typed if unicodedata.category(character) not in _SEPARATORS)
    return kept.upper().translate(_FORGIVEN)


def is_token(text: str) -> bool:
    """Return whether a text has the shape of a link's token; anything else can only be a number."""
    return _TOKEN.fullmatch(text) is not None


def names_token(text: str) -> bool:
    """Return whether a text is a token or a link with one, and not a number."""
    try:
        return is_token(parse_reference(text))
    except InvalidNumberError:
        return False


def parse_reference(text: str) -> str:
    """Return the number in its one form, or the token, that a typed or scanned text names: a number, a token or a link.

    Raises InvalidNumberError.
    """
    link = _LINK.search(text)
    reference = link[1] if link else "".join(c for c in text if unicodedata.category(c) not in _SEPARATORS - {"Pd"})
    return reference if is_token(reference) else parse_number(reference)
