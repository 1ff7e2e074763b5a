"""A car that an exit has asked to pay or to wait, let out as soon as it may leave: its barrier listens meanwhile."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import transaction

from devices.models import Device
from gates.decision import Action, Direction, decide
from gates.models import EventKind, GateEvent
from gates.reads.apply import apply_decision
from gates.reads.body import Read, ReadBody, read_of
from gates.reads.context import plate_read_of
from gates.reads.effects import PlaceLostError
from gates.reads.events import Sighting, moment_of
from gates.reads.load import STANDING_WINDOW, load_full_context
from gates.reads.owed import price_read
from lots.models import Gate
from lots.services import lock_lot


def release_waiting_car(gate: Gate, *, device: Device, at: datetime) -> GateEvent | None:
    """Open an exit for the car that it read last, if that may leave by now; `device` is the barrier that asks.

    What was asked is decided again: the fee has been paid meanwhile, or nobody has answered for too long. None while
    the car has to wait on, and five minutes after it was last read: then it may be gone. Takes the lot's lock when a
    car waits. A stay that changes meanwhile is looked at when the barrier asks again.
    """
    if gate.direction != Direction.EXIT or _waiting(gate, at) is None:
        return None
    try:
        return _release(gate, device, at)
    except PlaceLostError:
        return None


@transaction.atomic
def _release(gate: Gate, device: Device, at: datetime) -> GateEvent | None:
    lock_lot(gate.lot_id)
    gate, asked = Gate.objects.select_related("lot").get(pk=gate.pk), _waiting(gate, at)
    if asked is None or gate.is_held_open:  # what is held open lets its cars out at their next read
        return None
    read = _read_again(asked)
    sighting = Sighting(gate, read, moment_of(read, at), device=device, kind=EventKind.RELEASE)
    loaded = load_full_context(gate, read, device.pk, sighting.moment)
    plate_read = plate_read_of(read, loaded.vehicle)
    priced = price_read(sighting, plate_read, loaded)
    decision = decide(plate_read, priced.loaded.context)
    if decision.action is not Action.OPEN or decision.repeats is not None:
        return None
    return apply_decision(sighting, decision, loaded=priced.loaded, leaving=priced.left_by(decision))


def _waiting(gate: Gate, at: datetime) -> GateEvent | None:
    """Return the gate's last event, when that is a car's read of these minutes and it was asked to pay or to wait."""
    recent = GateEvent.objects.filter(gate=gate, at__gt=at - STANDING_WINDOW, offline=False)
    last = recent.exclude(kind=EventKind.HOLD).select_related("device").order_by("-id").first()
    asked = last is not None and last.kind == EventKind.READ and last.action in {Action.PAY, Action.ATTEND}
    return last if asked else None


def _read_again(asked: GateEvent) -> Read:
    seen = {"event_id": uuid4(), "plate": asked.plate, "confidence": asked.confidence}
    words = settings.NO_PLATE_WORDS[asked.device.kind] if asked.device else frozenset()
    return read_of(ReadBody.model_validate(asked.read | seen), none_words=words)
