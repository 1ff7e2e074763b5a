"""Gates that a person holds open, for an alarm, an event or a queue, until somebody ends that."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from accounts.models import User
from gates.decision import Concern, Reason
from gates.models import HOLD_ENDED, HOLD_OPEN, EventKind, GateEvent
from gates.services.desk.acts import Act, earlier_act, lock_lane, require_note
from lots.models import Gate
from lots.services import end_gate_hold, hold_gate_open


@transaction.atomic
def hold_open(*, gate: Gate, by: User, note: str, at: datetime, key: UUID) -> Gate:
    """Hold a gate open until somebody ends that, and return it; one that is held keeps its person and reason.

    From the next read on every car passes and is recorded. Idempotent by the key. Raises NoteMissingError,
    ActConflictError.
    """
    require_note(note)
    gate = lock_lane(gate, None)
    if earlier_act(key=key, gate=gate, by=by, act=Act.HOLD_OPEN) is not None or gate.is_held_open:
        return gate
    _record(gate, HOLD_OPEN, by=by, note=note.strip(), at=at, key=key)
    return hold_gate_open(gate=gate, by=by, why=note.strip(), at=at)


@transaction.atomic
def end_hold(*, gate: Gate, by: User, at: datetime) -> Gate:
    """End the hold of a gate and return it; one that is not held stays as it is."""
    gate = lock_lane(gate, None)
    if not gate.is_held_open:
        return gate
    _record(gate, HOLD_ENDED, by=by, note="", at=at, key=uuid4())
    return end_gate_hold(gate=gate)


def _record(  # noqa: PLR0913 - the facts of one row
    gate: Gate, action: str, *, by: User, note: str, at: datetime, key: UUID
) -> None:
    GateEvent.objects.create(
        lot_id=gate.lot_id,
        gate=gate,
        person=by,
        kind=EventKind.HOLD,
        event_id=key,
        body_hash=b"",
        captured_at=at,
        at=at,
        received_at=at,
        action=action,
        reason=Reason.HELD_OPEN.value,
        flags=[Concern.BY_HAND.value] if action == HOLD_OPEN else [],
        note=note,
        answer={"event_id": str(key), "action": action, "reason": Reason.HELD_OPEN.value, "replayed": False},
    )
