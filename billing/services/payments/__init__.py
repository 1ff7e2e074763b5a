"""Payments: cash and terminal at once, cards through a provider that is asked outside any transaction."""

from datetime import datetime

from accounts.models import User
from billing.models import Charge, Payment, PaymentMethod
from billing.services.payments.by_provider import PAID_TWICE, conclude_payment, take_by_provider
from billing.services.payments.in_hand import TenderedTooLittleError, take_in_hand
from billing.services.payments.order import (
    AmountTooLargeError,
    IdempotencyConflictError,
    Order,
    PaymentRunningError,
)

__all__ = [
    "PAID_TWICE",
    "AmountTooLargeError",
    "IdempotencyConflictError",
    "PaymentRunningError",
    "TenderedTooLittleError",
    "conclude_payment",
    "take_payment",
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
    sold: object | None = None,
) -> Payment:
    """Take `amount` minor units towards a charge (None: all that is owed) and return the payment.

    Cash and terminal payments are captured at once; `tendered` is the cash handed over, the payment says the change.
    Cards go to the provider, outside any transaction: look at the payment's `state` (captured, failed, or pending when
    the provider has not said), `captured_amount` (less than asked for after a partial approval) and `failure`. What two
    cards captured beyond what is owed goes back to the later one at once. `by_number` payers wait for a payment that is
    pending, nobody else does. The same key and body give the first answer.

    `sold` is what the charge is for, when the caller's transaction holds the locks of both and `charge` is as it is
    there: then nothing is locked again, and `charge_settled` hands it on. Not for cards.

    Raises NothingOwedError, AmountTooLargeError, TenderedTooLittleError, PaymentRunningError (409),
    IdempotencyConflictError (422) and NoProviderError.
    """
    order = Order(
        charge=charge,
        method=method,
        amount=amount,
        idempotency_key=idempotency_key,
        at=at,
        token=token,
        tendered=tendered,
        taken_by=taken_by,
        paid_by=paid_by,
        receipt_email=receipt_email,
        by_number=by_number,
        sold=sold,
    )
    return take_by_provider(order) if method in BY_PROVIDER else take_in_hand(order)
