"""Every write at a gate."""

from gates.reads.answer import DeviceChangedError, EventConflictError, answer_read
from gates.services.desk import (
    ActConflictError,
    DeskExit,
    NoteMissingError,
    StayFoundError,
    Tender,
    WaiverLimitError,
    WrongLaneError,
    let_in,
    let_out,
    open_by_hand,
    open_lost_ticket,
    take_debt_payment,
    take_exit_payment,
)
from gates.services.holding import end_hold, hold_open
from gates.services.passages import confirm_passage, confirm_silent_passages
from gates.services.publishing import LotNotReadyError, SetupStep, publish_lot, setup_steps

__all__ = [
    "ActConflictError",
    "DeskExit",
    "DeviceChangedError",
    "EventConflictError",
    "LotNotReadyError",
    "NoteMissingError",
    "SetupStep",
    "StayFoundError",
    "Tender",
    "WaiverLimitError",
    "WrongLaneError",
    "answer_read",
    "confirm_passage",
    "confirm_silent_passages",
    "end_hold",
    "hold_open",
    "let_in",
    "let_out",
    "open_by_hand",
    "open_lost_ticket",
    "publish_lot",
    "setup_steps",
    "take_debt_payment",
    "take_exit_payment",
]
