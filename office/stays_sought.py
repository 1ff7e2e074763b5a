"""What a text finds among stays, or rows of stays: a whole number or plate anywhere, a part within reach."""

from dataclasses import replace

from django.db.models import Q

from common.plates import PlateError, normalise
from common.web.listing import Sought
from tickets.numbers import InvalidNumberError, parse_number
from tickets.queries import stays_named


def stays_sought(sought: Sought, text: str, *, of: str = "") -> Sought:
    """Keep the rows whose stay a text names; `of` is the path from a row to its stay, with `__` at its end."""
    if not text:
        return sought
    named = stays_named(text, of=of)
    if _is_number(text):
        return replace(sought, rows=sought.rows.filter(named))
    plate = plate_or_none(text)
    whole = Q(**{f"{of}plate_normalised": plate}) & sought.sieve if plate else Q()
    return replace(sought, sieve=sought.sieve & named, anywhere=whole)


def plate_or_none(text: str) -> str | None:
    """Return a text as a normalised plate; None when it can't be one, nor a part of one."""
    try:
        return normalise(text)
    except PlateError:
        return None


def _is_number(text: str) -> bool:
    try:
        parse_number(text)
    except InvalidNumberError:
        return False
    return True
