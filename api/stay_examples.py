"""What stays and the people who parked look like in the OpenAPI document."""

from typing import Any

from api.described_calls import described, page_of
from billing.services.debts import NothingOwedError
from billing.services.payments.order import AmountTooLargeError, PaymentRunningError
from billing.services.promo_codes import CodeUsedUpError
from common.time import InvalidInstantError
from merchants.services.giving import BudgetUsedUpError, TooLateToWithdrawError, ValidationLimitError
from tickets.paying import FeeChangedError
from tickets.queries import TicketNotFoundError
from tickets.services.discounts import NotStackableError, StayOverError
from tickets.services.stays import TicketStateError

_PUBLIC: dict[str, Any] = {
    "number": "PS-7K3M9QX244",
    "status": "active",
    "lot": "Central Garage",
    "plate": "ZH••••56",
    "entry_time": "2026-03-02T08:15:04+01:00",
    "exit_time": None,
}
_FEE: dict[str, Any] = {
    "amount": 1200,
    "currency": "CHF",
    "total": 1200,
    "credited": 0,
    "tax": 90,
    "lines": [
        {"label": "Week", "from": "2026-03-02T08:15:00+01:00", "to": "2026-03-02T10:47:00+01:00", "amount": 1200},
    ],
    "leave_by": None,
    "as_of": "2026-03-02T10:47:00+01:00",
    "ticket": _PUBLIC,
}
_PAID: dict[str, Any] = {
    "status": "captured",
    "amount": 1200,
    "refunded": 0,
    "currency": "CHF",
    "owed": 0,
    "failure": "",
    "receipt_number": "R-2026-004711",
    "leave_by": "2026-03-02T11:02:00+01:00",
    "ticket": _PUBLIC | {"status": "paid"},
}
_TYPE = {"id": 12, "name": "One hour free", "merchant": "Bakery", "discount": {"free_minutes": 60}}
_LOWERED = _FEE | {"amount": 800, "credited": 400, "tax": 60}
_STAY: dict[str, Any] = {
    "number": "PS-7K3M9QX244",
    "status": "active",
    "lot": "central",
    "plate": "ZH 123456",
    "entry_time": "2026-03-02T08:15:04+01:00",
    "exit_time": None,
    "spot": "A-12",
    "level": 0,
    "currency": "CHF",
    "due": 1200,
    "paid": 0,
    "owed": 1200,
}
_ME = {
    "email": "ada@example.com",
    "name": "Ada",
    "memberships": [{"operator": "acme", "name": "Acme Parking", "role": "attendant"}],
    "vehicles": [{"plate": "ZH 123456", "vehicle_type": "regular", "electric": False}],
    "saved_methods": [{"id": 3, "label": "Visa 4242"}],
}
_NOT_PAID = {
    "declined": "The card did not pay; providers also say why by short words of their own.",
    "cancelled": "The payer gave up.",
    "voided": "The payment was taken back before it took money.",
    "unavailable": "The provider of payments could not be asked; nothing was taken.",
    "expired": "The payment was not finished in time.",
    "abandoned": "The payment did not go through, as nobody finished it.",
    "timeout": "The card’s bank did not answer in time; nothing was taken.",
}
_MERCHANTS_ALONE = {403: {"forbidden": "You are no person of a merchant."}}

FEE = described(answers={200: _FEE}, errors=[TicketNotFoundError])
PAY = described(
    sent={"method": "card", "token": "tok_ok", "receipt_email": "ada@example.com"},
    answers={200: _PAID, 202: _PAID | {"status": "pending", "amount": 0, "owed": 1200, "receipt_number": None}},
    refused={402: _NOT_PAID},
    errors=[
        *(TicketNotFoundError, TicketStateError, PaymentRunningError, NothingOwedError, AmountTooLargeError),
        *(FeeChangedError, CodeUsedUpError, NotStackableError),
    ],
)
VALIDATION_TYPES = described(answers={200: [_TYPE]}, refused=_MERCHANTS_ALONE)
VALIDATE = described(
    sent={"type": 12},
    answers={200: _LOWERED},
    refused=_MERCHANTS_ALONE,
    errors=[TicketNotFoundError, ValidationLimitError, BudgetUsedUpError, StayOverError, NotStackableError],
)
WITHDRAW_VALIDATION = described(
    answers={200: _FEE}, refused=_MERCHANTS_ALONE, errors=[TicketNotFoundError, TooLateToWithdrawError]
)
ME = described(answers={200: _ME})
OWN_STAY = described(sent={"ticket": "PS-7K3M9QX244"}, answers={200: _STAY}, errors=[TicketNotFoundError])
STAYS = described(answers={200: page_of(_STAY)}, errors=[InvalidInstantError])
