"""Acts of an attendant at a lane: let cars in and out, take the money, open by hand; each with a name and a reason.

The decision core is the one that answers cameras. What a person reports has happened, so it is decided like an offline
read: never refused. Every act has an idempotency key.
"""

from gates.services.desk.acts import ActConflictError, NoteMissingError, WrongLaneError
from gates.services.desk.debts import take_debt_payment
from gates.services.desk.ending import end_unseen_at_desk, void_at_desk
from gates.services.desk.entries import let_in, open_by_hand
from gates.services.desk.exits import DeskExit, Tender, let_out, take_exit_payment
from gates.services.desk.lost import StayFoundError, StaysAlikeError, open_lost_ticket
from gates.services.desk.mixed import take_mixed_payment
from gates.services.desk.plates import PlateInsideError, correct_plate
from gates.services.desk.together import TakenTogether, take_all
from gates.services.desk.undo import UNDO_WITHIN, TooLateToUndoError, UndoneBeforeError, exit_to_undo, undo_exit
from gates.services.desk.waivers import WaiverLimitError

__all__ = [
    "UNDO_WITHIN",
    "ActConflictError",
    "DeskExit",
    "NoteMissingError",
    "PlateInsideError",
    "StayFoundError",
    "StaysAlikeError",
    "TakenTogether",
    "Tender",
    "TooLateToUndoError",
    "UndoneBeforeError",
    "WaiverLimitError",
    "WrongLaneError",
    "correct_plate",
    "end_unseen_at_desk",
    "exit_to_undo",
    "let_in",
    "let_out",
    "open_by_hand",
    "open_lost_ticket",
    "take_all",
    "take_debt_payment",
    "take_exit_payment",
    "take_mixed_payment",
    "undo_exit",
    "void_at_desk",
]
