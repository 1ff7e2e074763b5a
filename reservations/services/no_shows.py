"""Bookings whose driver has not come, and those that nobody confirmed."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Value

from billing.services import give_use_back
from lots.booking_rules import Prepay
from lots.services import lock_lot
from reservations.booking_mails import LAPSED, MISSED, mail_booker
from reservations.models import NotParkedReport, Reservation, ReservationStatus
from reservations.policy import missed_at, share_of
from reservations.services.giving_places import let_go
from reservations.services.settling import carry_out, settle_locked

UNCONFIRMED_FOR = timedelta(minutes=10)
"""How long a guest's booking waits for the address to be confirmed."""
BATCH = 500
_DUE = ExpressionWrapper(
    F("starts_at") + F("no_show_minutes") * Value(timedelta(minutes=1)), output_field=DateTimeField()
)

logger = structlog.get_logger(__name__)


def mark_no_shows(*, at: datetime) -> int:
    """Count the bookings as no-shows whose driver has not come in time, and return how many; a late run catches up."""
    begun = Reservation.objects.filter(status=ReservationStatus.CONFIRMED, starts_at__lte=at).annotate(due=_DUE)
    due = begun.filter(Q(due__lte=at) | Q(ends_at__lte=at)).order_by("starts_at", "pk")
    return for_each(due[:BATCH], lambda booking: miss_if_due(booking=booking, at=at), "no_show_not_marked")


def lapse_unconfirmed(*, at: datetime) -> int:
    """End the unpaid bookings of guests whose address was not confirmed in time, and return how many."""
    waiting = Reservation.objects.filter(status=ReservationStatus.PENDING, prepay=Prepay.NONE)
    waiting = waiting.filter(created_at__lte=at - UNCONFIRMED_FOR)
    return for_each(waiting.order_by("pk")[:BATCH], lambda booking: _lapse(booking, at), "booking_not_lapsed")


def for_each(bookings: Iterable[Reservation], act: Callable[[Reservation], bool], failure: str) -> int:
    """Do something with each booking, and return with how many it was done; one that fails keeps no other."""
    done = 0
    for booking in bookings:
        try:
            done += act(booking)
        except Exception:
            # The next run tries it again.
            logger.exception(failure, booking=booking.pk)
    return done


def miss_if_due(*, booking: Reservation, at: datetime) -> bool:
    """Count a booking as a no-show if its driver has not come in time; return whether it does so now. Idempotent.

    What it costs then is captured of what was held or paid, else owed by who booked; nothing if we had no place. Not
    inside a transaction for a prepaid one.
    """
    if booking.starts_at > at:
        return False
    missed = _miss(booking, at)
    if missed:
        carry_out(booking=booking, at=at)
    return missed


def is_missed(booking: Reservation, at: datetime) -> bool:
    """Return whether the driver of a booking has not come in time, although it may not be marked yet."""
    return booking.status == ReservationStatus.CONFIRMED and missed_at(booking.time, booking.no_show_minutes) <= at


@transaction.atomic
def _miss(booking: Reservation, at: datetime) -> bool:
    lock_lot(booking.lot_id)
    booking = Reservation.objects.select_related("lot", "tariff", "spot", "charge", "not_parked", "driver").get(
        pk=booking.pk
    )
    if not is_missed(booking, at) or _says_it_was_full(booking):
        return False
    let_go(booking)
    booking.status = ReservationStatus.NO_SHOW
    booking.missed_at = missed_at(booking.time, booking.no_show_minutes)
    if booking.place_lost_at is None:
        booking.fee_amount = share_of(booking.price_amount, booking.no_show_percent)
    settle_locked(booking, at=at)
    booking.save(update_fields=["status", "missed_at", "fee_amount", "charge"])
    mail_booker(booking, MISSED, at=at)
    return True


def _says_it_was_full(booking: Reservation) -> bool:
    """Return whether who booked says that the car was turned away, which is about to be decided."""
    report: NotParkedReport | None = getattr(booking, "not_parked", None)
    return report is not None and report.decided_at is None and report.turned_away_at is not None


def lapse_locked(booking: Reservation, *, at: datetime) -> Reservation:
    """Let a pending booking lapse: its place is free, and what was paid or held for it, and its code, goes back.

    The lot's lock is held.
    """
    let_go(booking)
    booking.status = ReservationStatus.LAPSED
    settle_locked(booking, at=at)
    booking.save(update_fields=["status", "charge"])
    if booking.promo_use_id is not None:
        give_use_back(use_id=booking.promo_use_id, at=at)
    return booking


@transaction.atomic
def _lapse(booking: Reservation, at: datetime) -> bool:
    lock_lot(booking.lot_id)
    booking = Reservation.objects.select_related("lot", "spot", "charge").get(pk=booking.pk)
    if booking.status != ReservationStatus.PENDING:
        return False
    lapse_locked(booking, at=at)
    mail_booker(booking, LAPSED, at=at)
    return True
