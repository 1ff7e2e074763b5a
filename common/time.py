"""Instants as text: strict RFC 3339, always with an offset; days as people read them."""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from babel.dates import format_date

from common.errors import DomainError, FieldError
from common.words import text as _

FIRST_YEAR, LAST_YEAR = 2000, 2100

_RFC_3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(\.\d+)?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)


class InvalidInstantError(DomainError):
    """The text is no RFC 3339 instant with an offset in the years 2000 to 2100."""

    code = "invalid_instant"

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message, errors=[FieldError(path, message)])


def parse_instant(text: str, *, path: str) -> datetime:
    """Return the instant in UTC, truncated to seconds; `path` names the field in errors.

    Raises InvalidInstantError for anything but RFC 3339 with an offset, and outside the years 2000 to 2100.
    """
    instant = _read(text, path)
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        raise InvalidInstantError(
            _("The year must be from %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR), path=path
        )
    return truncate(instant.astimezone(UTC))


def parse_wild_instant(text: str, *, path: str) -> datetime | None:
    """Return what a device's clock says, in UTC and with its fraction: any year, or None beyond UTC's years 1 to 9999.

    Raises InvalidInstantError for anything but RFC 3339 with an offset.
    """
    try:
        return _read(text, path).astimezone(UTC)
    except OverflowError:
        return None


def _read(text: str, path: str) -> datetime:
    parts = _RFC_3339.fullmatch(text)
    if parts is None:
        raise InvalidInstantError(
            _("Give a date and time with an offset, such as 2026-03-02T08:15:04+01:00."), path=path
        )
    day, clock, fraction, offset = parts.groups()
    try:
        return datetime.fromisoformat(f"{day}T{clock}{(fraction or '')[:7]}{offset.upper()}")
    except ValueError as error:
        raise InvalidInstantError(_("There is no such date or time."), path=path) from error


def day_words(day: date, locale: str = "en") -> str:
    """Return a day as every page, mail and receipt writes it: `28 Nov 2026`."""
    return str(format_date(day, date_pattern("d MMM y", locale), locale=locale))


def month_words(day: date, locale: str = "en") -> str:
    """Return the month of a day: `Nov 2026`."""
    return str(format_date(day, "MMM y", locale=locale))


def date_pattern(pattern: str, locale: str) -> str:
    """Return an English pattern of a date as it is written in a locale: with a point after a German day."""
    return pattern.replace("d MMM", "d. MMM") if locale.startswith("de") else pattern


def midnight_of(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins on the clock of `zone`, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date, zone: tzinfo) -> datetime | None:
    """Return when a day ends on the clock of `zone`, in UTC; None for the last day that there is."""
    return midnight_of(day + timedelta(days=1), zone) if day < date.max else None


def truncate(at: datetime) -> datetime:
    """Drop fractions of a second: stays are priced in whole seconds."""
    return at.replace(microsecond=0)
