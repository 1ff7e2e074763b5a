"""Reads that were answered before: replayed events, and a car that is read again while it stands in the lane."""

from dataclasses import replace
from datetime import timedelta

from common.regions import regions_meet
from gates.decision.context import Context, EarlierAnswer, PlateRead, Reading
from gates.decision.known_car import owes_prepayment
from gates.decision.outcome import (
    Action,
    Concern,
    CorrectPlate,
    Decision,
    FreeOldSpot,
    Reason,
    ReviewTicket,
)
from gates.decision.same_car import earlier_reading, is_better
from lots.gate_rules import Direction

UNANSWERED_LIMIT = 120
"""Seconds after which an `attend` or `pay` that nobody answered opens."""


def repeated_answer(read: PlateRead, context: Context) -> Decision | None:
    """Return the earlier answer when it still stands, a conflict when an event comes with another body, else None."""
    if context.replay is not None:
        if context.replay.answer is None:
            return Decision(action=Action.ERROR, reason=Reason.EVENT_CONFLICT)
        return answer_again(context.replay.answer, context)
    reading = earlier_reading(read, context)
    if reading is None or _is_decided_again(read, context, reading):
        return None
    if context.lane.direction is Direction.ENTRY and is_better(read, reading):
        return _with_better_plate(read, context, reading)
    again = answer_again(reading, context)
    if _opened_for_another_stay(read, context, reading):
        again = replace(again, concerns=(*again.concerns, Concern.PLATE_MISMATCH))
    if regions_meet(read.region, reading.region):
        return again
    return replace(again, concerns=(*again.concerns, Concern.REGION_MISMATCH))


def answer_again(answer: EarlierAnswer, context: Context) -> Decision:
    """Give an earlier answer again; an opening long after the first is flagged, as another car may have followed."""
    late = context.now - answer.at > timedelta(seconds=context.policy.dedupe_seconds)
    flagged = late and answer.action is Action.OPEN and context.replay is None
    return Decision(
        action=answer.action,
        reason=answer.reason,
        ticket_id=answer.ticket_id,
        repeats=answer.event,
        concerns=(Concern.REPEATED,) if flagged else (),
    )


def waited_too_long(context: Context) -> bool:
    """Return whether nobody has answered this car's `attend` or `pay` for so long that it must be let out."""
    return context.unanswered_seconds is not None and context.unanswered_seconds >= UNANSWERED_LIMIT


def _is_decided_again(read: PlateRead, context: Context, earlier: Reading) -> bool:
    if read.offline:  # it happened whatever the lane had answered
        return earlier.action is not Action.OPEN
    if earlier.action is Action.OPEN:
        return False
    if context.lane.held_open:
        return True
    if earlier.action not in {Action.PAY, Action.ATTEND}:
        return False
    paid_meanwhile = context.due.payment is not None or context.due.automatic is not None
    if earlier.reason is Reason.PREPAY and not owes_prepayment(read, context):
        return True
    return earlier.changed_since or paid_meanwhile or read.ticket is not None or waited_too_long(context)


def _opened_for_another_stay(read: PlateRead, context: Context, reading: Reading) -> bool:
    """Return whether an exit was opened by a ticket whose car turns out to have a stay of its own."""
    if reading.action is not Action.OPEN or reading.ticket_id is None or context.lane.direction is Direction.ENTRY:
        return False
    own = [stay for stay in context.stays if stay.plate == read.plate and context.meets(read, stay.region)]
    is_sure = read.plate is not None and read.confidence >= context.policy.confidence_threshold
    return is_sure and any(stay.ticket_id != reading.ticket_id for stay in own)


def _with_better_plate(read: PlateRead, context: Context, reading: Reading) -> Decision | None:
    """Answer a better reading of a car at the entry: its stay gets the better plate.

    A plate that turns out to be blocked, or to have to prepay, is decided about again; when the lane has opened, the
    stay goes to review, unless the lane is held open, where no plate is refused.
    """
    if reading.action is not Action.OPEN or reading.ticket_id is None:
        return None
    refusal = _refusal_of_plate(read, context)
    if context.lane.held_open or refusal is None:
        again = answer_again(reading, context)
        return Decision(
            action=again.action,
            reason=again.reason,
            ticket_id=again.ticket_id,
            repeats=again.repeats,
            concerns=(*again.concerns, *((Concern.HELD_OPEN, *refusal.concerns) if refusal else ())),
            effects=(CorrectPlate(reading.ticket_id, str(read.plate), read.region),),
        )
    effects = (ReviewTicket(reading.ticket_id), FreeOldSpot(reading.ticket_id))
    return replace(refusal, ticket_id=reading.ticket_id, effects=effects)


def _refusal_of_plate(read: PlateRead, context: Context) -> Decision | None:
    """Return how a plate is refused at an entry, whoever's it is; None when it is not."""
    if context.is_blocked(read):
        return Decision(action=Action.DENY, reason=Reason.BLOCKED, concerns=(Concern.BLOCKED,))
    if owes_prepayment(read, context):
        return Decision(action=Action.ATTEND, reason=Reason.PREPAY, concerns=(Concern.PREPAY,))
    return None
