"""What all acts at a desk share: the lane they happen at, their reason, their one record."""

from enum import Enum
from uuid import UUID

from accounts.models import User
from common.errors import ConflictError, DomainError, FieldError
from gates.decision import Decision, Reason
from gates.models import GateEvent
from gates.reads import Sighting, build_answer, event_of, place_of, record_event
from lots.models import Gate
from lots.services import assert_lot_locked, lock_lot
from tickets.models import Ticket


class NoteMissingError(DomainError):
    """A person must say why."""

    code = "note_missing"


class WrongLaneError(DomainError):
    """The gate does not lead that way, or not out of that lot."""

    code = "wrong_lane"


class ActConflictError(ConflictError):
    """The form's key already stands for another act."""

    code = "act_conflict"


def require_note(note: str) -> None:
    """Raise NoteMissingError for an empty reason."""
    if not note.strip():
        raise NoteMissingError("Say why.", errors=[FieldError("note", "Say why in a few words.")])


def lock_lane(gate: Gate, direction: str | None) -> Gate:
    """Take the lock of the gate's lot and return the gate as it is now. Raises WrongLaneError."""
    lock_lot(gate.lot_id)
    gate = Gate.objects.select_related("lot").get(pk=gate.pk)
    if direction is not None and gate.direction != direction:
        raise WrongLaneError(f"{gate} is no {direction} gate.", errors=[FieldError("gate", "Choose another gate.")])
    return gate


class Act(Enum):
    """The acts whose events could be taken for each other's, by the one reason that only they have."""

    OPEN_BY_HAND = Reason.BY_HAND
    LOSE_TICKET = Reason.NO_TICKET
    LET_THROUGH = None


def earlier_act(*, key: UUID, gate: Gate, by: User, act: Act = Act.LET_THROUGH) -> GateEvent | None:
    """Return what was recorded under the key before; the lot's lock is held. Raises ActConflictError."""
    assert_lot_locked(gate.lot_id)
    event = GateEvent.objects.select_related("ticket").filter(device=None, event_id=key).first()
    if event is None:
        return None
    known = next((one for one in Act if one.value == event.reason), Act.LET_THROUGH)
    if event.gate_id != gate.pk or event.person_id != by.pk or known is not act:
        raise ActConflictError("This form was sent before for something else. Please start again.")
    return event


def record_act(sighting: Sighting, decision: Decision, ticket: Ticket | None) -> GateEvent:
    """Add the event of what a person did that has no effects, with the answer that a lane would show."""
    answer = build_answer(
        event_id=sighting.read.body.event_id,
        gate=sighting.gate,
        decision=decision,
        ticket=ticket,
        fee=None,
        at=sighting.moment.at,
        place=place_of(ticket) if ticket else None,
    )
    return record_event(event_of(sighting, decision, answer, ticket_id=ticket.pk if ticket else None))
