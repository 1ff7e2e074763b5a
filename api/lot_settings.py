"""The settings of a lot as programs read and send them: the fields of the site file, checked by the same rules."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from ninja import Schema

from common.errors import DomainError, FieldError
from lots.checks import MOST_AMENITIES
from lots.models import Lot
from sites.lot_reading import CHECKED, CHOICES, FLAGS, NULLABLE, NUMBERS, TEXTS, WHOLE, read_settings
from sites.site_reader import SiteReader

_ROOT = "$"
SETTINGS = ("name", *FLAGS, *TEXTS, *CHOICES, *NUMBERS, *WHOLE, *CHECKED)
STATES = ("closed", "archived")


class LotSettingsOut(Schema):
    """All settings of a lot; times in minutes unless named otherwise, amounts in minor units of its currency."""

    slug: str
    operator: str
    name: str
    published: bool
    closed: bool
    archived: bool
    address: str
    postal_code: str
    city: str
    latitude: float | None
    longitude: float | None
    timezone: str
    currency: str
    language: str
    second_language: str
    holidays: dict[str, Any]
    opening_hours: dict[str, Any]
    amenities: list[Any]
    max_height_cm: int | None
    tracking: str
    allocation: str
    counts_reset_hour: int | None
    low_confidence: str
    confidence_threshold: float
    dedupe_seconds: int
    passing_seconds: int
    oldest_record_days: int
    lane_fee_limit: int | None
    plates_by_region: bool
    cash_rounding: int
    early_minutes: int
    protect_minutes: int
    reentry_minutes: int
    hold_minutes: int
    turnaround_minutes: int
    no_show_minutes: int
    cancel_minutes: int
    early_grace_minutes: int
    late_grace_minutes: int
    bookable: bool
    asks_phone: bool
    booking_share_percent: dict[str, int]
    prepay: str
    late_cancel_percent: int
    no_show_percent: int
    kept_days: dict[str, int]
    created_at: datetime


class LotsSettingsOut(Schema):
    """A page of lots with their settings."""

    items: list[LotSettingsOut]
    total: int
    page: int
    page_size: int


def tell_lot(lot: Lot) -> LotSettingsOut:
    """Return a lot, loaded with its operator, as answers show it."""
    values: dict[str, Any] = {name: getattr(lot, name) for name in ("slug", *SETTINGS, "created_at")}
    states = {"closed": lot.is_closed, "archived": lot.archived_at is not None}
    return LotSettingsOut(operator=lot.operator.slug, **values | states)


def read_lot_values(data: Mapping[str, Any], also: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings in a body by the names of the lot's fields, and the slug if it is there.

    Raises DomainError with each wrong value, and each field that is none of a lot's or `also`.
    """
    reader = SiteReader(_ROOT)
    reader.fields(data, _ROOT, ("slug", *SETTINGS, *also))
    values = read_settings(reader, data, _ROOT)
    if "slug" in data:
        values["slug"] = reader.slug(data["slug"], f"{_ROOT}.slug")
    if "closed" in data:
        values["is_closed"] = reader.flag(data["closed"], f"{_ROOT}.closed")
    if "archived" in data:
        reader.flag(data["archived"], f"{_ROOT}.archived")
    refuse_wrong(reader.errors)
    return values


def refuse_wrong(errors: list[FieldError]) -> None:
    """Raise a DomainError that names each wrong value by its place in the body."""
    if errors:
        found = [FieldError(one.path.removeprefix(f"{_ROOT}."), one.message) for one in errors]
        raise DomainError(_("Some values are invalid; see errors."), errors=found)


def body_of_lot(*, also: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return what the OpenAPI document says of a body with a lot's settings."""
    fields: dict[str, Any] = {"slug": _SLUG, "name": {"type": "string", "maxLength": 120}, "operator": _SLUG}
    fields |= {name: {"type": "boolean"} for name in (*FLAGS, *STATES)}
    fields |= {name: {"type": "string", "maxLength": longest} for name, longest in TEXTS.items()}
    fields |= {name: {"type": "string", "enum": choices} for name, choices in CHOICES.items()}
    fields |= {name: _bounded("number", name, *bounds) for name, bounds in NUMBERS.items()}
    fields |= {name: _bounded("integer", name, 0, most) for name, most in WHOLE.items()}
    fields |= {name: {"type": "string"} for name in ("timezone", "currency")}
    fields |= {name: {"type": "object"} for name in ("holidays", "opening_hours", "booking_share_percent", "kept_days")}
    fields["amenities"] = {"type": "array", "items": {"type": "string"}, "maxItems": MOST_AMENITIES}
    known = ("slug", *SETTINGS, *also)
    schema: dict[str, Any] = {"type": "object", "properties": {name: fields[name] for name in known}}
    schema |= {"additionalProperties": False} | ({"required": list(needed)} if needed else {})
    example = {"slug": "north", "name": "North Garage", "timezone": "Europe/Zurich", "city": "Zürich"}
    content = {
        "schema": schema,
        "example": example if needed else {"opening_hours": {"sun": "closed"}, "closed": False},
    }
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


_SLUG = {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,60}$"}


def _bounded(kind: str, name: str, least: float, most: float) -> dict[str, Any]:
    return {"type": [kind, "null"] if name in NULLABLE else kind, "minimum": least, "maximum": most}
