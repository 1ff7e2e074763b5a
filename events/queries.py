"""Reading events in their order."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Operator
from events.models import Event, EventCounter, EventStream, StreamCursor
from events.stream_address import StreamAddress


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


@dataclass(frozen=True, slots=True)
class StreamProgress:
    """How far a stream is with an operator's events; `waits_since`: when the first that it lacks was recorded."""

    operator: Operator
    after: int
    last: int
    sent_at: datetime | None
    waits_since: datetime | None

    @property
    def behind(self) -> int:
        """Return how many events the stream has not got."""
        return max(0, self.last - self.after)


def stream_of(address: StreamAddress) -> EventStream | None:
    """Return what is known of where a stream leads; None before it was first tried."""
    return EventStream.objects.filter(label=address.label).first()


def stream_progress(address: StreamAddress, operators: Iterable[Operator]) -> list[StreamProgress]:
    """Return how far a stream is with each operator's events, in the order of their names."""
    found = StreamCursor.objects.filter(stream__label=address.label, operator__in=operators)
    cursors = {cursor.operator_id: cursor for cursor in found}
    counters = EventCounter.objects.filter(operator__in=operators).select_related("operator")
    return [
        _progress(counter, cursors.get(counter.operator_id)) for counter in counters.order_by("operator__name", "pk")
    ]


def _progress(counter: EventCounter, cursor: StreamCursor | None) -> StreamProgress:
    after = cursor.after if cursor else 0
    waiting = Event.objects.after(counter.operator, after).values_list("recorded_at", flat=True)
    return StreamProgress(
        counter.operator,
        after,
        counter.last,
        cursor.sent_at if cursor else None,
        waiting.first() if counter.last > after else None,
    )
