"""Payments whose money is already there: cash in the till, or a slip of a card terminal beside it."""

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Charge, Payment, PaymentMethod, PaymentState
from billing.services.charges import lock_charge, note_balance
from billing.services.payments.order import Order
from billing.shifts import open_till_of, till_for_cash
from common.errors import DomainError, FieldError


class TenderedTooLittleError(DomainError):
    """Less cash was handed over than the amount."""

    code = "tendered_too_little"


def take_in_hand(order: Order) -> Payment:
    """Record an order as captured, and settle the charge; cash needs the taker's open shift."""
    if order.sold is not None:
        return _capture(order, order.charge)
    with transaction.atomic():
        return _capture(order, lock_charge(order.charge))


def _capture(order: Order, charge: Charge) -> Payment:
    earlier = order.earlier_payment()
    if earlier:
        return earlier
    cash = order.method == PaymentMethod.CASH
    till = till_for_cash(order.taken_by, charge.lot) if cash else open_till_of(order.taken_by)
    amount = order.amount_to_take(charge)
    if order.tendered is not None and order.tendered < amount:
        message = _("The cash handed over is less than the amount.")
        raise TenderedTooLittleError(message, errors=[FieldError("tendered", message)])
    payment = order.write(
        charge,
        state=PaymentState.CAPTURED,
        amount=amount,
        captured_amount=amount,
        tendered_amount=order.tendered,
        shift=till,
        finished_at=order.at,
    )
    note_balance(charge, order.at, captured=payment, sold=order.sold)
    return payment
