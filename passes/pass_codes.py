"""Codes of passes, as people read them out and type them: `PP-` and ten characters as in ticket numbers."""

from collections.abc import Callable

from common.crockford import body_of, checks_out, new_number_of

PREFIX = "PP-"


def new_pass_code(randbelow: Callable[[int], int]) -> str:
    """Return a fresh code; `randbelow(n)` yields an unpredictable integer in [0, n)."""
    return new_number_of(PREFIX, randbelow)


def read_pass_code(typed: str) -> str | None:
    """Return the canonical form of a typed code, forgiving as ticket numbers are; None for a text that is no code."""
    body = body_of(typed, PREFIX)
    return PREFIX + body if body is not None and checks_out(body) else None
