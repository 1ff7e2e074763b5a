"""Gates opened by an attendant: for a car that enters, or for another reason."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.plates import normalise
from gates.decision import Action, Concern, Decision, Direction, Reason, decide
from gates.models import GateEvent
from gates.reads import ReadBody, Sighting, apply_decision, load_context, moment_of, plate_read_of, read_of
from gates.services.desk.acts import Act, ActConflictError, earlier_act, lock_lane, record_act, require_note
from lots.models import Gate


@transaction.atomic
def let_in(*, gate: Gate, body: ReadBody, by: User, note: str, at: datetime) -> GateEvent:
    """Record that an attendant let a car in, also into a full lot; the event has the answer with the place.

    Idempotent by the body's `event_id`. The stay of a car that is inside already goes to review: its exit was missed.
    Raises WrongLaneError, NoteMissingError, PlateError, ActConflictError.
    """
    require_note(note)
    normalise(body.plate)  # a person types no lettering: what is no plate is a mistake
    gate = lock_lane(gate, Direction.ENTRY)
    earlier = earlier_act(key=body.event_id, gate=gate, by=by)
    if earlier is not None:
        if earlier.plate != body.plate:
            raise ActConflictError(_("This form was sent before for another car. Please start again."))
        return earlier
    read = read_of(body.model_copy(update={"offline": True, "captured_at": at}))
    sighting = Sighting(gate, read, moment_of(read, at), person=by, note=note)
    loaded = load_context(gate, read, None, sighting.moment)
    lane = replace(loaded.context.lane, attended=True)
    decision = decide(plate_read_of(read, loaded.vehicle), replace(loaded.context, readings=(), lane=lane))
    return apply_decision(sighting, decision, loaded=loaded)


@transaction.atomic
def open_by_hand(*, gate: Gate, by: User, note: str, at: datetime, key: UUID) -> GateEvent:
    """Record that an attendant opened a gate without a stay. Idempotent by the key.

    Raises NoteMissingError, ActConflictError.
    """
    require_note(note)
    gate = lock_lane(gate, None)
    earlier = earlier_act(key=key, gate=gate, by=by, act=Act.OPEN_BY_HAND)
    if earlier is not None:
        return earlier
    read = read_of(ReadBody(event_id=key))
    decision = Decision(action=Action.OPEN, reason=Reason.BY_HAND, concerns=(Concern.BY_HAND,))
    return record_act(Sighting(gate, read, moment_of(read, at), person=by, note=note), decision, None)
