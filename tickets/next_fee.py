"""When what a stay owes changes next, found by pricing it at later instants."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.fees import fee_of
from tickets.models import Ticket

_QUARTERS, _HOURS = 12, 24
_AHEAD = (
    *(timedelta(minutes=15 * number) for number in range(1, _QUARTERS + 1)),
    *(timedelta(hours=number) for number in range(4, _HOURS + 1)),
)
"""How long after now the fee is looked at: more closely at first."""
_SECOND = timedelta(seconds=1)
SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NextFee:
    """The last instant at which the present fee is owed, and what is owed right after it (minor units)."""

    until: datetime
    owed: int


def next_fee(ticket: Ticket, at: datetime) -> NextFee | None:
    """Return what a stay owes next, to the second; None when that is the same for a day.

    Also None when it changes within a minute, as it does all the time by a tariff without increments.
    """
    owed, known = fee_of(ticket, at).owed, at.replace(microsecond=0)
    for later in (known + ahead for ahead in _AHEAD):
        if fee_of(ticket, later).owed == owed:
            known = later
            continue
        until = last_same(lambda instant: fee_of(ticket, instant).owed, known, later)
        return NextFee(until, fee_of(ticket, until + _SECOND).owed) if until - at >= SOON else None
    return None


def last_same(amount_at: Callable[[datetime], int], first: datetime, last: datetime) -> datetime:
    """Return the last second from `first` on at which an amount is what it is then; at `last` it is another."""
    amount = amount_at(first)
    while last - first > _SECOND:
        middle = first + timedelta(seconds=int((last - first).total_seconds()) // 2)
        first, last = (middle, last) if amount_at(middle) == amount else (first, middle)
    return first
