"""The pure decision of a gate: what to answer to a read, and what that changes."""

from gates.decision.agreed import amount_to_charge
from gates.decision.context import (
    Agreement,
    Block,
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
    Reading,
    Replay,
)
from gates.decision.entry import decide_entry
from gates.decision.exit import MAX_DECLINES, decide_exit, match_stay, stay_of_plate
from gates.decision.known_car import booking_of, has_just_left, passes_of_car
from gates.decision.outcome import (
    Action,
    ActivateReservation,
    AddDebt,
    Capture,
    CloseTicket,
    CompleteReservation,
    Concern,
    CorrectPlate,
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
from gates.decision.same_car import earlier_reading
from lots.gate_rules import Direction, LowConfidence

__all__ = [
    "MAX_DECLINES",
    "Action",
    "ActivateReservation",
    "AddDebt",
    "Agreement",
    "Block",
    "Booking",
    "Capture",
    "CloseTicket",
    "CompleteReservation",
    "Concern",
    "Context",
    "CorrectPlate",
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
    "Reading",
    "Reason",
    "Replay",
    "Review",
    "ReviewTicket",
    "TakeOtherSpot",
    "TakeReservedSpot",
    "TakeSpot",
    "amount_to_charge",
    "booking_of",
    "decide",
    "earlier_reading",
    "has_just_left",
    "match_stay",
    "passes_of_car",
    "stay_of_plate",
]


def decide(read: PlateRead, context: Context) -> Decision:
    """Answer a read by the rules of its lane's direction; total, deterministic, without effects of its own."""
    repeated = repeated_answer(read, context)
    if repeated is not None:
        return repeated
    if context.lane.direction is Direction.ENTRY:
        return decide_entry(read, context)
    return decide_exit(read, context)
