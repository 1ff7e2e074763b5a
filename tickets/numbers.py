"""Ticket numbers: `PS-` and ten Crockford base32 characters, the last one a check character; and links with tokens."""

import re
import unicodedata
from collections.abc import Callable

from common.crockford import SEPARATORS, body_of, checks_out, new_number_of
from common.errors import DomainError
from common.words import text as _

PREFIX = "PS-"
FOLDER = "t/"
"""Where the links of tickets lie below the site. It stays as it is: links are printed on paper and in codes."""
PAYING_FOLDER = "pay/"
"""Where a link leads to, and what a browser shows then."""

BY_PLATE_FOLDER = f"{PAYING_FOLDER}by-plate/"
"""Where a lot's own page lies on which its fee is paid by plate."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_LINK = re.compile(rf"/(?:{FOLDER}|{PAYING_FOLDER})([^/?#\s]+)")


class InvalidNumberError(DomainError):
    """The text is not a ticket number, or was mistyped."""

    code = "invalid_ticket_number"


def new_number(randbelow: Callable[[int], int]) -> str:
    """Return a fresh ticket number; `randbelow(n)` yields an unpredictable integer in [0, n)."""
    return new_number_of(PREFIX, randbelow)


def parse_number(typed: str) -> str:
    """Return the canonical form of a typed or scanned ticket number.

    Accepts lower case, dashes, spaces, line ends, invisible characters, a missing prefix, O for 0 and I or L for 1.
    Raises InvalidNumberError.
    """
    body = body_of(typed, PREFIX)
    if body is None:
        raise InvalidNumberError(_("A ticket number has the form PS- and ten letters or digits."))
    if not checks_out(body):
        raise InvalidNumberError(_("This ticket number has a typing mistake."))
    return PREFIX + body


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
    reference = link[1] if link else "".join(c for c in text if unicodedata.category(c) not in SEPARATORS - {"Pd"})
    return reference if is_token(reference) else parse_number(reference)
