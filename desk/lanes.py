"""The lanes of a lot as the desk sees them: which car waits there, and since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery

from desk.words import said_of_event, waits_for
from gates.decision import Action
from gates.models import EventKind, GateEvent
from gates.reads.load import WAITING_WINDOW
from lots.gate_rules import Direction
from lots.models import Gate

_ASKS = (Action.PAY, Action.ATTEND)
_MOST_EVENTS = 400
_AT_ONCE = 10
"""How many events of one lane may be decided out of the order of their times."""


@dataclass(frozen=True, slots=True)
class LaneNow:
    """One lane: its last event, and since when a car waits there for an attendant (None: no car waits)."""

    gate: Gate
    last: GateEvent | None
    waiting_since: datetime | None

    @property
    def asks(self) -> str:
        """Return what the waiting car needs."""
        return waits_for(self.last) if self.last else ""

    @property
    def said(self) -> str:
        """Return what happened last."""
        return said_of_event(self.last, direction=self.gate.direction) if self.last else ""

    @property
    def is_exit(self) -> bool:
        """Return whether cars leave here."""
        return self.gate.direction == Direction.EXIT

    @property
    def stay_number(self) -> str:
        """Return the number of the lane's open stay; empty when the attendant has to find it."""
        ticket = self.last.ticket if self.last else None
        return ticket.number if ticket is not None and ticket.is_open else ""

    @property
    def plate(self) -> str:
        """Return the plate as read, or that of the stay."""
        if self.last is None:
            return ""
        return self.last.plate or (self.last.ticket.plate if self.last.ticket else None) or ""


def lanes_now(gates: list[Gate], *, at: datetime) -> list[LaneNow]:
    """Return every exit lane, and the entry lanes at which a car waits, in the order of `gates`; three queries."""
    happened = Q(kind__in=[EventKind.PERSON, EventKind.RELEASE, EventKind.UNDO]) | Q(kind=EventKind.READ, offline=False)
    latest = GateEvent.objects.filter(happened, gate=OuterRef(OuterRef("pk"))).order_by("-at").values("pk")[:_AT_ONCE]
    newest = GateEvent.objects.filter(pk__in=latest).order_by("-id").values("pk")[:1]
    ids = dict(Gate.objects.filter(pk__in=[gate.pk for gate in gates]).values_list("pk", Subquery(newest)))
    last = GateEvent.objects.select_related("ticket", "person").in_bulk([pk for pk in ids.values() if pk])
    recent = GateEvent.objects.filter(happened, gate__in=gates, at__gt=at - WAITING_WINDOW)
    by_gate: dict[int, list[GateEvent]] = {gate.pk: [] for gate in gates}
    for event in sorted(recent.order_by("-at")[:_MOST_EVENTS], key=lambda event: -event.pk):
        by_gate[event.gate_id].append(event)
    lanes = [LaneNow(gate, last.get(ids.get(gate.pk) or 0), _waiting_since(by_gate[gate.pk])) for gate in gates]
    return [lane for lane in lanes if lane.is_exit or lane.waiting_since]


def first_waiting(lanes: Iterable[LaneNow], own: Gate | None) -> LaneNow | None:
    """Return the lane to serve next: `own` when a car waits there, else where a car has waited longest."""
    waiting = [lane for lane in lanes if lane.waiting_since and lane.is_exit]
    return min(waiting, key=lambda lane: (lane.gate != own, lane.waiting_since), default=None)


def _waiting_since(newest_first: list[GateEvent]) -> datetime | None:
    """Return since when the car in a lane has been asked to pay or wait; None when the lane has opened since."""
    since, standing = None, None
    for event in newest_first:
        if event.action not in _ASKS:
            break
        standing = standing or event
        if event.plate_normalised != standing.plate_normalised and event.ticket_id != standing.ticket_id:
            break
        since = event.at
    return since
