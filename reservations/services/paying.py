"""Paying for a booking before it is confirmed, and for more of it: each step can be cut off and is taken up again.

A pending booking keeps its place while its card is asked. It is confirmed when all of its price is captured or held,
and lapses when that failed or takes too long: then nothing was booked, and what comes later goes back.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Charge, Payment, PaymentMethod, PaymentState
from billing.services import PayBy, authorise_payment, conclude_payment, lock_charge, look_at_payment, take_payment
from common.errors import DomainError, FieldError
from lots.booking_rules import Prepay
from lots.services import lock_lot
from reservations.booking_mails import CONFIRMED, mail_booker
from reservations.models import Reservation, ReservationStatus
from reservations.services.no_shows import UNCONFIRMED_FOR, for_each, lapse_locked
from reservations.services.settling import OVER, carry_out, due_of, is_over, paid_of, settle_locked

HELD_AT_MOST = timedelta(days=6)
"""A booking that ends later than this is paid at once: no hold lasts so long."""
FIRST_PAYMENT_WITHIN = timedelta(minutes=2)
"""After this a pending booking without a payment was cut off before it had one."""
BATCH = 200


class PaymentDeclinedError(DomainError):
    """The card did not pay or hold all of the price; nothing was booked or changed."""

    code = "payment_declined"
    status = 402

    def __init__(self) -> None:
        message = _("The card was declined. Nothing was booked; try another one.")
        super().__init__(message, errors=[FieldError("payment.token", message)])


def charge_card(  # noqa: PLR0913 - the facts of one payment
    booking: Reservation, charge: Charge, by: PayBy, *, amount: int | None, key: str, at: datetime
) -> Payment:
    """Hold or take an amount (None: all that is owed) for a booking, as it is paid; not inside a transaction."""
    facts: Mapping[str, object] = {
        "charge": charge,
        "amount": amount,
        "idempotency_key": key,
        "at": at,
        "token": by.token,
        "paid_by": booking.driver,
        "receipt_email": booking.email,
        "saved_method": by.saved_method,
        "return_url": by.return_url,
    }
    if booking.prepay == Prepay.HOLD:
        return authorise_payment(**facts)  # type: ignore[arg-type]
    return take_payment(method=PaymentMethod.ONLINE, **facts)  # type: ignore[arg-type]


def pay_booking(*, booking: Reservation, by: PayBy, at: datetime) -> Reservation:
    """Pay or hold the price of a pending booking and return it: confirmed, or pending while that is not known.

    It is pending, too, while its payer has to act on the page of its payment (`page_url`). The same call again goes on
    with the same payment. Must not be called inside a transaction. Raises PaymentDeclinedError (402), then nothing is
    booked, and PaymentRunningError (409).
    """
    if booking.status == ReservationStatus.PENDING:
        assert booking.charge is not None  # noqa: S101 it was made with the booking
        charge_card(booking, booking.charge, by, amount=None, key=f"booking-{booking.pk}", at=at)
        booking = conclude_booking(booking=booking, at=at)
    if booking.status == ReservationStatus.LAPSED:
        raise PaymentDeclinedError
    return booking


def conclude_booking(*, booking: Reservation, at: datetime) -> Reservation:
    """Confirm a pending prepaid booking when all of its price is paid or held; let it lapse when that has failed.

    Call it when its payer comes back from a page, after the payment was looked at. Idempotent. Must not be called
    inside a transaction.
    """
    booking = _conclude(booking, at)
    carry_out(booking=booking, at=at)
    return booking


def return_from_booking_page(*, booking: Reservation, gave_up: bool, at: datetime) -> Reservation:
    """Look at the payments of a booking whose payer comes back from the provider's page, and return it as it is then.

    With `gave_up` nothing more is taken by them. Must not be called inside a transaction; safe to call twice.
    """
    waiting = Payment.objects.filter(charge=booking.charge_id, state=PaymentState.PENDING).select_related("charge")
    for payment in waiting if booking.charge_id else ():
        (conclude_payment if gave_up else look_at_payment)(payment=payment, at=at)
    return conclude_booking(booking=booking, at=at)


def conclude_pending(*, at: datetime) -> int:
    """Conclude the prepaid bookings that are pending, and return how many are not any more."""
    pending = Reservation.objects.filter(status=ReservationStatus.PENDING).exclude(prepay=Prepay.NONE)
    return for_each(pending.order_by("pk")[:BATCH], lambda one: _is_concluded(one, at), "booking_not_concluded")


def settle_over(*, at: datetime) -> int:
    """Capture what is held for bookings that are over, let go of what is not needed, and return of how many.

    Payments for more of a booking that were cut off before it had more are given back, too, and what a lost hold leaves
    unpaid is owed.
    """
    held = Payment.objects.filter(state=PaymentState.AUTHORISED, settling_amount=None).values("charge")
    prepaid = Reservation.objects.exclude(prepay=Prepay.NONE)
    over = prepaid.filter(charge__in=held, status__in=OVER) | prepaid.filter(charge__in=held, ends_at__lte=at)
    cut_off = prepaid.filter(unsettled_since__lte=at - UNCONFIRMED_FOR)
    rows = [*over.order_by("pk")[:BATCH], *cut_off.order_by("pk")[:BATCH]]
    return for_each(rows, lambda one: _settle(one, at), "booking_not_settled")


def settle_booking(*, booking: Reservation, at: datetime) -> Reservation:
    """Bring the money of a booking to what its state costs and carry that out; not inside a transaction.

    One that is not covered by what was paid stays unsettled until it is over: then the rest is owed.
    """
    with transaction.atomic():
        lock_lot(booking.lot_id)
        booking = _loaded(booking)
        settle_locked(booking, at=at)
        if is_over(booking, at) or paid_of(booking) >= due_of(booking):
            booking.unsettled_since = None
        booking.save(update_fields=["charge", "unsettled_since"])
    carry_out(booking=booking, at=at)
    return booking


@transaction.atomic
def mark_unsettled(*, charge_id: int, at: datetime) -> None:
    """Note that the money of a booking has to be looked at again; its charge is locked."""
    Reservation.objects.filter(charge=charge_id).update(unsettled_since=at)


def _settle(booking: Reservation, at: datetime) -> bool:
    settle_booking(booking=booking, at=at)
    return True


def _is_concluded(booking: Reservation, at: datetime) -> bool:
    return conclude_booking(booking=booking, at=at).status != ReservationStatus.PENDING


@transaction.atomic
def _conclude(booking: Reservation, at: datetime) -> Reservation:
    lock_lot(booking.lot_id)
    booking = _loaded(booking)
    if booking.status != ReservationStatus.PENDING or booking.prepay == Prepay.NONE:
        return booking
    assert booking.charge is not None  # noqa: S101 it was made with the booking
    booking.charge = lock_charge(booking.charge)
    if paid_of(booking) >= booking.price_amount:
        booking.status = ReservationStatus.CONFIRMED
        booking.save(update_fields=["status"])
        mail_booker(booking, CONFIRMED, at=at)
    elif not _may_still_pay(booking, at):
        lapse_locked(booking, at=at)
    return booking


def _may_still_pay(booking: Reservation, at: datetime) -> bool:
    assert booking.charge is not None  # noqa: S101 it was made with the booking
    payments = list(booking.charge.payments.all())
    if not payments:
        return at < booking.created_at + FIRST_PAYMENT_WITHIN
    open_pages = [one.page_until for one in payments if one.page_until and one.state == PaymentState.PENDING]
    until = max([booking.created_at + UNCONFIRMED_FOR, *open_pages])
    return at < until and any(one.state == PaymentState.PENDING for one in payments)


def _loaded(booking: Reservation) -> Reservation:
    related = ("lot", "tariff", "spot", "charge", "driver")
    return Reservation.objects.select_related(*related).get(pk=booking.pk)
