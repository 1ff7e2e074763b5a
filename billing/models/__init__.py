"""Money: tariffs, charges and what moves them."""

from billing.models.charges import Charge, Credit, CreditKind
from billing.models.debts import Debt, DebtQuerySet
from billing.models.dunning import DebtAppeal, DebtReminder
from billing.models.payments import Payment, PaymentMethod, PaymentState, Refund, SimulatedCardPayment
from billing.models.receipts import Receipt, ReceiptSequence
from billing.models.refund_requests import RefundRequest, RefundRequestState
from billing.models.saved_methods import SavedMethod
from billing.models.tariffs import Tariff

__all__ = [
    "Charge",
    "Credit",
    "CreditKind",
    "Debt",
    "DebtAppeal",
    "DebtQuerySet",
    "DebtReminder",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "Receipt",
    "ReceiptSequence",
    "Refund",
    "RefundRequest",
    "RefundRequestState",
    "SavedMethod",
    "SimulatedCardPayment",
    "Tariff",
]
