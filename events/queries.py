"""Reading events in their order."""

from collections.abc import Collection

from accounts.models import Operator
from events.models import Event, EventCounter


def last_number(operator: Operator) -> int:
    """Return the number of an operator's latest event."""
    return EventCounter.objects.filter(operator=operator).values_list("last", flat=True).first() or 0


def events_after(
    operator: Operator, number: int, *, types: Collection[str] = (), lots: Collection[str] = (), limit: int
) -> list[Event]:
    """Return up to `limit` of an operator's events after a number, of these types and lots, if any are named."""
    events = Event.objects.after(operator, number)
    if types:
        events = events.filter(kind__in=types)
    if lots:
        events = events.filter(lot__in=lots)
    return list(events[:limit])
