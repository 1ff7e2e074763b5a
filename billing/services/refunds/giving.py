"""Recording that money of a captured payment is given back."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Credit, CreditKind, Payment, PaymentMethod, PaymentState, Refund
from billing.services.charges import lock_charge, note_refund
from billing.shifts import keep_in_shift, open_till_of, till_for_cash
from common.db.rows import add_unless_taken
from common.errors import ConflictError, DomainError, FieldError


class RefundKeyUsedError(DomainError):
    """The idempotency key stands for another refund."""

    code = "idempotency_key_reused"


class RefundTooLargeError(DomainError):
    """More can't be given back than was captured."""

    code = "refund_exceeds_payment"


class NotCapturedError(ConflictError):
    """The payment took no money: it is pending, failed or voided."""

    code = "payment_not_captured"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """What to give back of a payment, in minor units; `by` is the person who gives it, None for the system."""

    payment: Payment
    amount: int
    reason: str
    idempotency_key: str
    at: datetime
    by: User | None
    goodwill: bool


@transaction.atomic
def refund_payment(  # noqa: PLR0913 - the facts of one row
    *,
    payment: Payment,
    amount: int,
    reason: str,
    idempotency_key: str,
    at: datetime,
    refunded_by: User | None = None,
    goodwill: bool = False,
) -> Refund:
    """Give back `amount` minor units of a captured payment; the same key gives the first refund.

    What was given back is owed again, unless it is `goodwill`: then the charge is credited by as much. Money that came
    through a provider is returned by it after the commit, see `return_refund`; other money is handed over at once, cash
    from the till of who gives it.

    Raises NoOpenShiftError (409) for cash, NotCapturedError, RefundTooLargeError, RefundKeyUsedError for a key
    that stands for another payment, amount or kind of refund, and what receivers of `charge_refunded` refuse it with.
    """
    charge = lock_charge(payment.charge)
    order = RefundOrder(
        payment=payment,
        amount=amount,
        reason=reason,
        idempotency_key=idempotency_key,
        at=at,
        by=refunded_by,
        goodwill=goodwill,
    )
    return earlier_refund(order) or give_back_locked(charge, order)


def give_back_locked(charge: Charge, order: RefundOrder, *, paid_out: bool = True) -> Refund:
    """Record a refund of a locked charge; otherwise as `refund_payment`.

    Money that no provider returns is `paid_out` at once, or later by `pay_out_refund`.
    """
    payment = require_refundable(order)
    refund = Refund(
        payment=payment,
        amount=order.amount,
        reason=order.reason,
        goodwill=order.goodwill,
        idempotency_key=order.idempotency_key,
        refunded_by=order.by,
        created_at=order.at,
    )
    if paid_out and not payment.provider:
        _pay_out(refund, charge, by=order.by, at=order.at)
    if not add_unless_taken(refund, "idempotency_key"):
        raise key_used()
    if order.goodwill:
        # The refund came first: the charge is never credited below what was paid for it.
        Credit.objects.create(
            charge=charge,
            amount=order.amount,
            kind=CreditKind.GOODWILL,
            reason=order.reason,
            granted_by=order.by,
            created_at=order.at,
        )
    else:
        note_refund(charge, order.at)
    keep_in_shift(refund)
    return refund


def earlier_refund(order: RefundOrder) -> Refund | None:
    """Return the refund that the key stands for already. Raises RefundKeyUsedError when it is another one."""
    earlier = Refund.objects.filter(idempotency_key=order.idempotency_key).first()
    asked = (order.payment.pk, order.amount, order.goodwill)
    if earlier and (earlier.payment_id, earlier.amount, earlier.goodwill) != asked:
        raise key_used()
    return earlier


def require_refundable(order: RefundOrder) -> Payment:
    """Return the payment as it is now, if as much of it can be given back; its charge is locked.

    Raises NotCapturedError and RefundTooLargeError.
    """
    payment = Payment.objects.get(pk=order.payment.pk)
    if payment.state != PaymentState.CAPTURED:
        raise NotCapturedError(_("No money was taken by this payment, so none can be given back."))
    left = payment.captured_amount - payment.refunded_amount
    if not left:
        raise _too_large(_("All of this payment has been given back already."))
    if not 0 < order.amount <= left:
        raise _too_large(_("The refund must be more than nothing and no more than what was paid."))
    return payment


@transaction.atomic
def pay_out_refund(*, refund: Refund, by: User, at: datetime) -> Refund:
    """Hand over a refund that no provider returns and that was approved before; once, then it stays as it is."""
    charge = lock_charge(refund.payment.charge)
    refund = Refund.objects.select_related("payment__charge__lot").get(pk=refund.pk)
    if refund.returned_at or refund.is_reversed or refund.payment.provider:
        return refund
    _pay_out(refund, charge, by=by, at=at)
    refund.save(update_fields=["returned_at", "returned_by", "shift"])
    keep_in_shift(refund)
    return refund


def _pay_out(refund: Refund, charge: Charge, *, by: User | None, at: datetime) -> None:
    """Mark a refund as handed over by a person: cash from their till, else by the card terminal beside it.

    Raises NoOpenShiftError for cash.
    """
    cash = refund.payment.method == PaymentMethod.CASH
    refund.shift = till_for_cash(by, charge.lot) if cash else open_till_of(by, charge)
    refund.returned_at, refund.returned_by = at, by


def key_used() -> RefundKeyUsedError:
    """Return the refusal of a key that stands for another refund."""
    return RefundKeyUsedError(_("This idempotency key was already used for another refund."))


def _too_large(message: str) -> RefundTooLargeError:
    return RefundTooLargeError(message, errors=[FieldError("amount", message)])
