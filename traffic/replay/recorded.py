"""Reads what a replay left in the local database or on a remote server, in little memory."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from devices.models import Device
from gates.models import EventKind, GateEvent
from lots.gate_rules import Direction
from tickets.models import Ticket, TicketStatus
from traffic.replay.ledger import event_line
from traffic.replay.passages import RecordedPassage, stay_line
from traffic.replay.tally import Tally, bucket_of
from traffic.simulation.reckoning import STATES
from verification import prove, snapshot
from verification.place_invariants import COUNTERS_EQUAL_SPOTS, COUNTERS_EQUAL_STAYS, SPOTS_AND_STAYS_AGREE

AT_A_TIME = 2_000


@dataclass(slots=True)
class Record:
    """Events with their answers, stays with their times, and other discrepancies."""

    outcomes: Counter[str] = field(default_factory=Counter)
    events: Tally = field(default_factory=Tally)
    stays: Tally = field(default_factory=Tally)
    states: Counter[str] = field(default_factory=Counter)
    complaints: tuple[str, ...] = ()
    _lock: Lock = field(default_factory=Lock)

    def take_answer(self, passage: RecordedPassage, answer: dict[str, Any]) -> None:
        """Record a remote server's answer to a repeated event, which it must recognise."""
        outcome = f"{answer['action']}/{answer['reason']}"
        ticket = answer["ticket"]
        with self._lock:
            self.outcomes[outcome] += 1
            self.events.add(passage.plate, event_line(answer["event_id"], outcome))
            if ticket and ticket["exit_time"]:
                times = map(datetime.fromisoformat, (ticket["entry_time"], ticket["exit_time"]))
                self.stays.add(passage.plate, stay_line(passage.lot, ticket["plate"], *times))
            if not answer["replayed"]:
                self.complaints += (f"event {answer['event_id']} was not recorded when it was sent",)


def recorded_by(devices: Sequence[Device]) -> Record:
    """Read in one snapshot what a replay's devices left in the database, and recount the spots."""
    record = Record()
    with snapshot():
        for event_id, plate, action, reason in _events(devices).iterator(AT_A_TIME):
            outcome = f"{action}/{reason}"
            record.outcomes[outcome] += 1
            record.events.add(plate or "", event_line(event_id, outcome))
        for plate, state, line in _stays(devices):
            record.states[state] += 1
            record.stays.add(plate, line)
        findings = prove((SPOTS_AND_STAYS_AGREE, COUNTERS_EQUAL_SPOTS, COUNTERS_EQUAL_STAYS))
    record.complaints = tuple(row for finding in findings for row in finding.rows)
    return record


def stays_in(devices: Sequence[Device], buckets: frozenset[int]) -> Iterator[str]:
    """Read the stays of some buckets of plates again."""
    return (line for plate, _, line in _stays(devices) if bucket_of(plate) in buckets)


def _events(devices: Sequence[Device]) -> QuerySet[GateEvent, tuple[UUID, str | None, str, str]]:
    events: QuerySet[GateEvent, tuple[UUID, str | None, str, str]] = (
        GateEvent.objects.filter(device__in=devices, kind=EventKind.READ)
        .order_by()
        .values_list("event_id", "plate_normalised", "action", "reason")
    )
    return events


def _stays(devices: Sequence[Device]) -> Iterator[tuple[str, str, str]]:
    """Yield the plate, the state and the line of each stay that the devices opened."""
    opened = GateEvent.objects.filter(device__in=devices, kind=EventKind.READ, gate__direction=Direction.ENTRY)
    tickets = Ticket.objects.filter(pk__in=opened.values("ticket")).order_by()
    facts = tickets.values_list("lot__slug", "plate_normalised", "entry_at", "exit_at", "status")
    for lot, plate, entered, left, status in facts.iterator(AT_A_TIME):
        state = STATES.get(status, status)
        end = left if status == TicketStatus.CLOSED and left is not None else state
        yield plate or "", state, stay_line(lot, plate, entered, end)
