"""Answer one read: the whole path from a camera's words to a recorded decision, in one transaction."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from common.errors import ConflictError
from gates.answers import build_answer, repeat_answer, shows_fee
from gates.decision import (
    Action,
    Context,
    Decision,
    Due,
    PlateRead,
    Reason,
    decide,
    match_stay,
)
from gates.known_gates import known_gate, load_gate
from gates.lane_payments import with_payments_at_lane
from gates.models import Device, Gate, GateEvent
from gates.reading import Read
from gates.services.common_cases import free_to_leave, stay_in_common_case, write_stay
from gates.services.effects import Passing, PlaceLostError, apply_effects
from gates.services.late import answer_late
from gates.services.record import Sighting, event_of, moment_of, record_event
from gates.situation import Situation, load_situation, scanned
from lots.compatibility import VehicleProfile, VehicleType
from lots.services import lot_lock
from tickets.fees import Fee, fee_of
from tickets.models import Ticket
from tickets.services import lock_ticket

ATTEMPTS = 3


class EventConflictError(ConflictError):
    """The event id was used before for another body."""

    code = "event_conflict"


def answer_read(*, device: Device, gate_id: int, read: Read, received_at: datetime) -> dict[str, Any]:
    """Decide about a read, make the decision true, record it, and return the answer's body.

    The same event answers the same again. The lot's lock makes what was decided on hold until it is written; a place
    lost to a writer without that lock is decided about again. Raises EventConflictError.
    """
    for attempt in range(1, ATTEMPTS + 1):
        # No question first whether the connection still works: when it doesn't, the same event is safe to do again.
        connection.health_check_done = True  # type: ignore[attr-defined]
        try:
            return _answer_once(device, gate_id, read, received_at)
        except PlaceLostError:
            if attempt == ATTEMPTS:
                raise
        except OperationalError:
            if attempt > 1 or connection.in_atomic_block or connection.is_usable():
                raise
            connection.close()
    raise AssertionError  # the last attempt returned or raised


@transaction.atomic
def _answer_once(device: Device, gate_id: int, read: Read, received_at: datetime) -> dict[str, Any]:
    moment = moment_of(read, received_at)
    gate, situation = _lock_and_load(device, gate_id, read, moment.at)
    sighting = Sighting(gate, read, moment, device=device)
    vehicle = vehicle_of(read, situation)
    if read.body.offline and situation.context.replay is None:
        retold = answer_late(sighting, Passing(gate, read, vehicle, moment.at))
        if retold is not None:
            return retold
    plate_read = plate_read_of(read, vehicle)
    leaving = _free_to_leave(gate, situation, plate_read)
    context, fee = (situation.context, None) if leaving else _with_due(situation.context, plate_read, received_at)
    decision = decide(plate_read, context)
    if decision.action is Action.ERROR:
        raise EventConflictError("This event_id was already used with another body. Use a new one for a new read.")
    if decision.repeats is not None:
        return _repeat(sighting, decision, decision.repeats, replay=context.replay is not None)
    passing = Passing(gate, read, vehicle, moment.at)
    was = leaving.status if leaving else None
    ticket = stay_in_common_case(decision, passing, situation, leaving)
    is_common = ticket is not None
    ticket = ticket or apply_effects(decision, passing)
    answer = build_answer(
        event_id=read.body.event_id,
        gate=gate,
        decision=decision,
        ticket=ticket,
        fee=fee if shows_fee(decision) else None,
        at=moment.at,
    )
    event = event_of(sighting, decision, answer, ticket_id=ticket.pk if ticket else None)
    if ticket is not None and is_common:
        write_stay(ticket, event, was=was)
    else:
        event.save(force_insert=True)
    return answer


def _lock_and_load(device: Device, gate_id: int, read: Read, at: datetime) -> tuple[Gate, Situation]:
    """Take the lot's lock and load what the read is answered from: one flush while the remembered gate still fits."""
    versions, gate = known_gate(gate_id)
    while True:
        situation = load_situation(gate, read, device.pk, at, lot_lock(device.lot_id))
        if situation.versions == versions:
            return gate, situation
        versions, gate = load_gate(gate_id)


def _free_to_leave(gate: Gate, situation: Situation, read: PlateRead) -> Ticket | None:
    """Return the stay that a read at an exit means when it costs nothing, so that no money needs to be locked."""
    context = situation.context
    stay = match_stay(read, context.stays).car if gate.direction == "exit" else None
    if stay is None or context.unanswered_seconds is not None:
        return None
    return free_to_leave(stay.ticket_id, situation, gate.lot, context.now)


def _repeat(sighting: Sighting, decision: Decision, first_id: int, *, replay: bool) -> dict[str, Any]:
    first = GateEvent.objects.get(pk=first_id)
    answer = repeat_answer(first.answer, event_id=sighting.read.body.event_id, replayed=replay)
    if not replay:
        record_event(sighting, decision, answer, ticket_id=first.ticket_id, first=first)
    return answer


def vehicle_of(read: Read, situation: Situation) -> VehicleProfile:
    """Return what decides where the car may stand; a permit on file counts like one that was shown."""
    body = read.body
    return VehicleProfile(
        vehicle_type=VehicleType(body.vehicle_type or "regular"),
        electric=body.electric,
        permit=body.permit or situation.has_permit,
    )


def plate_read_of(read: Read, vehicle: VehicleProfile) -> PlateRead:
    """Return a read as the decision core sees it."""
    return PlateRead(
        plate=read.plate,
        confidence=1.0 if read.body.confidence is None else read.body.confidence,
        candidates=read.candidates,
        ticket=scanned(read),
        vehicle=vehicle,
        offline=read.body.offline,
    )


def _with_due(context: Context, read: PlateRead, received_at: datetime) -> tuple[Context, Fee | None]:
    """Add to an exit's context what the matched stay owes; its money is locked from here on."""
    stay = match_stay(read, context.stays).car if context.lane.direction == "exit" else None
    if stay is None:
        return context, None
    ticket = lock_ticket(ticket_id=stay.ticket_id)
    fee = fee_of(ticket, context.now)
    due = with_payments_at_lane(
        Due(amount=fee.owed, why_free=Reason(fee.why_free) if fee.why_free else None),
        ticket.charge_id,
        waited_seconds=context.unanswered_seconds,
        at=received_at,
    )
    return replace(context, due=due), fee
