"""Every write of a stay."""

from tickets.services.late import correct_arrival, take_back_end
from tickets.services.resolution import (
    ImpossibleExitError,
    NoPlateToOweError,
    PriceChangedError,
    ReasonMissingError,
    Settlement,
    close_from_review,
    return_from_review,
    void_from_review,
)
from tickets.services.stays import (
    Arrival,
    Place,
    TicketStateError,
    activate_ticket,
    assess_ticket,
    close_ticket,
    end_exit_graces,
    leave_owing,
    lock_ticket,
    mark_paid,
    open_ticket,
    review_ticket,
    void_ticket,
)

__all__ = [
    "Arrival",
    "ImpossibleExitError",
    "NoPlateToOweError",
    "Place",
    "PriceChangedError",
    "ReasonMissingError",
    "Settlement",
    "TicketStateError",
    "activate_ticket",
    "assess_ticket",
    "close_from_review",
    "close_ticket",
    "correct_arrival",
    "end_exit_graces",
    "leave_owing",
    "lock_ticket",
    "mark_paid",
    "open_ticket",
    "return_from_review",
    "review_ticket",
    "take_back_end",
    "void_from_review",
    "void_ticket",
]
