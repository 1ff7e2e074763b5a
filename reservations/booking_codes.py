"""Codes of bookings, as people read them out and type them: `BK-` and ten characters as in ticket numbers."""

from collections.abc import Callable

from common.crockford import body_of, checks_out, new_number_of
from common.errors import DomainError
from common.words import text as _

PREFIX = "BK-"


class InvalidBookingCodeError(DomainError):
    """The text is no booking's code, or was mistyped."""

    code = "invalid_booking_code"


def new_booking_code(randbelow: Callable[[int], int]) -> str:
    """Return a fresh code; `randbelow(n)` yields an unpredictable integer in [0, n)."""
    return new_number_of(PREFIX, randbelow)


def parse_booking_code(typed: str) -> str:
    """Return the canonical form of a typed or scanned code, forgiving as ticket numbers are.

    Raises InvalidBookingCodeError.
    """
    body = body_of(typed, PREFIX)
    if body is None:
        raise InvalidBookingCodeError(_("A booking's code has the form BK- and ten letters or digits."))
    if not checks_out(body):
        raise InvalidBookingCodeError(_("This code has a typing mistake."))
    return PREFIX + body
