"""Money: tariffs, charges and what moves them."""

from billing.models.automatic import (
    AutomaticPayment,
    Objection,
    ObjectionOutcome,
    ObjectionQuerySet,
    WithdrawnWhy,
)
from billing.models.charges import Charge, Credit, CreditKind
from billing.models.debts import Debt, DebtQuerySet
from billing.models.documents import Document, DocumentCounter, DocumentKind, DocumentQuerySet
from billing.models.dunning import DebtAppeal, DebtReminder
from billing.models.payments import Payment, PaymentMethod, PaymentState, Refund, SimulatedCardPayment
from billing.models.provider_events import ProviderEvent
from billing.models.refund_requests import RefundRequest, RefundRequestState
from billing.models.saved_methods import CardSetup, SavedMethod
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
    "AutomaticPayment",
    "CardSetup",
    "CashMovement",
    "Charge",
    "Credit",
    "CreditKind",
    "Debt",
    "DebtAppeal",
    "DebtQuerySet",
    "DebtReminder",
    "Document",
    "DocumentCounter",
    "DocumentKind",
    "DocumentQuerySet",
    "MovementKind",
    "Objection",
    "ObjectionOutcome",
    "ObjectionQuerySet",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "ProviderEvent",
    "Refund",
    "RefundRequest",
    "RefundRequestState",
    "SavedMethod",
    "Shift",
    "ShiftCount",
    "ShiftReopening",
    "ShiftState",
    "SimulatedCardPayment",
    "Tariff",
    "TenderKind",
    "WithdrawnWhy",
]
