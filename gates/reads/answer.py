"""Answer one read: load, decide, apply and reply, in one transaction."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from billing.models import Payment
from common.changes import lot_changed
from common.db.flush import flush
from common.errors import ConflictError
from devices.keys import KnownDevice
from gates.decision import Action, Decision, Direction, decide
from gates.models import GateEvent
from gates.offline.reconcile import answer_late
from gates.reads.apply import apply_decision, record_repeat
from gates.reads.body import Read
from gates.reads.charging import Charging, begin_charging, finish_charging
from gates.reads.context import LoadedContext, plate_read_of
from gates.reads.effects import PlaceLostError
from gates.reads.events import Moment, Sighting, event_of, moment_of
from gates.reads.gates import known_gate, load_gate
from gates.reads.load import load_context
from gates.reads.owed import PricedRead, price_read
from gates.reads.reply import repeat_answer
from lots.models import Gate
from lots.services import assert_lot_locked, lot_lock

ATTEMPTS = 3


class EventConflictError(ConflictError):
    """The event id was used before for another body."""

    code = "event_conflict"


class DeviceChangedError(Exception):
    """The device is no longer as it was cached, or its key has ended."""


def answer_read(*, device: KnownDevice, code: str, read: Read, received_at: datetime) -> dict[str, Any]:
    """Decide about a read at the gate of this code, apply and record the decision, and return the answer's body.

    Idempotent: the same event gets the same answer. Under the lot's lock what was decided on holds until it is written;
    when a writer without that lock changes it, the read is decided again. Raises EventConflictError, NotFoundError,
    DeviceChangedError.
    """
    told = _attempted(partial(_answer, device, code, read, received_at, None))
    if isinstance(told, Charging):
        charged = finish_charging(told, at=received_at)
        told = _attempted(partial(_answer, device, code, read, received_at, charged))
    assert isinstance(told, dict)  # noqa: S101 a read is charged once
    lot_changed(device.device.lot_id)
    return told


def _attempted(answer: Callable[[], dict[str, Any] | Charging]) -> dict[str, Any] | Charging:
    """Return what a transaction answers; it is tried again when what it counted on, or the connection, was lost."""
    for attempt in range(1, ATTEMPTS + 1):
        # Don't ask first whether the connection still works: when it doesn't, the same event is safe to send again.
        connection.health_check_done = True  # type: ignore[attr-defined]
        try:
            return answer()
        except PlaceLostError:
            if attempt == ATTEMPTS:
                raise
        except OperationalError:
            if attempt > 1 or connection.in_atomic_block or connection.is_usable():
                raise
            connection.close()
    raise AssertionError  # the last attempt returned or raised


@transaction.atomic
def _answer(
    device: KnownDevice, code: str, read: Read, received_at: datetime, charged: Payment | None
) -> dict[str, Any] | Charging:
    """Answer the read, or return the payment that has to be waited for first; `charged` is what came of that."""
    moment = moment_of(read, received_at)
    gate, loaded = _lock_and_load(device, code, read, moment)
    sighting = Sighting(gate, read, moment, device=device.device)
    if loaded.is_late and loaded.context.replay is None:
        corrected = answer_late(sighting, loaded)
        if corrected is not None:
            return corrected
    plate_read, priced = plate_read_of(read, loaded.vehicle), PricedRead(loaded)
    if gate.direction == Direction.EXIT:
        priced = price_read(sighting, plate_read, loaded, charged)
        loaded = priced.loaded
        if loaded.agreed and priced.leaving is not None and charged is None:
            charging = begin_charging(plate_read, loaded, priced.leaving, moment)
            if charging is not None:
                return charging
    decision = decide(plate_read, loaded.context)
    if decision.action is Action.ERROR:
        raise EventConflictError(_("This event_id was already used with another body. Use a new one for a new read."))
    if decision.repeats is not None:
        return _repeat(sighting, decision, decision.repeats, is_replay=loaded.context.replay is not None)
    leaving = priced.left_by(decision)
    return dict(apply_decision(sighting, decision, loaded=loaded, leaving=leaving, commits=True).answer)


def _lock_and_load(device: KnownDevice, code: str, read: Read, moment: Moment) -> tuple[Gate, LoadedContext]:
    """Lock the lot and load the context in one round trip. Retry when the cached gate is stale.

    Raises DeviceChangedError, NotFoundError.
    """
    lane, gate = known_gate(code)
    while True:
        loaded = load_context(gate, read, device.device.pk, moment, partial(flush, lot_lock(gate.lot_id)))
        assert_lot_locked(gate.lot_id)
        if loaded.device != device.version:
            raise DeviceChangedError
        if loaded.lane == lane:
            return gate, loaded
        lane, gate = load_gate(code)


def _repeat(sighting: Sighting, decision: Decision, first_id: int, *, is_replay: bool) -> dict[str, Any]:
    first = GateEvent.objects.get(pk=first_id)
    answer = repeat_answer(first.answer, event_id=sighting.read.body.event_id, replayed=is_replay)
    if not is_replay:
        event = event_of(sighting, decision, answer, ticket_id=first.ticket_id, first=first)
        record_repeat(event, decision, commits=True)
    return answer
