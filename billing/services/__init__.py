"""Every write of money. The charge is locked first, then the rows below it."""

from billing.services.charges import (
    CreditTooLargeError,
    assess_charge,
    assess_locked,
    credit_charge,
    credit_locked,
    lock_charge,
    new_charge,
    reverse_credit_locked,
)
from billing.services.debts import (
    REGIONS_AT_LIMIT,
    DebtStillOwedError,
    NothingOwedError,
    cancel_debt_of,
    debts_lock,
    new_block,
    new_debt,
    record_debt,
    settle_debt,
)
from billing.services.payments import (
    PAID_TWICE,
    AmountTooLargeError,
    IdempotencyConflictError,
    PaymentRunningError,
    TenderedTooLittleError,
    conclude_payment,
    take_payment,
)
from billing.services.refunds import RefundKeyUsedError, RefundTooLargeError, refund_payment, return_refund

__all__ = [
    "PAID_TWICE",
    "REGIONS_AT_LIMIT",
    "AmountTooLargeError",
    "CreditTooLargeError",
    "DebtStillOwedError",
    "IdempotencyConflictError",
    "NothingOwedError",
    "PaymentRunningError",
    "RefundKeyUsedError",
    "RefundTooLargeError",
    "TenderedTooLittleError",
    "assess_charge",
    "assess_locked",
    "cancel_debt_of",
    "conclude_payment",
    "credit_charge",
    "credit_locked",
    "debts_lock",
    "lock_charge",
    "new_block",
    "new_charge",
    "new_debt",
    "record_debt",
    "refund_payment",
    "return_refund",
    "reverse_credit_locked",
    "settle_debt",
    "take_payment",
]
