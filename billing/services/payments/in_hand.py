"""Payments whose money is already there: cash in the till, or a slip of a card terminal beside it."""

from django.db import transaction

from billing.models import Charge, Payment, PaymentMethod, PaymentState, Shift
from billing.services.charges import lock_charge, note_balance
from billing.services.payments.cash import cash_part, move_due
from billing.services.payments.order import Order
from billing.shifts import open_till_of, till_for_cash, till_of_machine


def take_in_hand(order: Order) -> Payment:
    """Record an order as captured, and settle the charge; cash needs an open shift, which a machine opens itself."""
    if order.sold is not None:
        return _capture(order, order.charge)
    with transaction.atomic():
        return _capture(order, lock_charge(order.charge))


def _capture(order: Order, charge: Charge) -> Payment:
    earlier = order.earlier_payment()
    if earlier:
        return earlier
    cash = order.method == PaymentMethod.CASH
    till = _till(order, charge)
    amount = order.amount_to_take(charge)
    rounding, kept = cash_part(order, charge, amount) if cash else (0, 0)
    move_due(charge, rounding=rounding, kept=kept)
    payment = order.write(
        charge,
        state=PaymentState.CAPTURED,
        amount=amount + rounding + kept,
        captured_amount=amount + rounding + kept,
        rounding_amount=rounding,
        kept_amount=kept,
        tendered_amount=order.tendered,
        shift=till,
        finished_at=order.at,
    )
    note_balance(charge, order.at, captured=payment, sold=order.sold)
    return payment


def _till(order: Order, charge: Charge) -> Shift | None:
    if order.machine is not None:
        return till_of_machine(order.machine, at=order.at)
    cash = order.method == PaymentMethod.CASH
    return till_for_cash(order.taken_by, charge.lot) if cash else open_till_of(order.taken_by, charge)
