"""The pure decision of a gate: what to answer to a read, and what that changes."""

from gates.decision.context import (
    Booking,
    Context,
    Due,
    EarlierAnswer,
    HeldPass,
    Lane,
    LotPolicy,
    OpenStay,
    PaymentKind,
    PaymentResult,
    PlateRead,
    Replay,
)
from gates.decision.entry import decide_entry
from gates.decision.exit import MAX_DECLINES, decide_exit, match_stay
from gates.decision.outcome import (
    Action,
    ActivateReservation,
    AddDebt,
    Capture,
    CloseTicket,
    CompleteReservation,
    Concern,
    DebtCause,
    Decision,
    Effect,
    FreeOldSpot,
    FreeSpot,
    OpenTicket,
    Reason,
    Review,
    ReviewTicket,
    TakeOtherSpot,
    TakeReservedSpot,
    TakeSpot,
)
from gates.decision.repeats import repeated_answer
from lots.gate_rules import Direction, LowConfidence

__all__ = [
    "MAX_DECLINES",
    "Action",
    "ActivateReservation",
    "AddDebt",
    "Booking",
    "Capture",
    "CloseTicket",
    "CompleteReservation",
    "Concern",
    "Context",
    "DebtCause",
    "Decision",
    "Direction",
    "Due",
    "EarlierAnswer",
    "Effect",
    "FreeOldSpot",
    "FreeSpot",
    "HeldPass",
    "Lane",
    "LotPolicy",
    "LowConfidence",
    "OpenStay",
    "OpenTicket",
    "PaymentKind",
    "PaymentResult",
    "PlateRead",
    "Reason",
    "Replay",
    "Review",
    "ReviewTicket",
    "TakeOtherSpot",
    "TakeReservedSpot",
    "TakeSpot",
    "decide",
    "match_stay",
]


def decide(read: PlateRead, context: Context) -> Decision:
    """Answer a read by the rules of its lane's direction; total, deterministic, without effects of its own."""
    repeated = repeated_answer(read, context)
    if repeated is not None:
        return repeated
    if context.lane.direction is Direction.ENTRY:
        return decide_entry(read, context)
    return decide_exit(read, context)
