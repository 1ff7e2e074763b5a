"""What passes look like in the OpenAPI document."""

from typing import Any

from api.described_calls import described, page_of
from billing.services.payments.order import PaymentRunningError
from common.plates import PlateError
from passes.errors import (
    HolderDeletedError,
    PassesOverlapError,
    PassNotSoldError,
    PassPaymentDeclinedError,
    PassStateError,
    PlateOnPassError,
    PlateParkedError,
    SwapLimitError,
    TooManyPlatesError,
)

_TERMS: dict[str, Any] = {
    "name": "Month",
    "kind": "month",
    "lots": ["central"],
    "price": 18000,
    "currency": "CHF",
    "tax_percent": "8.1",
    "period_months": 1,
    "period_days": 0,
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "opens_minute": 360,
    "closes_minute": 1260,
    "spot_types": ["regular"],
    "most_plates": 2,
    "spaces": 1,
    "entries": None,
    "per_day": False,
    "renewal": "none",
    "grace_days": 3,
    "swaps_per_month": 2,
    "pool_full": "pay",
    "cancel_fee": 2000,
}
_LISTED: dict[str, Any] = _TERMS | {
    "id": 77,
    "code": "PP-7KQ2M4XR9A",
    "status": "active",
    "company": None,
    "holder": "Ada",
    "valid_from": "2026-03-01",
    "valid_until": "2026-03-31",
    "entries_left": None,
    "inside": 0,
}
_PERIOD = {"number": 1, "first_day": "2026-03-01", "last_day": "2026-03-31", "price": 18000, "owed": 0}
_PASS: dict[str, Any] = _LISTED | {
    "swaps_left": 2,
    "plates": [{"plate": "ZH 123456", "label": "", "added_at": "2026-02-27T09:00:00+01:00"}],
    "periods": [_PERIOD | {"begun": True, "dropped": False}],
    "page_url": None,
}
_DRAFT = {"status": "draft", "page_url": "https://parking.example/cards/8c1f/"}
_PLATES = [PlateError, TooManyPlatesError, PassesOverlapError, HolderDeletedError]

OFFERS = described(answers={200: page_of(_TERMS | {"id": 9, "terms": "Weekdays from 6 to 21."})})
PASSES = described(answers={200: page_of(_LISTED)}, errors=[PlateError])
BUY_PASS = described(
    sent={"offer": 9, "plates": ["ZH 123456"], "valid_from": "2026-03-01", "payment": {"token": "tok_ok"}},
    answers={201: _PASS, 202: _PASS | _DRAFT},
    refused={404: {"not_found": "There is no such pass, company or saved card, or it is not yours."}},
    errors=[*_PLATES, PassPaymentDeclinedError, PaymentRunningError, PassNotSoldError, PassStateError],
)
PASS = described(answers={200: _PASS})
CHANGE_PASS = described(
    sent={"status": "suspended", "why": "Away until June"},
    answers={200: _PASS | {"status": "suspended"}},
    errors=[*_PLATES, PassStateError],
)
PASS_PLATE = described(
    sent={"plate": "ZH 654321", "label": "Van", "in_place_of": "ZH 123456"},
    answers={201: _PASS},
    errors=[*_PLATES, PassStateError, PlateOnPassError, PlateParkedError, SwapLimitError],
)
