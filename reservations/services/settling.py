"""The money of a booking: its charge asks for what its state costs, and holds and payments follow.

What is decided is written in the transaction of its cause; providers are asked after it, and by the tasks of billing
when that was cut off.
"""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from billing.models import Charge, Payment, PaymentState, Refund
from billing.services import (
    SUMS,
    assess_locked,
    decide_hold_locked,
    lock_charge,
    record_debt,
    refund_payment,
    return_refund,
    settle_hold,
)
from billing.tariffs import rules_of
from lots.booking_rules import Prepay
from lots.services import assert_lot_locked
from reservations.models import Reservation, ReservationStatus
from reservations.offering import priced_of

OVER = (
    *(ReservationStatus.COMPLETED, ReservationStatus.CANCELLED, ReservationStatus.NO_SHOW),
    ReservationStatus.LAPSED,
)
NOT_KEPT = (ReservationStatus.CANCELLED, ReservationStatus.NO_SHOW)


def due_of(booking: Reservation) -> int:
    """Return what a booking's own charge is to ask for; what is paid at the exit is none of it."""
    if booking.status == ReservationStatus.LAPSED:
        return 0
    if booking.status in NOT_KEPT or booking.missed_at is not None:
        return booking.fee_amount
    return 0 if booking.prepay == Prepay.NONE else booking.price_amount - booking.at_exit_amount


def is_over(booking: Reservation, at: datetime) -> bool:
    """Return whether what a booking costs by itself changes no more: it has ended, or its time is over."""
    return booking.status in OVER or booking.ends_at <= at


def settle_locked(booking: Reservation, *, at: datetime) -> None:
    """Bring a booking's charge and what was paid for it to what its state costs; the lot's lock is held.

    What was captured beyond it is given back, and what is held beyond it let go. Once a booking is over, its holds are
    captured, and what is left is owed by who booked. Sets `charge` without saving it. Idempotent.
    """
    assert_lot_locked(booking.lot_id)
    due = due_of(booking)
    if booking.charge is None and not due:
        return
    charge, is_new = None, booking.charge is None
    if booking.charge is not None:
        charge = lock_charge(booking.charge)
        excess = charge.captured_amount - charge.refunded_amount + charge.credited_amount - due
        if excess > 0:
            _give_back(charge, excess, at)
            charge.refresh_from_db(fields=SUMS)
            # Else a refund is marked, as it may be a person's.
            Reservation.objects.filter(pk=booking.pk).update(unsettled_since=booking.unsettled_since)
    charge = assess_locked(charge, **_terms(booking, due, at))
    booking.charge = charge
    ended = is_over(booking, at)
    left = int(charge.balance_amount) if is_new else _decide_holds(charge, ended=ended)
    if ended and left > 0:
        charge.lot = booking.lot
        record_debt(charge=charge, plate=booking.plate, reason=charge.lines[0]["label"], at=at, of_booker=True)


def carry_out(*, booking: Reservation, at: datetime) -> None:
    """Ask the provider for what was decided about a booking's money; what it does not answer, the tasks ask again.

    Must not be called inside a transaction.
    """
    if booking.charge_id is None or booking.prepay == Prepay.NONE:
        return
    of_charge = Payment.objects.filter(charge=booking.charge_id).select_related("charge").order_by("pk")
    for payment in of_charge.filter(state=PaymentState.AUTHORISED, settling_amount__isnull=False):
        settle_hold(payment=payment, at=at)
    refunds = Refund.objects.filter(payment__charge=booking.charge_id, returned_at=None).order_by("pk")
    for refund in refunds.select_related("payment__charge"):
        return_refund(refund=refund, at=at)


def new_charge_locked(booking: Reservation, *, at: datetime) -> Charge:
    """Write the charge that a new booking is paid by, and return it."""
    return assess_locked(None, **_terms(booking, booking.price_amount, at))


def ask_more_locked(booking: Reservation, *, at: datetime) -> Charge:
    """Let a booking's charge ask for what it is to be, so that the difference can be paid."""
    assert booking.charge is not None  # noqa: S101 a prepaid booking has one
    return assess_locked(lock_charge(booking.charge), **_terms(booking, due_of(booking), at))


def paid_of(booking: Reservation) -> int:
    """Return what was captured for a booking and not given back, with what is held for it."""
    if booking.charge is None:
        return 0
    held = booking.charge.payments.filter(state=PaymentState.AUTHORISED, settling_amount=None)
    charge = booking.charge
    return charge.captured_amount - charge.refunded_amount + sum(payment.authorised_amount for payment in held)


def _give_back(charge: Charge, excess: int, at: datetime) -> None:
    """Refund what was captured beyond what a locked charge is to ask for, of the last payments first."""
    captured = charge.payments.filter(state=PaymentState.CAPTURED).order_by("-pk")
    for payment in captured:
        amount = min(excess, payment.captured_amount - payment.refunded_amount)
        if amount > 0:
            key = f"booking-{payment.pk}-{payment.refunded_amount}"
            refund_payment(payment=payment, amount=amount, reason=_("Booking"), idempotency_key=key, at=at)
            excess -= amount


def _decide_holds(charge: Charge, *, ended: bool) -> int:
    """Decide about the holds of a locked charge, and return what no hold covers.

    When the booking has ended they are captured as far as they are needed; before, those are let go that are not needed
    at all.
    """
    holds = list(charge.payments.filter(state=PaymentState.AUTHORISED).order_by("pk"))
    left = int(charge.balance_amount) - sum(hold.settling_amount or 0 for hold in holds)
    for hold in holds:
        if hold.settling_amount is None:
            amount = min(hold.authorised_amount, max(0, left))
            left -= amount
            if ended or not amount:
                decide_hold_locked(hold, amount)
    return left


def _terms(booking: Reservation, due: int, at: datetime) -> dict[str, Any]:
    return {
        "lot": booking.lot,
        "label": _("Booking %(code)s") % {"code": booking.code},
        "due": due,
        "tax_percent": rules_of(booking.tariff).tax_percent,
        "lines": _lines(booking, due),
        "at": at,
        "tariff": booking.tariff,
    }


def _lines(booking: Reservation, due: int) -> list[dict[str, Any]]:
    price = priced_of(booking)
    if due == booking.price_amount and booking.missed_at is None and booking.status not in NOT_KEPT:
        lines = price.price(booking.time)
        if lines.total == due:
            return [line.as_json() for line in lines.lines]
    span = {"from": booking.starts_at.isoformat(), "to": booking.ends_at.isoformat()}
    return [{"label": _what(booking), "amount": due} | span]


def _what(booking: Reservation) -> str:
    if booking.status == ReservationStatus.CANCELLED:
        return _("Late cancellation, %(percent)s %%") % {"percent": booking.late_cancel_percent}
    if booking.missed_at is not None:
        return _("Not shown up, %(percent)s %%") % {"percent": booking.no_show_percent}
    return _("Booked time")
