"""Money: tariffs, charges and what moves them."""

from billing.models.charges import Charge, Credit, CreditKind
from billing.models.debts import Debt, DebtQuerySet
from billing.models.documents import Document, DocumentCounter, DocumentKind, DocumentQuerySet
from billing.models.payments import Payment, PaymentMethod, PaymentState, Refund, SimulatedCardPayment
from billing.models.saved_methods import SavedMethod
from billing.models.tariffs import Tariff

__all__ = [
    "Charge",
    "Credit",
    "CreditKind",
    "Debt",
    "DebtQuerySet",
    "Document",
    "DocumentCounter",
    "DocumentKind",
    "DocumentQuerySet",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "Refund",
    "SavedMethod",
    "SimulatedCardPayment",
    "Tariff",
]
