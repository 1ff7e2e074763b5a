"""The text of API keys: `parkapi_<id>_<secret><check>`.

The prefix and the check digits let scanners of code and logs find keys that were published by mistake, without false
alarms: the last six characters are the CRC-32 of all before, in base 62. The id finds the row, and a hash of the secret
proves the key. The secret has 256 random bits, so a plain SHA-256 is enough.
"""

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass

PREFIX = "parkapi"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_ID_BYTES = 6
_SECRET_LENGTH, _CHECK_LENGTH = 43, 6
_SHAPE = re.compile(rf"{PREFIX}_(?P<id>[0-9a-f]{{12}})_(?P<secret>[0-9A-Za-z]{{43}})(?P<check>[0-9A-Za-z]{{6}})")
_CLIENT = re.compile(rf"{PREFIX}_(?P<id>[0-9a-f]{{12}})")


@dataclass(frozen=True, slots=True)
class ProgramKey:
    """An API key in its parts."""

    public_id: str
    secret: str

    def __str__(self) -> str:
        text = f"{client_id_of(self.public_id)}_{self.secret}"
        return text + _check_digits(text)

    def __repr__(self) -> str:
        return f"ProgramKey({self.public_id})"

    @property
    def hash(self) -> bytes:
        """What is stored of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()


def new_program_key(public_id: str = "") -> ProgramKey:
    """Return a random key, with an id that there is or a random one."""
    secret = "".join(secrets.choice(_DIGITS) for _ in range(_SECRET_LENGTH))
    return ProgramKey(public_id or secrets.token_hex(_ID_BYTES), secret)


def parse_program_key(text: str) -> ProgramKey | None:
    """Parse a key as a program sends it; None for any other text, also when its check digits don't fit."""
    match = _SHAPE.fullmatch(text)
    if match is None or _check_digits(text[:-_CHECK_LENGTH]) != match["check"]:
        return None
    return ProgramKey(public_id=match["id"], secret=match["secret"])


def client_id_of(public_id: str) -> str:
    """Return what names a key without proving it: its beginning, which is also its client id for OAuth."""
    return f"{PREFIX}_{public_id}"


def parse_client_id(text: str) -> str | None:
    """Return the public id in a client id; None for any other text."""
    match = _CLIENT.fullmatch(text)
    return match["id"] if match else None


def _check_digits(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CHECK_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return digits
