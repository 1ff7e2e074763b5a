"""Answer one read: the whole path from a camera's words to a recorded decision, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from billing.models import Payment, PaymentState
from common.errors import ConflictError
from gates.answers import build_answer, repeat_answer, shows_fee
from gates.decision import (
    Action,
    Context,
    Decision,
    Due,
    PaymentKind,
    PaymentResult,
    PlateRead,
    Reason,
    decide,
    match_stay,
)
from gates.models import Device, EventKind, Gate, GateEvent
from gates.reading import Read
from gates.services.effects import Passing, PlaceLostError, apply_effects
from gates.situation import Situation, load_situation, scanned
from lots.compatibility import VehicleProfile, VehicleType
from lots.services import lock_lot
from tickets.fees import Fee, fee_of
from tickets.models import Ticket
from tickets.services import lock_ticket

TRUSTED_SKEW = timedelta(seconds=120)
ATTEMPTS = 3


class EventConflictError(ConflictError):
    """The event id was used before for another body."""

    code = "event_conflict"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a read counts: `at` for the rules, `captured_at` by the device, `skew_seconds` when it was too far off."""

    at: datetime
    captured_at: datetime
    received_at: datetime
    skew_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One read at one gate by one device, as it is recorded."""

    device: Device
    gate: Gate
    read: Read
    moment: Moment


def answer_read(*, device: Device, gate_id: int, read: Read, received_at: datetime) -> dict[str, Any]:
    """Decide about a read, make the decision true, record it, and return the answer's body.

    The same event answers the same again. The lot's lock makes what was decided on hold until it is written; a place
    lost to a writer without that lock is decided about again. Raises EventConflictError.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _answer_once(device, gate_id, read, received_at)
        except PlaceLostError:
            if attempt == ATTEMPTS:
                raise
    raise AssertionError  # the last attempt returned or raised


def moment_of(read: Read, received_at: datetime) -> Moment:
    """Return when a read counts: by the device's clock unless a live read is over 120 s off, then by the server's."""
    captured = read.body.captured_at or received_at
    skew = captured - received_at
    if read.body.offline or abs(skew) <= TRUSTED_SKEW:
        return Moment(captured, captured, received_at)
    return Moment(received_at, captured, received_at, round(skew.total_seconds()))


@transaction.atomic
def _answer_once(device: Device, gate_id: int, read: Read, received_at: datetime) -> dict[str, Any]:
    lock_lot(device.lot_id)
    gate = Gate.objects.select_related("lot").get(pk=gate_id)
    moment = moment_of(read, received_at)
    sighting = Sighting(device, gate, read, moment)
    situation = load_situation(gate, read, device.pk, moment.at)
    vehicle = _vehicle(read, situation)
    plate_read = _plate_read(read, vehicle)
    context, fee = _with_due(situation.context, plate_read)
    decision = decide(plate_read, context)
    if decision.action is Action.ERROR:
        raise EventConflictError("This event_id was already used with another body. Use a new one for a new read.")
    if decision.repeats is not None:
        return _repeat(sighting, decision, decision.repeats, replay=context.replay is not None)
    ticket = apply_effects(decision, Passing(gate, read, vehicle, moment.at))
    answer = build_answer(
        event_id=read.body.event_id,
        gate=gate,
        decision=decision,
        ticket=ticket,
        fee=fee if shows_fee(decision) else None,
        at=moment.at,
    )
    _record(sighting, decision, answer, ticket_id=ticket.pk if ticket else None)
    return answer


def _repeat(sighting: Sighting, decision: Decision, first_id: int, *, replay: bool) -> dict[str, Any]:
    first = GateEvent.objects.get(pk=first_id)
    answer = repeat_answer(first.answer, event_id=sighting.read.body.event_id, replayed=replay)
    if not replay:
        _record(sighting, decision, answer, ticket_id=first.ticket_id, first=first)
    return answer


def _record(
    sighting: Sighting,
    decision: Decision,
    answer: dict[str, Any],
    *,
    ticket_id: int | None,
    first: GateEvent | None = None,
) -> None:
    read, moment, body = sighting.read, sighting.moment, sighting.read.body
    extras = body.model_dump(
        mode="json", include={"candidates", "vehicle_type", "region", "image_url", "ticket_number"}
    )
    GateEvent.objects.create(
        lot_id=sighting.gate.lot_id,
        gate=sighting.gate,
        device=sighting.device,
        kind=EventKind.READ,
        event_id=body.event_id,
        body_hash=read.fingerprint,
        seq=body.seq,
        offline=body.offline,
        captured_at=moment.captured_at,
        at=moment.at,
        received_at=moment.received_at,
        skew_seconds=moment.skew_seconds,
        plate=body.plate,
        plate_normalised=read.plate,
        confidence=body.confidence,
        read={name: value for name, value in extras.items() if value},
        action=decision.action,
        reason=decision.reason,
        flags=[concern.value for concern in decision.concerns],
        ticket_id=ticket_id,
        first=first,
        answer=answer,
    )


def _vehicle(read: Read, situation: Situation) -> VehicleProfile:
    body = read.body
    return VehicleProfile(
        vehicle_type=VehicleType(body.vehicle_type or "regular"),
        electric=body.electric,
        permit=body.permit or situation.has_permit,
    )


def _plate_read(read: Read, vehicle: VehicleProfile) -> PlateRead:
    return PlateRead(
        plate=read.plate,
        confidence=1.0 if read.body.confidence is None else read.body.confidence,
        candidates=read.candidates,
        ticket=scanned(read),
        vehicle=vehicle,
        offline=read.body.offline,
    )


def _with_due(context: Context, read: PlateRead) -> tuple[Context, Fee | None]:
    """Add to an exit's context what the matched stay owes; its money is locked from here on."""
    stay = match_stay(read, context.stays).car if context.lane.direction == "exit" else None
    if stay is None:
        return context, None
    ticket = lock_ticket(ticket_id=stay.ticket_id)
    fee = fee_of(ticket, context.now)
    due = Due(
        amount=fee.owed,
        why_free=Reason(fee.why_free) if fee.why_free else None,
        payment=None,
    )
    if context.unanswered_seconds is not None:
        due = _paid_at_lane(due, ticket, context.now - timedelta(seconds=context.unanswered_seconds))
    return replace(context, due=due), fee


def _paid_at_lane(due: Due, ticket: Ticket, since: datetime) -> Due:
    """Add how paying went since this lane first asked for the money."""
    attempts = list(Payment.objects.filter(charge=ticket.charge_id, finished_at__gte=since).order_by("finished_at"))
    declines = sum(attempt.failure == "declined" for attempt in attempts)
    last = attempts[-1] if attempts else None
    result = None
    if last is not None and last.failure == "partial":
        result = PaymentResult(kind=PaymentKind.PARTIAL)
    elif last is not None and last.state == PaymentState.FAILED and last.failure != "declined":
        result = PaymentResult(kind=PaymentKind.UNAVAILABLE)
    return replace(due, declines_so_far=declines, payment=result)
