"""What all acts at a desk share: the lane, the reason and the recorded event."""

from enum import Enum
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import ConflictError, DomainError, FieldError
from gates.decision import Decision, Reason
from gates.models import GateEvent
from gates.reads import Sighting, build_answer, event_of, place_of, record_event
from lots.models import Gate
from lots.services import assert_lot_locked, lock_lot
from tickets.models import Ticket


class NoteMissingError(DomainError):
    """A reason is missing."""

    code = "note_missing"


class WrongLaneError(DomainError):
    """The gate has another direction, or belongs to another lot."""

    code = "wrong_lane"


class ActConflictError(ConflictError):
    """The form's key was used for another act."""

    code = "act_conflict"


def require_note(note: str) -> None:
    """Raise NoteMissingError for an empty reason."""
    if not note.strip():
        raise NoteMissingError(_("Say why."), errors=[FieldError("note", _("Say why in a few words."))])


def lock_lane(gate: Gate, direction: str | None) -> Gate:
    """Lock the gate's lot and reload the gate. Raises WrongLaneError."""
    lock_lot(gate.lot_id)
    gate = Gate.objects.select_related("lot").get(pk=gate.pk)
    if direction is not None and gate.direction != direction:
        raise WrongLaneError(
            _("%(gate)s leads the other way.") % {"gate": gate},
            errors=[FieldError("gate", _("Choose another gate."))],
        )
    return gate


class Act(Enum):
    """Acts whose events are told apart by their reason."""

    OPEN_BY_HAND = Reason.BY_HAND
    LOSE_TICKET = Reason.NO_TICKET
    HOLD_OPEN = Reason.HELD_OPEN
    LET_THROUGH = None


def earlier_act(*, key: UUID, gate: Gate, by: User, act: Act = Act.LET_THROUGH) -> GateEvent | None:
    """Return the event recorded under the key, if any; needs the lot's lock. Raises ActConflictError."""
    assert_lot_locked(gate.lot_id)
    event = GateEvent.objects.select_related("ticket").filter(device=None, event_id=key).first()
    if event is None:
        return None
    known = next((one for one in Act if one.value == event.reason), Act.LET_THROUGH)
    if event.gate_id != gate.pk or event.person_id != by.pk or known is not act:
        raise ActConflictError(_("This form was sent before for something else. Please start again."))
    return event


def record_act(sighting: Sighting, decision: Decision, ticket: Ticket | None) -> GateEvent:
    """Record the event of an act without effects, with the answer that a lane would show."""
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
