"""Answer one read: the whole path from a camera's words to a recorded decision, in one transaction."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction

from accounts.vehicles import VehicleType
from common.db.flush import flush, flush_last
from common.db.rows import parameters_of
from common.errors import ConflictError
from devices.keys import KnownDevice
from gates import statements
from gates.answers import build_answer, repeat_answer, shows_fee
from gates.decision import Action, Context, Decision, Direction, PlateRead, decide, match_stay
from gates.lane_payments import with_payments_at_lane
from gates.models import GateEvent
from gates.reads.body import Read
from gates.reads.gates import known_gate, load_gate
from gates.services.common_cases import common_outcome, due_of, staying, write
from gates.services.effects import Passing, PlaceLostError, apply_effects
from gates.services.late import answer_late
from gates.services.record import Sighting, event_of, moment_of, record_event
from gates.situation import Situation, load_situation, load_whole_situation, scanned
from lots.compatibility import VehicleProfile
from lots.models import Gate
from lots.services import assert_lot_locked, lot_lock
from tickets.fees import Fee, fee_of
from tickets.services import lock_ticket

ATTEMPTS = 3


class EventConflictError(ConflictError):
    """The event id was used before for another body."""

    code = "event_conflict"


class DeviceChangedError(Exception):
    """The device is no longer as it was remembered, or its key has ended."""


def answer_read(*, device: KnownDevice, code: str, read: Read, received_at: datetime) -> dict[str, Any]:
    """Decide about a read at the gate of this code, make it true, record it, and return the answer's body.

    The same event answers the same again. The lot's lock makes what was decided on hold until it is written; a place
    lost to a writer without that lock is decided about again. Raises EventConflictError, NotFoundError,
    DeviceChangedError.
    """
    for attempt in range(1, ATTEMPTS + 1):
        # No question first whether the connection still works: when it doesn't, the same event is safe to do again.
        connection.health_check_done = True  # type: ignore[attr-defined]
        try:
            return _answer(device, code, read, received_at)
        except PlaceLostError:
            if attempt == ATTEMPTS:
                raise
        except OperationalError:
            if attempt > 1 or connection.in_atomic_block or connection.is_usable():
                raise
            connection.close()
    raise AssertionError  # the last attempt returned or raised


@transaction.atomic
def _answer(device: KnownDevice, code: str, read: Read, received_at: datetime) -> dict[str, Any]:
    """Answer a read in one transaction: in two or three flushes when its outcome is a common one, else at length."""
    moment = moment_of(read, received_at)
    gate, situation = _lock_and_load(device, code, read, moment.at)
    sighting = Sighting(gate, read, moment, device=device.device)
    answer = _answer_common(sighting, situation)
    if answer is None and situation.is_glance:
        situation = load_whole_situation(gate, read, device.device.pk, moment.at)
        answer = _answer_common(sighting, situation)
    return answer or _answer_at_length(sighting, situation)


def _answer_common(sighting: Sighting, situation: Situation) -> dict[str, Any] | None:
    """Answer a read in one more flush when its outcome is a common one."""
    gate, read, at = sighting.gate, sighting.read, sighting.moment.at
    vehicle = vehicle_of(read, situation)
    plate_read = plate_read_of(read, vehicle)
    context, stay = situation.context, None
    if situation.is_late and context.replay is None:
        return None
    if (leaving := _leaving(gate, plate_read, context)) is not None:
        stay = staying(leaving, situation, gate.lot)
        if stay is None:
            return None
        context = replace(context, due=due_of(stay.fee))
    decision = _decided(plate_read, context)
    if decision.repeats is not None:
        return _repeat(sighting, decision, decision.repeats, replay=context.replay is not None)
    outcome = common_outcome(decision, Passing(gate, read, vehicle, at), situation, stay)
    if outcome is None:
        return None
    answer = build_answer(
        event_id=read.body.event_id,
        gate=gate,
        decision=decision,
        ticket=outcome.ticket,
        fee=stay.fee if stay and shows_fee(decision) else None,
        at=at,
        place=outcome.place,
    )
    ticket_id = outcome.ticket.pk if outcome.ticket else None
    write(outcome, event_of(sighting, decision, answer, ticket_id=ticket_id))
    return answer


def _answer_at_length(sighting: Sighting, situation: Situation) -> dict[str, Any]:
    """Answer any read, step by step through the services; the lot's lock is held."""
    gate, read, moment = sighting.gate, sighting.read, sighting.moment
    vehicle = vehicle_of(read, situation)
    passing = Passing(gate, read, vehicle, moment.at)
    if situation.is_late and situation.context.replay is None:
        retold = answer_late(sighting, passing)
        if retold is not None:
            return retold
    plate_read = plate_read_of(read, vehicle)
    context, fee = _with_locked_due(gate, situation.context, plate_read, moment.received_at)
    decision = _decided(plate_read, context)
    if decision.repeats is not None:
        return _repeat(sighting, decision, decision.repeats, replay=context.replay is not None)
    ticket = apply_effects(decision, passing)
    answer = build_answer(
        event_id=read.body.event_id,
        gate=gate,
        decision=decision,
        ticket=ticket,
        fee=fee if shows_fee(decision) else None,
        at=moment.at,
    )
    record_event(sighting, decision, answer, ticket_id=ticket.pk if ticket else None)
    return answer


def _lock_and_load(device: KnownDevice, code: str, read: Read, at: datetime) -> tuple[Gate, Situation]:
    """Lock the lot and load the context in one round trip; again when the remembered gate is stale.

    Raises DeviceChangedError, NotFoundError.
    """
    lane, gate = known_gate(code)
    while True:
        situation = load_situation(gate, read, device.device.pk, at, partial(flush, lot_lock(gate.lot_id)))
        assert_lot_locked(gate.lot_id)
        if situation.device != device.version:
            raise DeviceChangedError
        if situation.lane == lane:
            return gate, situation
        lane, gate = load_gate(code)


def _decided(read: PlateRead, context: Context) -> Decision:
    """Return the decision; raises EventConflictError."""
    decision = decide(read, context)
    if decision.action is Action.ERROR:
        raise EventConflictError("This event_id was already used with another body. Use a new one for a new read.")
    return decision


def _leaving(gate: Gate, read: PlateRead, context: Context) -> int | None:
    """Return the key of the stay that a read at an exit means."""
    stay = match_stay(read, context.stays).car if gate.direction == Direction.EXIT else None
    return stay.ticket_id if stay else None


def _repeat(sighting: Sighting, decision: Decision, first_id: int, *, replay: bool) -> dict[str, Any]:
    first = GateEvent.objects.get(pk=first_id)
    answer = repeat_answer(first.answer, event_id=sighting.read.body.event_id, replayed=replay)
    if not replay:
        event = event_of(sighting, decision, answer, ticket_id=first.ticket_id, first=first)
        flush_last((statements.ADD_EVENT, parameters_of(event, statements.EVENT)))
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


def _with_locked_due(
    gate: Gate, context: Context, read: PlateRead, received_at: datetime
) -> tuple[Context, Fee | None]:
    """Add to an exit's context what the stay it means owes; its money is locked from here on."""
    stay = _leaving(gate, read, context)
    if stay is None:
        return context, None
    ticket = lock_ticket(ticket_id=stay)
    fee = fee_of(ticket, context.now)
    due = with_payments_at_lane(
        due_of(fee), ticket.charge_id, waited_seconds=context.unanswered_seconds, at=received_at
    )
    return replace(context, due=due), fee
