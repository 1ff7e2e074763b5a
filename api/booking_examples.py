"""What bookings look like in the OpenAPI document."""

from typing import Any

from api.described_calls import described, page_of
from billing.quoting import NoTariffError
from billing.services.payments.order import PaymentRunningError
from billing.services.promo_codes import CodeUsedUpError
from common.phones import PhoneError
from common.plates import PlateError
from common.time import InvalidInstantError
from notifications.phone_codes import NoTextsError, TooManyCodesError, WrongPhoneCodeError
from reservations.booked_time import InvalidPeriodError
from reservations.booker_phones import PhoneCodeNeededError
from reservations.limits import AccountDeletedError, AlreadyBookedError, BookingBlockedError, BookingLimitError
from reservations.services.booking import NotBookableError
from reservations.services.changing import BookingStateError
from reservations.services.giving_places import NoAvailabilityError
from reservations.services.paying import PaymentDeclinedError

_POLICY: dict[str, Any] = {
    "cancel_free_until": "2026-03-02T11:00:00+01:00",
    "late_cancel_fee": 400,
    "no_show_at": "2026-03-02T12:30:00+01:00",
    "no_show_fee": 800,
    "arrive_from": "2026-03-02T11:30:00+01:00",
    "early_from": "2026-03-02T11:45:00+01:00",
    "late_until": "2026-03-02T14:15:00+01:00",
    "early": None,
    "overstay": [{"minutes": 30, "fee": 200}],
}
_LINE = {"label": "Week", "from": "2026-03-02T12:00:00+01:00", "to": "2026-03-02T14:00:00+01:00", "amount": 800}
_QUOTED = {"available": 9, "price": 800, "tax": 60, "currency": "CHF", "lines": [_LINE], "policy": _POLICY}
_PERIOD = {"start": "2026-03-02T12:00:00+01:00", "end": "2026-03-02T14:00:00+01:00"}
_BOOKING: dict[str, Any] = {
    "id": 602,
    "code": "BK-4XQ79KTM2A",
    "status": "confirmed",
    "lot": "central",
    "spot": "A-12",
    "level": 0,
    "spot_type": "regular",
    **_PERIOD,
    "plate": "ZH 123456",
    "vehicle_type": "regular",
    "email": "ada@example.com",
    "price": 800,
    "currency": "CHF",
    "prepay": "hold",
    "held": 800,
    "paid": 0,
    "fee": 0,
    "refunded": 0,
    "page_url": None,
    "policy": _POLICY,
}
_PENDING = {"status": "pending", "held": 0, "page_url": "https://parking.example/cards/8c1f/"}
_MADE = _BOOKING | {"warnings": []}
_WARNED = [{"code": "booked_elsewhere", "message": "This plate is booked in North Garage at the same time."}]
_CHANGED = _BOOKING | {"end": "2026-03-02T15:00:00+01:00", "price": 1200, "warnings": _WARNED, "difference": 400}
_CANCELLED = _BOOKING | {"status": "cancelled", "held": 0, "fee": 400, "paid": 400, "refunded": 400}
_REPORTED = _BOOKING | {"report": "waiting", "turned_away_at": None}
_OFFERING = [InvalidInstantError, InvalidPeriodError, NotBookableError, NoTariffError, CodeUsedUpError]
_PAYING = {
    402: {"payment_required": "It has to be paid now, and no card was sent."},
    404: {"not_found": "There is no such lot or saved card, or it is not yours."},
}
_TAKING = [
    *(PaymentDeclinedError, PaymentRunningError, NoAvailabilityError, AlreadyBookedError),
    *(BookingBlockedError, AccountDeletedError),
]

QUOTE_BOOKING = described(
    sent={"lot": "central", "spot_type": "regular", **_PERIOD},
    answers={200: _QUOTED},
    refused={404: {"not_found": "There is no such lot, or you may not see it."}},
    errors=_OFFERING,
)
BOOK = described(
    sent={"lot": "central", **_PERIOD, "plate": "ZH 123456", "payment": {"token": "tok_ok"}},
    answers={201: _MADE, 202: _MADE | _PENDING},
    refused=_PAYING,
    errors=[
        *(*_OFFERING, *_TAKING, BookingLimitError, PlateError),
        *(PhoneError, PhoneCodeNeededError, WrongPhoneCodeError, TooManyCodesError, NoTextsError),
    ],
)
BOOKINGS = described(answers={200: page_of(_BOOKING)}, errors=[InvalidInstantError, PlateError])
BOOKING = described(answers={200: _BOOKING})
CHANGE_BOOKING = described(
    sent={"end": "2026-03-02T15:00:00+01:00"},
    answers={200: _CHANGED, 202: _CHANGED | _PENDING},
    refused=_PAYING | {404: {"not_found": "There is no such booking or saved card, or it is not yours."}},
    errors=[*_OFFERING, *_TAKING, BookingStateError, PlateError],
)
CANCEL_BOOKING = described(answers={200: _CANCELLED}, errors=[BookingStateError])
NOT_PARKED = described(answers={200: _REPORTED}, errors=[BookingStateError])
