"""The periods that may be booked."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from common.errors import DomainError, FieldError
from common.words import Text
from common.words import text as _

SHORTEST = timedelta(minutes=15)
LONGEST = timedelta(days=30)
AHEAD = timedelta(days=90)
USUAL_TIME = timedelta(hours=2)
"""How long a period is that nobody has chosen."""


class BookedTime(NamedTuple):
    """A booked period [start, end), without the turnaround."""

    start: datetime
    end: datetime


class InvalidPeriodError(DomainError):
    """The period can't be booked; `errors` says at which end."""

    code = "invalid_period"


def check_period(time: BookedTime, *, at: datetime, begun: bool = False) -> None:
    """Refuse a period that may not be booked at `at`, or changed to when the booking has `begun` as it is.

    The minute that is running is not yet past. Raises InvalidPeriodError.
    """
    problems = [FieldError(path, message) for path, message in _problems(time, at, begun=begun)]
    if problems:
        raise InvalidPeriodError(problems[0].message, errors=problems)


def _problems(time: BookedTime, at: datetime, *, begun: bool) -> Iterator[tuple[str, Text]]:
    if time.end <= time.start:
        yield "end", _("The end is before the start. Check both times.")
    elif time.end - time.start < SHORTEST:
        yield "end", _("A booking lasts at least %(minutes)s minutes.", minutes=SHORTEST.seconds // 60)
    elif time.end - time.start > LONGEST:
        yield "end", _("A booking lasts at most %(days)s days.", days=LONGEST.days)
    if begun:
        if time.end <= at:
            yield "end", _("This time is over already.")
    elif time.start < at.replace(second=0, microsecond=0):
        yield "start", _("This time is over already.")
    elif time.start > at + AHEAD:
        yield "start", _("Bookings open %(days)s days ahead.", days=AHEAD.days)
