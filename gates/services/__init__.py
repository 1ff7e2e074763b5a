"""Every write at a gate."""

from gates.services.desk import (
    ActConflictError,
    DeskExit,
    NoteMissingError,
    StayFoundError,
    Tender,
    WrongLaneError,
    let_in,
    let_out,
    open_by_hand,
    open_lost_ticket,
    take_exit_payment,
)
from gates.services.keys import IssuedKey, KeyRevokedError, issue_device_key, revoke_device_key, roll_device_key
from gates.services.passages import confirm_passage, confirm_silent_passages
from gates.services.reads import EventConflictError, answer_read

__all__ = [
    "ActConflictError",
    "DeskExit",
    "EventConflictError",
    "IssuedKey",
    "KeyRevokedError",
    "NoteMissingError",
    "StayFoundError",
    "Tender",
    "WrongLaneError",
    "answer_read",
    "confirm_passage",
    "confirm_silent_passages",
    "issue_device_key",
    "let_in",
    "let_out",
    "open_by_hand",
    "open_lost_ticket",
    "revoke_device_key",
    "roll_device_key",
    "take_exit_payment",
]
