"""Money: tariffs, charges and what moves them."""

from billing.models.charges import Charge, Credit, CreditKind
from billing.models.debts import Debt, DebtQuerySet
from billing.models.payments import Payment, PaymentMethod, PaymentState, Refund, SimulatedCardPayment
from billing.models.receipts import Receipt, ReceiptSequence
from billing.models.saved_methods import SavedMethod
from billing.models.shifts import (
    CashMovement,
    MovementKind,
    Shift,
    ShiftCount,
    ShiftReopening,
    ShiftState,
    TenderKind,
)
from billing.models.tariffs import Tariff

__all__ = [
    "CashMovement",
    "Charge",
    "Credit",
    "CreditKind",
    "Debt",
    "DebtQuerySet",
    "MovementKind",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "Receipt",
    "ReceiptSequence",
    "Refund",
    "SavedMethod",
    "Shift",
    "ShiftCount",
    "ShiftReopening",
    "ShiftState",
    "SimulatedCardPayment",
    "Tariff",
    "TenderKind",
]
