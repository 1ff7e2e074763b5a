"""The demo's gate events: a camera at every gate, and an event with its answer for every car."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from common.plates import normalise
from devices.models import Device, DeviceKind
from devices.services import issue_device_key
from gates.decision import Action, Decision, Reason
from gates.models import GateEvent
from gates.reads import build_answer, place_of
from lots.gate_rules import Direction
from lots.models import Level, Lot, Spot
from tickets.models import TicketStatus
from traffic.demo.backfill import Visit
from traffic.demo.personas import BLOCKED_PLATE

CAMERA = "Plate camera"
RECEIVED_AFTER = timedelta(milliseconds=180)
ASKED_BEFORE = timedelta(seconds=15)
LEAST_CONFIDENCE = 0.86


@dataclass(frozen=True, slots=True)
class _Lanes:
    entries: list[Device]
    exits: list[Device]
    levels: dict[int, Level]
    spots: dict[int, Spot]


def write_events(lot: Lot, visits: Sequence[Visit], *, at: datetime, random: Random) -> list[GateEvent]:
    """Return the unsaved events of a lot's visits, each by a camera of the lot; the cameras are issued at `at`."""
    cameras = _cameras(lot, at)
    lanes = _Lanes(
        entries=cameras[Direction.ENTRY],
        exits=cameras[Direction.EXIT],
        levels={level.pk: level for level in lot.levels.all()},
        spots={spot.pk: spot for spot in lot.spots.select_related("zone")},
    )
    events = [event for visit in visits for event in _events(lanes, visit, random)]
    if events:
        events.append(_blocked(lanes, max(event.at for event in events), random))
    return events


def save_in_order(events: Iterable[GateEvent]) -> None:
    """Save events in the order of time, numbered by each camera without gaps."""
    ordered = sorted(events, key=lambda event: event.at)
    last: dict[int | None, int] = {}
    for event in ordered:
        event.seq = last[event.device_id] = last.get(event.device_id, 0) + 1
    GateEvent.objects.bulk_create(ordered, batch_size=1000)


def _cameras(lot: Lot, at: datetime) -> dict[str, list[Device]]:
    cameras: dict[str, list[Device]] = {direction: [] for direction in Direction}
    for gate in lot.gates.all():
        issued = issue_device_key(gate=gate, kind=DeviceKind.CAMERA, name=CAMERA, at=at)
        issued.device.gate = gate
        gate.lot = lot
        cameras[gate.direction].append(issued.device)
    return cameras


def _events(lanes: _Lanes, visit: Visit, random: Random) -> Iterator[GateEvent]:
    """Yield a visit's events; the ticket in an answer is as it was at that time."""
    ticket, stay = visit.ticket, visit.stay
    ticket.level, ticket.spot = lanes.levels[visit.place["level_id"]], lanes.spots.get(visit.place["spot_id"])
    ticket.spot_type = visit.place["spot_type"]
    # A car is asked to pay and leaves in the same lane: its number decides which.
    came_by, left_by = (cameras[ticket.pk % len(cameras)] for cameras in (lanes.entries, lanes.exits))
    came_in = Decision(action=Action.OPEN, reason=Reason.PASS if ticket.held_pass_id else Reason.OK)
    yield _event(came_by, visit, came_in, stay.entry_at, random)
    if visit.end in {"", "review"}:
        return
    if visit.fee and not visit.at_desk:
        asked_at = (visit.paid_at or stay.exit_at) - ASKED_BEFORE
        pay = Decision(action=Action.PAY, reason=Reason.FEE_DUE, amount_due=visit.fee.owed)
        yield _event(left_by, visit, pay, asked_at, random)
    ticket.exit_at, ticket.status = stay.exit_at, TicketStatus.CLOSED
    yield _event(left_by, visit, Decision(action=Action.OPEN, reason=Reason(visit.end)), stay.exit_at, random)


def _event(device: Device, visit: Visit, decision: Decision, at: datetime, random: Random) -> GateEvent:
    event_id = UUID(int=random.getrandbits(128), version=4)
    fee = visit.fee if decision.action is Action.PAY else None
    ticket = visit.ticket
    answer = build_answer(
        event_id=event_id,
        gate=device.gate,
        decision=decision,
        ticket=ticket,
        fee=fee,
        at=at,
        place=place_of(ticket),
    )
    return _row(device, at, answer, visit.ticket.plate, ticket_id=visit.ticket.pk)


def _blocked(lanes: _Lanes, before: datetime, random: Random) -> GateEvent:
    """Add one event in which the blocked plate is turned away."""
    device = lanes.entries[0]
    at = before - timedelta(minutes=random.randrange(20, 90))
    event_id = UUID(int=random.getrandbits(128), version=4)
    decision = Decision(action=Action.DENY, reason=Reason.BLOCKED)
    answer = build_answer(
        event_id=event_id, gate=device.gate, decision=decision, ticket=None, fee=None, at=at, place=None
    )
    return _row(device, at, answer, BLOCKED_PLATE)


def _row(
    device: Device, at: datetime, answer: dict[str, Any], plate: str | None, *, ticket_id: int | None = None
) -> GateEvent:
    event_id = UUID(answer["event_id"])
    return GateEvent(
        lot_id=device.lot_id,
        gate=device.gate,
        device=device,
        event_id=event_id,
        body_hash=hashlib.sha256(event_id.bytes).digest(),
        captured_at=at,
        at=at,
        received_at=at + RECEIVED_AFTER,
        plate=plate,
        plate_normalised=normalise(plate),
        confidence=LEAST_CONFIDENCE + event_id.bytes[0] % 14 / 100,
        action=answer["action"],
        reason=answer["reason"],
        ticket_id=ticket_id,
        answer=answer,
    )
