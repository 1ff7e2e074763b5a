"""Every write at a gate."""

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
from gates.services.gates import GateCodeTakenError, change_gate, close_gate, create_gate, reopen_gate
from gates.services.keys import IssuedKey, KeyRevokedError, issue_device_key, revoke_device_key, roll_device_key
from gates.services.passages import confirm_passage, confirm_silent_passages
from gates.services.publishing import LotNotReadyError, SetupStep, publish_lot, setup_steps
from gates.services.reads import DeviceChangedError, EventConflictError, answer_read

__all__ = [
    "ActConflictError",
    "DeskExit",
    "DeviceChangedError",
    "EventConflictError",
    "GateCodeTakenError",
    "IssuedKey",
    "KeyRevokedError",
    "LotNotReadyError",
    "NoteMissingError",
    "SetupStep",
    "StayFoundError",
    "Tender",
    "WaiverLimitError",
    "WrongLaneError",
    "answer_read",
    "change_gate",
    "close_gate",
    "confirm_passage",
    "confirm_silent_passages",
    "create_gate",
    "issue_device_key",
    "let_in",
    "let_out",
    "open_by_hand",
    "open_lost_ticket",
    "publish_lot",
    "reopen_gate",
    "revoke_device_key",
    "roll_device_key",
    "setup_steps",
    "take_debt_payment",
    "take_exit_payment",
]
