"""Which till money belongs to, and keeping that till open until the money is recorded."""

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Payment, PaymentMethod, Refund, Shift, ShiftState
from common.errors import ConflictError
from lots.models import Lot

_SHARE = "SELECT state FROM billing_shift WHERE id = %s FOR SHARE"


class NoOpenShiftError(ConflictError):
    """Nobody takes or gives cash without an open shift."""

    code = "no_open_shift"


def open_till_of(person: User | None, charge: Charge) -> Shift | None:
    """Return the open shift of a person at a charge's operator, if there is one; one query."""
    if person is None:
        return None
    own = Shift.objects.filter(person=person, state=ShiftState.OPEN)
    return own.filter(lot__operator__lots=charge.lot_id).first()


def till_for_cash(person: User | None, lot: Lot) -> Shift:
    """Return the till into which a person takes cash for a charge of a lot, or out of which it is given back.

    A till serves all charges of its operator. Raises NoOpenShiftError (409).
    """
    if person is None:
        raise NoOpenShiftError(_("Cash needs somebody who takes it, with an open shift."))
    till = Shift.objects.unfinished().select_related("lot").filter(person=person).first()
    if till is None:
        raise NoOpenShiftError(_("You have no open shift. Open one before you take or give cash."))
    if not till.is_open:
        raise _being_counted()
    if till.lot.operator_id != lot.operator_id:
        raise NoOpenShiftError(_("Your open shift is at another operator. Close it first."))
    return till


def keep_in_shift(money: Payment | Refund) -> None:
    """Share the lock of the shift that just recorded money belongs to until the transaction ends; no lock comes after.

    A count waits for it. Raises NoOpenShiftError when the count began first; money of a card then belongs to no shift.
    """
    if money.shift_id is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SHARE, [money.shift_id])
        (state,) = cursor.fetchone()
    if state == ShiftState.OPEN:
        return
    payment = money if isinstance(money, Payment) else money.payment
    if payment.method == PaymentMethod.CASH:
        raise _being_counted()
    money.shift = None
    money.save(update_fields=["shift"])


def _being_counted() -> NoOpenShiftError:
    return NoOpenShiftError(
        _("Your till is being counted, so it takes and gives no cash. Close it and open a new shift.")
    )
