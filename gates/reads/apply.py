"""Make a decision true: its effects and the event that records it, written by one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError

from common.db.flush import Step, flush_write
from common.db.rows import parameters_of
from gates.decision import CorrectPlate, Decision
from gates.models import GateEvent
from gates.reads.context import LoadedContext
from gates.reads.effects import Leaving, PlaceLostError, Writing
from gates.reads.events import Sighting, event_of
from gates.reads.renaming import better_reading
from gates.reads.reply import build_answer, shows_fee
from gates.reads.statements import EVENT, RENAMED, StatementPart, composed
from lots.services import assert_lot_locked


def apply_decision(
    sighting: Sighting,
    decision: Decision,
    *,
    loaded: LoadedContext | None = None,
    leaving: Leaving | None = None,
    commits: bool = False,
) -> GateEvent:
    """Carry out a decision's effects, record it with its answer, and return the event; the lot's lock is held.

    An entry needs the context it was decided from; an exit the stay that leaves, whose ticket is afterwards as it was
    written. At a gate that confirms passages an exit is only promised: its stay closes when the car has passed.
    `commits` ends the transaction, as for `common.db.flush.flush_write`. Raises PlaceLostError.
    """
    change = Writing(sighting, decision, loaded, leaving)
    for effect in decision.effects:
        change.carry_out(effect)
    fee = leaving.fee if leaving and sighting.device and shows_fee(decision) else None
    answer = build_answer(
        event_id=sighting.read.body.event_id,
        gate=sighting.gate,
        decision=decision,
        ticket=change.ticket,
        fee=fee,
        at=sighting.moment.at,
        place=change.place,
    )
    event = event_of(sighting, decision, answer, ticket_id=change.ticket.pk if change.ticket else None)
    ticket_key = _write(event, change.parts, change.parameters, change.following, commits=commits)
    if change.ticket is not None:
        change.ticket.pk, event.ticket = ticket_key, change.ticket
    return event


def record_event(event: GateEvent, *, commits: bool = False) -> GateEvent:
    """Add the event of what has no effects; the lot's lock is held."""
    _write(event, [], {}, [], commits=commits)
    return event


def record_repeat(event: GateEvent, decision: Decision, *, commits: bool = False) -> GateEvent:
    """Add the event of a read that repeats another; its car's stay gets a better plate. The lot's lock is held.

    Raises PlaceLostError when the stay has ended meanwhile.
    """
    parts, parameters = [], {}
    for effect in decision.effects:
        if isinstance(effect, CorrectPlate):
            parts.append(RENAMED)
            parameters = better_reading(event, effect)
            event.answer["ticket"] = event.answer["ticket"] | {"plate": effect.plate}
    _write(event, parts, parameters, [], commits=commits)
    return event


def _write(
    event: GateEvent,
    parts: Sequence[StatementPart],
    parameters: Mapping[str, Any],
    following: Sequence[Step],
    *,
    commits: bool,
) -> int | None:
    """Write an event with the parts of its statement and what follows it; return the key of its stay.

    Raises PlaceLostError.
    """
    assert_lot_locked(event.lot_id)
    values = {**parameters_of(event, EVENT), **parameters}
    after = [(statement, {**values, **own}) for statement, own in following]
    try:
        row = flush_write((composed(tuple(parts)), values), *after, commits=commits)
    except IntegrityError as error:
        if "ticket_one_open_per_spot" in str(error):
            raise PlaceLostError from error
        raise
    if row is None:
        raise PlaceLostError
    event.pk, ticket_key = (None if key is None else int(key) for key in row)
    return ticket_key
