"""Every write of a booking. The lot's lock is held while a place is promised, held or freed."""

from reservations.services.arrivals import complete_reservation, expect_again, is_promised, resume_reservation
from reservations.services.bays import BayClosedError, change_row, close_bays, hold_bays, open_bays, retype_bays
from reservations.services.blackouts import (
    ClosingPlan,
    MadeBlackout,
    lift_blackout,
    make_blackout,
    preview_blackout,
)
from reservations.services.booking import BookingKeyUsedError, BookingWish, NotBookableError, book
from reservations.services.cancelling import cancel_booking, confirm_address, release_early
from reservations.services.changing import (
    BookingChange,
    BookingStateError,
    ChangedBooking,
    change_booking,
    preview_change,
)
from reservations.services.closing import apply_blackouts, close_what_is_due
from reservations.services.erasure import bookings_of, erase_booker, forget_bookers
from reservations.services.forgiving import forgive_no_show
from reservations.services.giving_places import NoAvailabilityError
from reservations.services.holding import BookingEndedError, give_other_place, hold_due_spots
from reservations.services.no_shows import lapse_unconfirmed, mark_no_shows, miss_if_due
from reservations.services.not_parked import (
    ReportDecidedError,
    ReportWordMissingError,
    drop_report,
    may_report,
    record_report,
    refund_report,
    reject_report,
)
from reservations.services.paying import (
    PaymentDeclinedError,
    conclude_booking,
    conclude_pending,
    mark_unsettled,
    return_from_booking_page,
    settle_over,
)
from reservations.services.settling import carry_out

__all__ = [
    "BayClosedError",
    "BookingChange",
    "BookingEndedError",
    "BookingKeyUsedError",
    "BookingStateError",
    "BookingWish",
    "ChangedBooking",
    "ClosingPlan",
    "MadeBlackout",
    "NoAvailabilityError",
    "NotBookableError",
    "PaymentDeclinedError",
    "ReportDecidedError",
    "ReportWordMissingError",
    "apply_blackouts",
    "book",
    "bookings_of",
    "cancel_booking",
    "carry_out",
    "change_booking",
    "change_row",
    "close_bays",
    "close_what_is_due",
    "complete_reservation",
    "conclude_booking",
    "conclude_pending",
    "confirm_address",
    "drop_report",
    "erase_booker",
    "expect_again",
    "forget_bookers",
    "forgive_no_show",
    "give_other_place",
    "hold_bays",
    "hold_due_spots",
    "is_promised",
    "lapse_unconfirmed",
    "lift_blackout",
    "make_blackout",
    "mark_no_shows",
    "mark_unsettled",
    "may_report",
    "miss_if_due",
    "open_bays",
    "preview_blackout",
    "preview_change",
    "record_report",
    "refund_report",
    "reject_report",
    "release_early",
    "resume_reservation",
    "return_from_booking_page",
    "retype_bays",
    "settle_over",
]
