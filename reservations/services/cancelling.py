"""Cancelling a booking, giving a place back early, and confirming a guest's address."""

from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _

from accounts.models import User
from billing.services import give_use_back
from lots.services import lock_lot
from reservations.booking_mails import CANCELLED, CONFIRMED, mail_booker
from reservations.models import ActKind, Reservation, ReservationStatus
from reservations.policy import cancel_fee
from reservations.services.acts import keep_act
from reservations.services.changing import BookingStateError
from reservations.services.giving_places import let_go
from reservations.services.no_shows import is_missed, lapse_locked, miss_if_due
from reservations.services.settling import carry_out, settle_locked


def cancel_booking(
    *, booking: Reservation, at: datetime, free: bool = False, by_operator: User | None = None, why: str = ""
) -> Reservation:
    """Cancel a booking whose car has not come, and return it with the `fee_amount` that this costs by now.

    One that is still pending lapses.

    Free of charge, it gives the use of its promo code back. It is captured of what was held or paid, the rest goes
    back; else it is owed by who booked. The operator may let a booking go `free`, and one without a place is free to
    cancel; `by_operator` is the person who cancels it for its driver, and `why` is kept. Idempotent. Not inside a
    transaction for a prepaid one. Raises BookingStateError (409).
    """
    miss_if_due(booking=booking, at=at)
    cancelled = _cancel(booking, _Cancelling(at, by_operator, why, free=free))
    carry_out(booking=cancelled, at=at)
    return cancelled


@transaction.atomic
def release_early(*, booking: Reservation, until: datetime, at: datetime) -> Reservation:
    """Give the place of a parked booking back to others from `until` on; its price stays.

    The car may stay as long as was paid for, but the place is promised to others then. Idempotent. Raises
    BookingStateError (409).
    """
    lock_lot(booking.lot_id)
    booking = Reservation.objects.select_related("lot").get(pk=booking.pk)
    if booking.status != ReservationStatus.ACTIVE:
        raise BookingStateError(_("Only the place of a car that is inside can be given back early."))
    end = max(until, at, booking.starts_at) + timedelta(minutes=booking.lot.turnaround_minutes)
    if end < booking.during.upper:
        booking.during = DateTimeTZRange(booking.during.lower, end)
        booking.save(update_fields=["during"])
    return booking


@transaction.atomic
def confirm_address(*, booking: Reservation, at: datetime) -> Reservation:
    """Record that a guest has confirmed the address of a booking, which it needs. Idempotent.

    Raises BookingStateError (409) for one that has lapsed.
    """
    lock_lot(booking.lot_id)
    booking = Reservation.objects.select_related("lot", "spot").get(pk=booking.pk)
    if booking.status == ReservationStatus.LAPSED:
        raise BookingStateError(_("This booking was not confirmed in time. Please book again."))
    if booking.email_confirmed_at is None:
        booking.email_confirmed_at = at
        if booking.status == ReservationStatus.PENDING:
            booking.status = ReservationStatus.CONFIRMED
            mail_booker(booking, CONFIRMED, at=at)
        booking.save(update_fields=["email_confirmed_at", "status"])
    return booking


@dataclass(frozen=True, slots=True)
class _Cancelling:
    at: datetime
    by: User | None
    why: str
    _: KW_ONLY
    free: bool


@transaction.atomic
def _cancel(booking: Reservation, act: _Cancelling) -> Reservation:
    at = act.at
    lock_lot(booking.lot_id)
    booking = Reservation.objects.select_related("lot", "tariff", "spot", "charge", "driver").get(pk=booking.pk)
    if booking.status in {ReservationStatus.CANCELLED, ReservationStatus.LAPSED}:
        return booking
    if booking.status == ReservationStatus.PENDING:
        return lapse_locked(booking, at=at)
    if booking.status != ReservationStatus.CONFIRMED or is_missed(booking, at):
        raise BookingStateError(_("This booking can't be cancelled any more."))
    let_go(booking)
    booking.status, booking.cancelled_at = ReservationStatus.CANCELLED, at
    booking.sequence += 1
    if not act.free and booking.place_lost_at is None:
        percent, until = booking.late_cancel_percent, booking.cancel_free_until
        booking.fee_amount = cancel_fee(booking.price_amount, percent, until, at=at)
    settle_locked(booking, at=at)
    booking.save(update_fields=["status", "cancelled_at", "sequence", "fee_amount", "charge"])
    if booking.promo_use_id is not None and not booking.fee_amount:
        give_use_back(use_id=booking.promo_use_id, at=at)
    keep_act(booking, ActKind.CANCELLED, by=act.by, at=at, why=act.why)
    mail_booker(booking, CANCELLED, at=at)
    return booking
