"""Every write of a stay."""

from tickets.services.amending import (
    PRICED_AGAIN,
    StayChangedError,
    move_stay,
    note_stay,
    reprice_stay,
    require_as_seen,
    state_of_stay,
    tariff_again,
)
from tickets.services.archiving import LotOccupiedError, archive_lot
from tickets.services.comparing import (
    NothingToCompareError,
    advance_comparison,
    compare_draft,
    comparisons_to_do,
)
from tickets.services.discounts import (
    NotStackableError,
    StayOverError,
    add_discount,
    keep_code,
    remove_discount,
    require_fitting_code,
    require_open,
    require_stackable,
)
from tickets.services.dunning import answer_debt_appeal, remind_debtors
from tickets.services.ending import (
    ENDABLE,
    StayEnding,
    end_left_unseen,
    end_never_was,
    end_stay_unseen,
    void_unreal_stay,
)
from tickets.services.forgetting import forget_plates, forget_proofs, remember_plate
from tickets.services.late import correct_arrival, take_back_end
from tickets.services.locking import LockedStay, lock_stay
from tickets.services.objections import answer_objection
from tickets.services.opening import Arrival, Place, new_stay, open_ticket, plate_region_of
from tickets.services.paid import end_exit_graces, mark_paid
from tickets.services.plate_regions import PlatesAlikeError, tell_cars_by_region
from tickets.services.proofs import prove_payers, prove_stay
from tickets.services.refunded import owe_again
from tickets.services.resolution import (
    ImpossibleExitError,
    NoPlateToOweError,
    PriceChangedError,
    ReasonMissingError,
    Settlement,
    close_from_review,
    lock_with_reason,
    return_from_review,
    void_from_review,
)
from tickets.services.stays import (
    TicketStateError,
    activate_ticket,
    assess_stay,
    assess_ticket,
    charge_of_stay,
    close_ticket,
    end_stay,
    keeps_charge,
    leave_owing,
    lock_ticket,
    review_ticket,
    void_ticket,
)
from tickets.services.undone import reopen_stay

__all__ = [
    "ENDABLE",
    "PRICED_AGAIN",
    "Arrival",
    "ImpossibleExitError",
    "LockedStay",
    "LotOccupiedError",
    "NoPlateToOweError",
    "NotStackableError",
    "NothingToCompareError",
    "Place",
    "PlatesAlikeError",
    "PriceChangedError",
    "ReasonMissingError",
    "Settlement",
    "StayChangedError",
    "StayEnding",
    "StayOverError",
    "TicketStateError",
    "activate_ticket",
    "add_discount",
    "advance_comparison",
    "answer_debt_appeal",
    "answer_objection",
    "archive_lot",
    "assess_stay",
    "assess_ticket",
    "charge_of_stay",
    "close_from_review",
    "close_ticket",
    "compare_draft",
    "comparisons_to_do",
    "correct_arrival",
    "end_exit_graces",
    "end_left_unseen",
    "end_never_was",
    "end_stay",
    "end_stay_unseen",
    "forget_plates",
    "forget_proofs",
    "keep_code",
    "keeps_charge",
    "leave_owing",
    "lock_stay",
    "lock_ticket",
    "lock_with_reason",
    "mark_paid",
    "move_stay",
    "new_stay",
    "note_stay",
    "open_ticket",
    "owe_again",
    "plate_region_of",
    "prove_payers",
    "prove_stay",
    "remember_plate",
    "remind_debtors",
    "remove_discount",
    "reopen_stay",
    "reprice_stay",
    "require_as_seen",
    "require_fitting_code",
    "require_open",
    "require_stackable",
    "return_from_review",
    "review_ticket",
    "state_of_stay",
    "take_back_end",
    "tariff_again",
    "tell_cars_by_region",
    "void_from_review",
    "void_ticket",
    "void_unreal_stay",
]
