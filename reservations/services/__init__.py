"""Every write of a booking. The lot's lock is held while a place is promised, held or freed."""

from reservations.services.arrivals import complete_reservation, expect_again, is_promised, resume_reservation
from reservations.services.booking import BookingKeyUsedError, BookingWish, NotBookableError, book
from reservations.services.cancelling import cancel_booking, confirm_address, release_early
from reservations.services.changing import (
    BookingChange,
    BookingStateError,
    ChangedBooking,
    change_booking,
    preview_change,
)
from reservations.services.erasure import bookings_of, erase_booker
from reservations.services.holding import hold_due_spots
from reservations.services.no_shows import lapse_unconfirmed, mark_no_shows, miss_if_due
from reservations.services.paying import (
    PayBy,
    PaymentDeclinedError,
    conclude_booking,
    conclude_pending,
    mark_unsettled,
    return_from_booking_page,
    settle_over,
)
from reservations.services.placing_anew import NoAvailabilityError

__all__ = [
    "BookingChange",
    "BookingKeyUsedError",
    "BookingStateError",
    "BookingWish",
    "ChangedBooking",
    "NoAvailabilityError",
    "NotBookableError",
    "PayBy",
    "PaymentDeclinedError",
    "book",
    "bookings_of",
    "cancel_booking",
    "change_booking",
    "complete_reservation",
    "conclude_booking",
    "conclude_pending",
    "confirm_address",
    "erase_booker",
    "expect_again",
    "hold_due_spots",
    "is_promised",
    "lapse_unconfirmed",
    "mark_no_shows",
    "mark_unsettled",
    "miss_if_due",
    "preview_change",
    "release_early",
    "resume_reservation",
    "return_from_booking_page",
    "settle_over",
]
