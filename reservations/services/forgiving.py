"""Forgiving a driver who did not come."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import PaymentState, Refund, RefundRequest
from billing.services import ask_refund, credit_charge, lock_charge, return_refund
from lots.services import lock_lot
from reservations.models import ActKind, Reservation, ReservationStatus
from reservations.services.acts import keep_act
from reservations.services.changing import BookingStateError


def forgive_no_show(*, booking: Reservation, by: User, why: str, at: datetime) -> Reservation:
    """Let a no-show count no more against who booked, and give its fee back.

    What is owed of it is credited, what was paid is refunded. A refund above the operator's limit waits for a second
    person. Idempotent. Must not be called inside a transaction. Raises BookingStateError (409), and what `ask_refund`
    raises: then nothing is forgiven.
    """
    booking, refunds = _forgive(booking, by, why, at)
    for refund in refunds:
        return_refund(refund=refund, at=at)
    return booking


@transaction.atomic
def _forgive(booking: Reservation, by: User, why: str, at: datetime) -> tuple[Reservation, list[Refund]]:
    lock_lot(booking.lot_id)
    booking = Reservation.objects.select_related("lot__operator", "charge").get(pk=booking.pk)
    if booking.status != ReservationStatus.NO_SHOW:
        raise BookingStateError(_("Only a no-show can be forgiven."))
    if booking.forgiven_at is not None:
        return booking, []
    refunds = _give_fee_back(booking, by, why, at)
    booking.forgiven_at = at
    booking.save(update_fields=["forgiven_at"])
    keep_act(booking, ActKind.FORGIVEN, by=by, at=at, why=why)
    return booking, refunds


def _give_fee_back(booking: Reservation, by: User, why: str, at: datetime) -> list[Refund]:
    """Credit what is owed of a no-show's fee and give back what was captured of it, as goodwill."""
    if booking.charge is None:
        return []
    charge = lock_charge(booking.charge)
    charge.lot = booking.lot
    owed, refunds = int(charge.balance_amount), []
    if owed > 0:
        credit_charge(charge=charge, amount=owed, reason=why, at=at, granted_by=by)
    for payment in charge.payments.filter(state=PaymentState.CAPTURED).order_by("pk"):
        amount = payment.captured_amount - payment.refunded_amount
        if amount > 0:
            payment.charge = charge
            key = f"forgive-{booking.pk}-{payment.pk}"
            given = ask_refund(
                payment=payment, amount=amount, reason=why, idempotency_key=key, by=by, at=at, goodwill=True
            )
            refunds += [] if isinstance(given, RefundRequest) else [given]
    return refunds
