"""What an operator's people and its lots' settings look like in the OpenAPI document."""

from typing import Any

from accounts.invitations import MemberExistsError
from accounts.services import LastAdminError
from api.described_calls import IF_MATCH, IF_NONE_MATCH, described, page_of
from api.lot_settings import STATES, body_of_lot
from gates.services.publishing import LotNotReadyError
from lots.opening_hours import OpeningHoursError
from lots.services.lots import CurrencyFixedError, InvalidLotError, SlugTakenError, TrackingFixedError
from tickets.services.archiving import LotOccupiedError
from tickets.services.plate_regions import PlatesAlikeError

_ADMINS_ALONE = {403: {"forbidden": "You are no admin there."}}
_OPERATORS = _ADMINS_ALONE | {404: {"not_found": "There is no such operator, or you may not see it."}}
_MEMBER: dict[str, Any] = {
    "id": 34,
    "email": "ada@example.com",
    "name": "Ada",
    "operator": "acme",
    "role": "attendant",
    "lots": ["north"],
    "since": "2026-01-05T09:00:00Z",
}
_INVITATION: dict[str, Any] = {
    "id": 71,
    "email": "ada@example.com",
    "operator": "acme",
    "role": "attendant",
    "lots": ["north"],
    "invited_at": "2026-01-05T08:00:00Z",
    "expires_at": "2026-01-12T08:00:00Z",
}
_SETTINGS: dict[str, Any] = {
    "slug": "north",
    "operator": "acme",
    "name": "North Garage",
    "published": False,
    "closed": False,
    "archived": False,
    "address": "7 North St",
    "postal_code": "8005",
    "city": "Zürich",
    "latitude": 47.3912,
    "longitude": 8.5182,
    "timezone": "Europe/Zurich",
    "currency": "CHF",
    "language": "de",
    "second_language": "en",
    "holidays": {"country": "CH", "subdivision": "ZH", "extra": ["2026-04-20"]},
    "opening_hours": {"mon-fri": "06:00-24:00", "sat": "08:00-22:00", "sun,holiday": "closed"},
    "amenities": ["lift", "cctv"],
    "max_height_cm": 200,
    "tracking": "spots",
    "allocation": "nearest_entrance",
    "counts_reset_hour": None,
    "kept_days": {"paid_plates": 1, "images": 14},
    "low_confidence": "ticket",
    "confidence_threshold": 0.8,
    "dedupe_seconds": 30,
    "passing_seconds": 120,
    "oldest_record_days": 7,
    "lane_fee_limit": None,
    "plates_by_region": False,
    "cash_rounding": 5,
    "early_minutes": 15,
    "protect_minutes": 30,
    "reentry_minutes": 0,
    "hold_minutes": 30,
    "turnaround_minutes": 15,
    "no_show_minutes": 30,
    "cancel_minutes": 60,
    "early_grace_minutes": 15,
    "late_grace_minutes": 15,
    "bookable": True,
    "asks_phone": False,
    "booking_share_percent": {"regular": 50},
    "prepay": "hold",
    "late_cancel_percent": 50,
    "no_show_percent": 100,
    "created_at": "2026-03-02T11:20:00Z",
}
_SET = [InvalidLotError, OpeningHoursError, TrackingFixedError, CurrencyFixedError, PlatesAlikeError]

USERS = described(answers={200: page_of(_MEMBER)}, refused=_ADMINS_ALONE)
INVITE = described(
    sent={"email": "ada@example.com", "role": "attendant", "lots": ["north"]},
    answers={201: _INVITATION},
    refused=_OPERATORS,
    errors=[MemberExistsError],
)
WITHDRAW_INVITATION = described()
USER = described(answers={200: _MEMBER}, header=IF_NONE_MATCH)
CHANGE_USER = described(
    sent={"role": "admin"},
    answers={200: _MEMBER | {"role": "admin", "lots": None}},
    errors=[LastAdminError],
    header=IF_MATCH,
)
REMOVE_USER = described(errors=[LastAdminError], header=IF_MATCH)

LOTS = described(answers={200: page_of(_SETTINGS)})
SETTINGS = described(answers={200: _SETTINGS}, refused=_ADMINS_ALONE, header=IF_NONE_MATCH)
ADD_LOT = body_of_lot(also=("operator",), needed=("slug", "name", "timezone")) | described(
    answers={201: _SETTINGS}, refused=_OPERATORS, errors=[*_SET, SlugTakenError]
)
CHANGE_LOT = body_of_lot(also=STATES) | described(
    answers={200: _SETTINGS | {"closed": True}},
    refused=_ADMINS_ALONE,
    errors=[*_SET, SlugTakenError, LotNotReadyError],
    header=IF_MATCH,
)
ARCHIVE_LOT = described(
    answers={200: _SETTINGS | {"archived": True}}, refused=_ADMINS_ALONE, errors=[LotOccupiedError], header=IF_MATCH
)
