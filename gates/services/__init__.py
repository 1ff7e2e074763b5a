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
    end_unseen_at_desk,
    let_in,
    let_out,
    open_by_hand,
    open_lost_ticket,
    take_debt_payment,
    take_exit_payment,
    void_at_desk,
)
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
    "end_unseen_at_desk",
    "let_in",
    "let_out",
    "open_by_hand",
    "open_lost_ticket",
    "publish_lot",
    "setup_steps",
    "take_debt_payment",
    "take_exit_payment",
    "void_at_desk",
]
