"""What cash does to a charge's due: it is rounded to the coins there are, and change may be kept."""

from django.db.models import F, Sum
from django.utils.translation import gettext as _

from billing.models import Charge, Payment, PaymentMethod
from billing.services.payments.order import Order
from common.errors import DomainError, FieldError
from common.money import rounded_to


class TenderedTooLittleError(DomainError):
    """Less cash was handed over than the amount."""

    code = "tendered_too_little"


class CashTooSmallError(DomainError):
    """The amount rounds to nothing in cash."""

    code = "cash_too_small"


class KeptTooMuchError(DomainError):
    """More change is to be kept than there is."""

    code = "kept_too_much"


def cash_part(order: Order, charge: Charge, amount: int) -> tuple[int, int]:
    """Return what cash rounding adds to `amount` (or takes off), and the change that is kept, in minor units.

    The cash of payments that are taken together is rounded once: each brings the sum so far to the step.

    Raises TenderedTooLittleError, CashTooSmallError, KeptTooMuchError.
    """
    step = charge.lot.cash_rounding
    exact, taken = _taken_before(order) if order.together and step > 1 else (0, 0)
    cash, kept = rounded_to(exact + amount, step) - taken, order.kept
    rounding = cash - amount
    if cash <= 0:
        raise CashTooSmallError(_("This is less than the smallest coin. Take a card, or waive it."))
    if order.tendered is not None and order.tendered < cash:
        message = _("The cash handed over is less than the amount.")
        raise TenderedTooLittleError(message, errors=[FieldError("tendered", message)])
    if not 0 <= kept <= (order.tendered or cash) - cash:
        message = _("That is more than the change there is.")
        raise KeptTooMuchError(message, errors=[FieldError("kept", message)])
    return rounding, kept


def _taken_before(order: Order) -> tuple[int, int]:
    """Return how much was to be taken in cash before in the same go, and how much was."""
    before = Payment.objects.filter(together=order.together, method=PaymentMethod.CASH)
    sums = before.aggregate(taken=Sum(F("amount") - F("kept_amount")), rounding=Sum("rounding_amount"))
    taken = sums["taken"] or 0
    return taken - (sums["rounding"] or 0), taken


def move_due(charge: Charge, *, rounding: int, kept: int) -> None:
    """Move what is due on a locked charge by cash rounding and change that is kept, as untaxed lines of their own."""
    if not rounding and not kept:
        return
    charge.rounding_amount += rounding
    charge.kept_amount += kept
    charge.due_amount += rounding + kept
    charge.lines = [line for line in charge.lines if not line.get("untaxed")] + charge.untaxed_lines()
    charge.save(update_fields=["rounding_amount", "kept_amount", "due_amount", "lines"])
    charge.balance_amount += rounding + kept  # as the database has it by now
