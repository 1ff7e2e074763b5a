"""Reads what was recorded of a simulation, from the local database or from a remote server's gates."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Value
from django.db.models.functions import Concat

from devices.models import Device
from gates.models import EventKind, GateEvent
from lots.gate_rules import Direction
from tickets.models import Ticket
from traffic.client import Server
from traffic.simulation.journey import Journey
from traffic.simulation.reckoning import STATES, Recorded
from verification import prove, snapshot
from verification.place_invariants import COUNTERS_EQUAL_SPOTS, COUNTERS_EQUAL_STAYS, SPOTS_AND_STAYS_AGREE


def recorded_by(devices: Iterable[Device]) -> Recorded:
    """Read in one snapshot what a simulation's devices left in the database, and recount the spots."""
    with snapshot():
        events = GateEvent.objects.filter(device__in=devices, kind=EventKind.READ)
        outcomes = events.values_list("event_id", Concat("action", Value("/"), "reason"))
        opened = events.filter(gate__direction=Direction.ENTRY, ticket__isnull=False).values("ticket")
        tickets = Ticket.objects.filter(pk__in=opened).values_list("number", "status")
        findings = prove((SPOTS_AND_STAYS_AGREE, COUNTERS_EQUAL_SPOTS, COUNTERS_EQUAL_STAYS))
        return Recorded(
            events=dict(outcomes),
            tickets={number: STATES.get(status, status) for number, status in tickets},
            complaints=tuple(row for finding in findings for row in finding.rows),
        )


def recorded_at(server: Server, journeys: Sequence[Journey]) -> Recorded:
    """Repeat every event at a remote server, which must recognise it, and read every ticket's state."""
    events: dict[UUID, str] = {}
    complaints = []
    for one in (sent for journey in journeys for sent in journey.sent if not sent.again):
        answer = server.read(one.lane, one.body)
        events[one.event_id] = f"{answer['action']}/{answer['reason']}"
        if not answer["replayed"]:
            complaints.append(f"event {one.event_id}: not recorded when it was sent")
    tickets = {}
    for journey in journeys:
        if journey.ticket and journey.token:
            status = server.status(journey.token)
            tickets[journey.ticket] = STATES.get(status, status)
    return Recorded(events=events, tickets=tickets, complaints=tuple(complaints))
