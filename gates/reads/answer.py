"""Answer one read: load, decide, apply and reply, in one transaction."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from common.db.flush import flush
from common.errors import ConflictError
from devices.keys import KnownDevice
from gates.decision import Action, Decision, Direction, PlateRead, decide, earlier_reading, match_stay, stay_of_plate
from gates.models import GateEvent
from gates.offline.reconcile import answer_late
from gates.reads.apply import apply_decision, record_repeat
from gates.reads.body import Read
from gates.reads.context import LoadedContext, plate_read_of
from gates.reads.effects import Leaving, PlaceLostError
from gates.reads.events import Moment, Sighting, event_of, moment_of
from gates.reads.facts import JsonRow
from gates.reads.gates import known_gate, load_gate
from gates.reads.load import load_context, load_full_context, load_money
from gates.reads.loaded_stay import ticket_of
from gates.reads.payments import due_of, with_payments
from gates.reads.reply import repeat_answer
from lots.models import Gate
from lots.services import assert_lot_locked, lot_lock
from tickets.fees import fee_of

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
    for attempt in range(1, ATTEMPTS + 1):
        # Don't ask first whether the connection still works: when it doesn't, the same event is safe to send again.
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
    moment = moment_of(read, received_at)
    gate, loaded = _lock_and_load(device, code, read, moment)
    sighting = Sighting(gate, read, moment, device=device.device)
    if loaded.is_late and loaded.context.replay is None:
        corrected = answer_late(sighting, loaded.vehicle)
        if corrected is not None:
            return corrected
    plate_read, leaving = plate_read_of(read, loaded.vehicle), None
    own: Leaving | None = None
    if gate.direction == Direction.EXIT:
        loaded, leaving, own = _price(sighting, plate_read, loaded)
    decision = decide(plate_read, loaded.context)
    if own is not None and decision.ticket_id == own.ticket.pk:
        leaving = own
    if decision.action is Action.ERROR:
        raise EventConflictError(_("This event_id was already used with another body. Use a new one for a new read."))
    if decision.repeats is not None:
        return _repeat(sighting, decision, decision.repeats, is_replay=loaded.context.replay is not None)
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


def _price(
    sighting: Sighting, plate_read: PlateRead, loaded: LoadedContext
) -> tuple[LoadedContext, Leaving | None, Leaving | None]:
    """Return the stay that a read at an exit means, and its context with what that stay owes.

    The third is the stay of the plate that was read, when the ticket of another one was scanned.
    """
    found = match_stay(plate_read, loaded.context)
    if found.car is None:
        return loaded, None, None
    row, received_at = loaded.stay(found.car.ticket_id), sighting.moment.received_at
    has_more = row["charge_id"] is not None or row["reservation_id"] is not None
    leaving = None if loaded.is_brief and has_more else _priced(row, sighting)
    if leaving is None or (loaded.is_brief and leaving.fee.owed):
        device = sighting.device
        full = load_full_context(sighting.gate, sighting.read, device.pk if device else None, sighting.moment)
        return _price(sighting, plate_read, full)
    context, due = loaded.context, due_of(leaving.fee)
    earlier = earlier_reading(plate_read, context)
    asked_before = earlier is not None and not earlier.changed_since
    if row["charge_id"] is not None and (asked_before or leaving.fee.why_free != "paid"):
        row, payments = load_money(row, context.unanswered_seconds, received_at)
        leaving = _priced(row, sighting)
        due = with_payments(due_of(leaving.fee), payments, received_at)
    other = stay_of_plate(plate_read, context, found)
    own = None if other is None else _priced(loaded.stay(other.ticket_id), sighting)
    context = replace(context, due=due, plate_owes=own.fee.owed if own else 0)
    return replace(loaded, context=context), leaving, own


def _priced(row: JsonRow, sighting: Sighting) -> Leaving:
    ticket = ticket_of(row, sighting.gate.lot)
    version = row["charge"]["version"] if row.get("charge") else None
    return Leaving(ticket, fee_of(ticket, sighting.moment.at), version, row.get("place"))


def _repeat(sighting: Sighting, decision: Decision, first_id: int, *, is_replay: bool) -> dict[str, Any]:
    first = GateEvent.objects.get(pk=first_id)
    answer = repeat_answer(first.answer, event_id=sighting.read.body.event_id, replayed=is_replay)
    if not is_replay:
        event = event_of(sighting, decision, answer, ticket_id=first.ticket_id, first=first)
        record_repeat(event, decision, commits=True)
    return answer
