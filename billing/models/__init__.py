"""Money: tariffs, charges and what moves them."""

from billing.models.automatic import (
    AutomaticPayment,
    Objection,
    ObjectionOutcome,
    ObjectionQuerySet,
    WithdrawnWhy,
)
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
from billing.models.documents import Document, DocumentCounter, DocumentKind, DocumentQuerySet
from billing.models.dunning import DebtAppeal, DebtReminder
from billing.models.payments import Payment, PaymentMethod, PaymentState, Refund, SimulatedCardPayment
from billing.models.promo_codes import PromoCode, PromoUse
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
from billing.models.tariff_drafts import ChangedBy, PricesOf, TariffChange, TariffDraft
from billing.models.tariffs import Tariff
from billing.models.vouchers import Voucher

__all__ = [
    "AutomaticPayment",
    "BookLine",
    "CardSetup",
    "CashMovement",
    "ChangedBy",
    "Charge",
    "Credit",
    "CreditKind",
    "DailyClose",
    "Debt",
    "DebtAppeal",
    "DebtQuerySet",
    "DebtReminder",
    "Document",
    "DocumentCounter",
    "DocumentKind",
    "DocumentQuerySet",
    "HourlySum",
    "MonthlySum",
    "MovementKind",
    "Objection",
    "ObjectionOutcome",
    "ObjectionQuerySet",
    "OperatorSum",
    "Payment",
    "PaymentMethod",
    "PaymentState",
    "Posting",
    "PostingKind",
    "PricesOf",
    "PromoCode",
    "PromoUse",
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
    "TariffChange",
    "TariffDraft",
    "TenderKind",
    "Voucher",
    "WithdrawnWhy",
]
