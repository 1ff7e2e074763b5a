"""Payments: cash and terminal at once, cards through a provider that is asked outside any transaction."""

from datetime import datetime
from uuid import UUID

from accounts.models import User
from billing.models import Charge, Payment, PaymentMethod, SavedMethod
from billing.services.payments.agreed import reserve_agreed
from billing.services.payments.by_provider import charge_agreed, conclude_payment, look_at_payment, take_by_provider
from billing.services.payments.cash import CashTooSmallError, KeptTooMuchError, TenderedTooLittleError
from billing.services.payments.holds import (
    HoldStateError,
    authorise_payment,
    capture_due_hold,
    capture_hold,
    decide_hold_locked,
    settle_hold,
    void_hold,
)
from billing.services.payments.in_hand import take_in_hand
from billing.services.payments.order import (
    AmountTooLargeError,
    IdempotencyConflictError,
    Order,
    PayBy,
    PaymentRunningError,
)
from billing.services.payments.recording import PAID_TWICE
from billing.services.payments.together import OwedChangedError, lock_charges, pay_together
from billing.services.promo_codes import CodeWish
from devices.models import Device

__all__ = [
    "PAID_TWICE",
    "AmountTooLargeError",
    "CashTooSmallError",
    "HoldStateError",
    "IdempotencyConflictError",
    "KeptTooMuchError",
    "OwedChangedError",
    "PayBy",
    "PaymentRunningError",
    "TenderedTooLittleError",
    "authorise_payment",
    "capture_due_hold",
    "capture_hold",
    "charge_agreed",
    "conclude_payment",
    "decide_hold_locked",
    "lock_charges",
    "look_at_payment",
    "pay_together",
    "reserve_agreed",
    "settle_hold",
    "take_payment",
    "void_hold",
]

BY_PROVIDER = frozenset({PaymentMethod.CARD, PaymentMethod.ONLINE})


def take_payment(  # noqa: PLR0913 - the facts of one row
    *,
    charge: Charge,
    method: str,
    amount: int | None,
    idempotency_key: str,
    at: datetime,
    token: str = "",
    tendered: int | None = None,
    taken_by: User | None = None,
    paid_by: User | None = None,
    receipt_email: str = "",
    by_number: bool = False,
    saved_method: SavedMethod | None = None,
    sold: object | None = None,
    return_url: str = "",
    kept: int = 0,
    together: UUID | None = None,
    by_code: CodeWish | None = None,
    machine: Device | None = None,
) -> Payment:
    """Take `amount` minor units towards a charge (None: all that is owed) and return the payment.

    All but cards is captured at once; cash that is `tendered`, less change that is `kept`, goes rounded into the till
    of a person or a `machine`. Cards go to the provider, outside any transaction: see `state`, `page_url`, `failure`;
    what is beyond the debt goes back at once. Only `by_number` payers wait for others. A `saved_method` is charged
    without its owner, a code `by_code` used with what a card pays of the rest. With `sold` the caller holds all locks.
    Raises NothingOwedError, AmountTooLargeError, PaymentRunningError, IdempotencyConflictError, NoOpenShiftError.
    """
    order = Order(
        charge=charge,
        method=method,
        amount=amount,
        idempotency_key=idempotency_key,
        at=at,
        token=saved_method.reference if saved_method else token,
        tendered=tendered,
        taken_by=taken_by,
        paid_by=paid_by,
        receipt_email=receipt_email,
        by_number=by_number,
        saved_method=saved_method,
        sold=sold,
        return_url=return_url,
        kept=kept,
        together=together,
        by_code=by_code,
        machine=machine,
    )
    return take_by_provider(order) if method in BY_PROVIDER else take_in_hand(order)
