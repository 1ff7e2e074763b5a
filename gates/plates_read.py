"""Which plates a stay's car may really have: what cameras read of it besides the plate that it has."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings

from common.plates import normalise_reading
from gates.decision import Action
from gates.models import EventKind, GateEvent
from lots.models import Gate
from tickets.models import Ticket

MOST = 6
AT_THE_LANE = timedelta(minutes=5)
"""How long ago a lane's camera may have read the car that stands there."""


def plates_read(ticket: Ticket, *, lane: Gate | None = None, at: datetime) -> list[str]:
    """Return other readings of a stay's car, likeliest first; two queries.

    They are what stands at `lane` unanswered now, what cameras read at the stay's gates, and what else they thought it
    could be.
    """
    found = {ticket.plate_normalised: ""}
    for plate in _readings(ticket, lane, at):
        found.setdefault(normalise_reading(plate, none_words=settings.NO_PLATE_WORDS["camera"]), plate)
    return [plate for normalised, plate in found.items() if normalised and plate][:MOST]


def _readings(ticket: Ticket, lane: Gate | None, at: datetime) -> Iterator[str]:
    waiting = _waiting_at(lane, at)
    events = [*([waiting] if waiting else []), *GateEvent.objects.filter(ticket=ticket).order_by("id")]
    yield from filter(None, (event.readable_plate for event in events))
    for event in events:
        yield from (candidate["plate"] for candidate in event.read.get("candidates", []))


def _waiting_at(lane: Gate | None, at: datetime) -> GateEvent | None:
    """Return the last read at a lane when its car still waits there."""
    if lane is None:
        return None
    recent = GateEvent.objects.filter(gate=lane, at__gt=at - AT_THE_LANE, first=None).order_by("-id")
    last = recent.exclude(kind=EventKind.UNDO).first()
    return last if last is not None and last.action in {Action.PAY, Action.ATTEND} else None
