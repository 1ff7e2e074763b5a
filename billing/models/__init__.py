"""Money: tariffs, charges and what moves them."""

from billing.models.books import (
    BookLine,
    DailyClose,
    HourlySum,
    MonthlySum,
    OperatorSum,
    Posting,
    PostingKind,
)
from billing.models.charges import Charge, Credit, CreditKind
from billing.models.debts import Debt, DebtQuerySet
from billing.models.payments import Payment, PaymentMethod, PaymentState, Refund, SimulatedCardPayment
from billing.models.receipts import Receipt, ReceiptSequence
from billing.models.saved_methods import SavedMethod
from billing.models.tariffs import Tariff

__all__ = [
    "BookLine",
    "Charge",
    "Credit",
    "CreditKind",
    "DailyClose",
    "Debt",
    "DebtQuerySet",
    "HourlySum",
    "MonthlySum",
    "OperatorSum",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "Posting",
    "PostingKind",
    "Receipt",
    "ReceiptSequence",
    "Refund",
    "SavedMethod",
    "SimulatedCardPayment",
    "Tariff",
]
