"""Sending every operator's events to a stream, in their order, each at least once.

A batch is sent, and when the server has confirmed all of it, the operator's cursor moves on. Who dies between the two
leaves a batch that is sent again. Each sender begins where everything before is confirmed, so whatever is doubled, what
comes for the first time comes in order.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Operator
from common.db.name_locks import NameLock, held_alone
from common.errors import InvalidValueError
from events.event_json import event_bytes
from events.models import Event, EventCounter, EventStream, StreamCursor
from events.services.numbering import number_events
from events.stream_address import StreamAddress
from events.streams import StreamAwayError, StreamEntry, StreamServer, open_stream

RUN_SECONDS = 4.0
"""After so long a run begins nothing; other tasks get their turn, and another run goes on."""
BATCH = 500
"""How many events are in memory at once."""
LONGEST_WAIT = timedelta(seconds=60)
LONGEST_ERROR = 200
_RUN = 3
Clock = Callable[[], datetime]
logger = structlog.get_logger(__name__)


class _Kept:
    """The open stream of this process: an idempotent producer keeps what it is for as long as it lives."""

    def __init__(self) -> None:
        self._server: StreamServer | None = None
        self._address: StreamAddress | None = None

    def open(self, address: StreamAddress) -> StreamServer:
        """Return a connection to a stream, the same as before unless it was given up."""
        if self._server is None or self._address != address:
            self.drop()
            self._server, self._address = open_stream(address, length=settings.EVENTS_STREAM_LENGTH), address
        return self._server

    def drop(self) -> None:
        """Give the connection up, with what it did not send."""
        if self._server is not None:
            self._server.close()
        self._server = self._address = None


_kept = _Kept()


def run_stream(*, clock: Clock) -> int:
    """Send what waits as `stream_events` does, if there is a stream, unless another run is at it."""
    address: StreamAddress | None = settings.EVENTS_STREAM
    if address is None:
        return 0
    with held_alone(NameLock.EVENTS, _RUN) as is_held:
        return stream_events(address, clock=clock) if is_held else 0


def stream_events(address: StreamAddress, *, clock: Clock, seconds: float = RUN_SECONDS) -> int:
    """Send what waits for a while, after numbering; return how many events the server has confirmed.

    While the server is away it is tried ever less often, once a minute at least.
    """
    number_events()
    stream, _made = EventStream.objects.get_or_create(label=address.label, defaults={"created_at": clock()})
    behind = _behind(stream)
    if not behind or (stream.next_at and stream.next_at > clock()):
        return 0
    until, sent = monotonic() + seconds, 0
    try:
        server = _kept.open(address)
        _go_back_to_what_is_there(stream, server)
        while behind and monotonic() < until:
            for operator in behind:
                sent += _send_batch(stream, operator, server, clock)
                if monotonic() >= until:
                    break
            behind = _behind(stream)
    except StreamAwayError as error:
        _kept.drop()
        _note_failure(stream, str(error), at=clock())
        return sent
    if stream.failing_since:
        EventStream.objects.filter(pk=stream.pk).update(failing_since=None, failures=0, next_at=None, error="")
    return sent


@transaction.atomic
def rewind_stream(address: StreamAddress, *, after: int, operators: list[Operator], at: datetime) -> int:
    """Let a stream send the kept events after a number again; return of how many operators it does.

    It goes only back. Raises InvalidValueError for a negative number.
    """
    if after < 0:
        raise InvalidValueError(_("Numbers of events begin with 1."), path="after")
    stream, _made = EventStream.objects.get_or_create(label=address.label, defaults={"created_at": at})
    return stream.cursors.filter(operator__in=operators, after__gt=after).update(after=after)


def _behind(stream: EventStream) -> list[Operator]:
    """Return the operators with events that the stream has not confirmed."""
    reached = StreamCursor.objects.filter(stream=stream, operator=OuterRef("operator")).values("after")
    counters = EventCounter.objects.annotate(after=Coalesce(Subquery(reached), 0)).filter(last__gt=F("after"))
    return [counter.operator for counter in counters.select_related("operator").order_by("pk")]


def _send_batch(stream: EventStream, operator: Operator, server: StreamServer, clock: Clock) -> int:
    cursor, _made = StreamCursor.objects.get_or_create(stream=stream, operator=operator)
    events = list(Event.objects.after(operator, cursor.after)[:BATCH])
    if not events:
        # What waited was kept long enough, and is gone.
        _move(cursor, EventCounter.objects.get(operator=operator).last, clock())
        return 0
    mark = server.send(
        [StreamEntry(operator.slug, event.lot or "", event.number or 0, event_bytes(event)) for event in events]
    )
    with transaction.atomic():
        _move(cursor, events[-1].number or 0, clock())
        EventStream.objects.filter(pk=stream.pk).update(mark=mark)
    return len(events)


def _move(cursor: StreamCursor, after: int, at: datetime) -> None:
    # One that was put back meanwhile stays where it was put.
    StreamCursor.objects.filter(pk=cursor.pk, after=cursor.after).update(after=after, sent_at=at)


@transaction.atomic
def _go_back_to_what_is_there(stream: EventStream, server: StreamServer) -> None:
    """Send again what the server has forgotten, as far back as a stream of its length reaches."""
    cursors = list(stream.cursors.select_for_update(of=("self",)).select_related("operator"))
    if not stream.mark or not cursors:
        return
    numbers = server.lost_after(stream.mark, [cursor.operator.slug for cursor in cursors])
    if numbers is None:
        return
    logger.warning("stream_lost_entries", stream=stream.label, left=numbers)
    length: int = settings.EVENTS_STREAM_LENGTH
    for cursor in cursors:
        reach = max(0, cursor.after - length) if length else 0
        cursor.after = min(cursor.after, max(reach, numbers.get(cursor.operator.slug, 0)))
    StreamCursor.objects.bulk_update(cursors, ["after"])
    EventStream.objects.filter(pk=stream.pk).update(mark="")


def _note_failure(stream: EventStream, error: str, *, at: datetime) -> None:
    failures = stream.failures + 1
    logger.warning("stream_away", stream=stream.label, error=error, failures=failures)
    EventStream.objects.filter(pk=stream.pk).update(
        failing_since=stream.failing_since or at,
        failures=failures,
        error=error[:LONGEST_ERROR],
        next_at=at + min(LONGEST_WAIT, timedelta(seconds=2.0 ** min(failures, 10))),
    )
