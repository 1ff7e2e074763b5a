"""Money: tariffs, charges and what moves them."""

from billing.models.charges import Charge, Credit, CreditKind
from billing.models.debts import Debt, DebtQuerySet
from billing.models.payments import Payment, PaymentMethod, PaymentState, Refund, SimulatedCardPayment
from billing.models.provider_events import ProviderEvent
from billing.models.receipts import Receipt, ReceiptSequence
from billing.models.saved_methods import CardSetup, SavedMethod
from billing.models.tariffs import Tariff

__all__ = [
    "CardSetup",
    "Charge",
    "Credit",
    "CreditKind",
    "Debt",
    "DebtQuerySet",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "ProviderEvent",
    "Receipt",
    "ReceiptSequence",
    "Refund",
    "SavedMethod",
    "SimulatedCardPayment",
    "Tariff",
]
