"""Phone numbers as text, in their international form (ITU-T E.164)."""

import re

from common.errors import DomainError, FieldError
from common.words import text as _

LONGEST_PHONE = 16
_SEPARATORS = re.compile(r"[\s().\-/\u00a0]")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SHOWN = 4


class PhoneError(DomainError):
    """The text is no phone number in international form."""

    code = "invalid_phone"


def parse_phone(typed: str, *, path: str = "phone") -> str:
    """Return a typed number as `+` and 7 to 15 digits; `00` in front means `+`. Raises PhoneError."""
    number = _SEPARATORS.sub("", typed)
    if number.startswith("00"):
        number = f"+{number[2:]}"
    if not _NUMBER.fullmatch(number):
        message = _("Enter the number with its country code, such as +41 79 123 45 67.")
        raise PhoneError(message, errors=[FieldError(path, message)])
    return number


def mask_phone(number: str) -> str:
    """Return a number with only its last digits legible."""
    return "•" * (len(number) - _SHOWN) + number[-_SHOWN:]
