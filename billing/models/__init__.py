"""Money: tariffs, charges and what moves them."""

from billing.models.charges import Charge, Credit, CreditKind
from billing.models.debts import Debt, DebtQuerySet
from billing.models.payments import Payment, PaymentMethod, PaymentState, Refund, SimulatedCardPayment
from billing.models.receipts import Receipt, ReceiptSequence
from billing.models.tariffs import Tariff

__all__ = [
    "Charge",
    "Credit",
    "CreditKind",
    "Debt",
    "DebtQuerySet",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "Receipt",
    "ReceiptSequence",
    "Refund",
    "SimulatedCardPayment",
    "Tariff",
]
