"""Numbers that people read and type: a prefix and ten Crockford base32 characters, the last one a check character."""

import unicodedata
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SEPARATORS = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf", "Pd"})
"""Categories of what may stand between the characters: spaces and line ends, dashes, and what is not seen at all."""

_RANDOM_LENGTH = 9
_FORGIVEN = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_number_of(prefix: str, randbelow: Callable[[int], int]) -> str:
    """Return a fresh number; `randbelow(n)` yields an unpredictable integer in [0, n)."""
    drawn = randbelow(len(ALPHABET) ** _RANDOM_LENGTH)
    body = "".join(ALPHABET[drawn // len(ALPHABET) ** place % len(ALPHABET)] for place in range(_RANDOM_LENGTH))
    return f"{prefix}{body}{check_character(body)}"


def check_character(body: str) -> str:
    """Return the check character of the random part: its values weighted 1, 3, 5, … and summed modulo 32.

    The weights are odd, so any single wrong character changes the sum.
    """
    total = sum((2 * place + 1) * ALPHABET.index(character) for place, character in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def body_of(typed: str, prefix: str) -> str | None:
    """Return the ten characters of a typed or scanned number; None when it has not their form.

    Accepts lower case, dashes, spaces, line ends, invisible characters, a missing prefix, O for 0 and I or L for 1.
    """
    body, letters = fold(typed), fold(prefix)
    if len(body) == len(letters) + _RANDOM_LENGTH + 1:
        body = body.removeprefix(letters)
    is_one = len(body) == _RANDOM_LENGTH + 1 and all(character in ALPHABET for character in body)
    return body if is_one else None


def checks_out(body: str) -> bool:
    """Return whether the last of the ten characters is the check character of those before it."""
    return check_character(body[:-1]) == body[-1]


def fold(typed: str) -> str:
    """Return a typed number, or a part of one, without separators and with look-alikes as they are in numbers."""
    kept = "".join(character for character in typed if unicodedata.category(character) not in SEPARATORS)
    return kept.upper().translate(_FORGIVEN)
