"""How the fee of a stay rises, step by step, around an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tickets.fees import price_of
from tickets.models import Ticket
from tickets.next_fee import last_same

BEFORE, AFTER = timedelta(hours=6), timedelta(hours=3)
MOST_STEPS = 40
_EVERY = timedelta(minutes=10)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class FeeStep:
    """From one instant to the last second of another a stay costs `amount` (minor units)."""

    since: datetime
    until: datetime
    amount: int


def fee_steps(ticket: Ticket, at: datetime) -> list[FeeStep]:
    """Return what a stay costs from its entry, or some hours before `at`, until some hours after it.

    Payments do not change it. Empty when it does not change in that time, or in more steps than can be told.
    """
    start = max(ticket.entry_at, at - BEFORE).replace(microsecond=0)
    end = at.replace(microsecond=0) + AFTER
    steps: list[FeeStep] = []
    since, known, amount = start, start, _amount(ticket, start)
    while known < end and len(steps) < MOST_STEPS:
        later = min(known + _EVERY, end)
        if _amount(ticket, later) == amount:
            known = later
            continue
        until = last_same(lambda instant: _amount(ticket, instant), known, later)
        steps.append(FeeStep(since, until, amount))
        since = known = until + _SECOND
        amount = _amount(ticket, since)
    if not steps or known < end:
        return []
    return [*steps, FeeStep(since, end, amount)]


def _amount(ticket: Ticket, at: datetime) -> int:
    return price_of(ticket, at).total
