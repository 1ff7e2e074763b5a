"""Reads that were answered before: replayed events, and a car that is seen again while it stands in the lane."""

from datetime import timedelta

from gates.decision.context import Context, EarlierAnswer, PlateRead
from gates.decision.outcome import Action, Decision, Reason

UNANSWERED_LIMIT = 120
"""Seconds after which an `attend` or `pay` that nobody answered opens."""


def repeated_answer(read: PlateRead, context: Context) -> Decision | None:
    """Return the earlier answer when it still stands, a conflict when an event comes with another body, else None."""
    if context.replay is not None:
        if context.replay.answer is None:
            return Decision(action=Action.ERROR, reason=Reason.EVENT_CONFLICT)
        return _again(context.replay.answer)
    earlier = context.earlier
    if earlier is None or abs(context.now - earlier.at) > timedelta(seconds=context.policy.dedupe_seconds):
        return None
    return None if _is_decided_again(read, context, earlier) else _again(earlier)


def waited_too_long(context: Context) -> bool:
    """Return whether nobody has answered this car's `attend` or `pay` for so long that it must be let out."""
    return context.unanswered_seconds is not None and context.unanswered_seconds >= UNANSWERED_LIMIT


def _is_decided_again(read: PlateRead, context: Context, earlier: EarlierAnswer) -> bool:
    if read.offline:  # it happened whatever the lane had answered
        return earlier.action is not Action.OPEN
    if earlier.action not in {Action.PAY, Action.ATTEND}:
        return False
    paid_meanwhile = context.due.payment is not None or context.due.automatic is not None
    return earlier.changed_since or paid_meanwhile or read.ticket is not None or waited_too_long(context)


def _again(answer: EarlierAnswer) -> Decision:
    return Decision(action=answer.action, reason=answer.reason, ticket_id=answer.ticket_id, repeats=answer.event)
