"""Ticket numbers: `PS-` and ten Crockford base32 characters, the last one a check character."""

from collections.abc import Callable

from common.errors import DomainError
from common.words import text as _

PREFIX = "PS-"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_RANDOM_LENGTH = 9
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


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

    Accepts lower case, dashes, spaces, a missing prefix, O for 0 and I or L for 1. Raises InvalidNumberError.
    """
    body = typed.upper().translate(_FORGIVEN)
    if len(body) == len("PS") + _RANDOM_LENGTH + 1:
        body = body.removeprefix("PS")
    if len(body) != _RANDOM_LENGTH + 1 or any(character not in ALPHABET for character in body):
        raise InvalidNumberError(_("A ticket number has the form PS- and ten letters or digits."))
    if check_character(body[:-1]) != body[-1]:
        raise InvalidNumberError(_("This ticket number has a typing mistake."))
    return PREFIX + body
