"""Public API endpoint for quotes."""

from typing import Any

from django.http import HttpRequest
from django.utils.timezone import now
from ninja import Field, Router, Schema
from pydantic import StrictBool

from accounts.vehicles import VehicleType
from api.lot_examples import QUOTE
from billing.code_tries import check_code_tries
from billing.pricing.discounts import MOST_DISCOUNTS
from billing.pricing.parsing import MOST_STAYS
from billing.quoting import Wish, quote
from common.time import parse_instant
from lots.access import get_public_lot
from lots.compatibility import SpotType

router = Router(tags=["Public"])


class QuoteIn(Schema):
    """A stay from entry to exit or, with `reservation`, a booking of that period."""

    entry: str = Field(json_schema_extra={"format": "date-time"})
    exit: str = Field(json_schema_extra={"format": "date-time"})
    spot_type: SpotType = SpotType.REGULAR
    vehicle_type: VehicleType = VehicleType.REGULAR
    discounts: list[dict[str, Any]] = Field(default_factory=list, max_length=MOST_DISCOUNTS)
    reservation: StrictBool = False
    stays_before: int = Field(
        0, strict=True, ge=0, le=MOST_STAYS, description="Paid stays of the plate in the month before it"
    )
    promo_code: str | None = Field(None, max_length=40)


class QuoteOut(Schema):
    """A price in minor units of its currency. Tax is part of the total, and the lines add up to it."""

    total: int
    tax: int
    currency: str
    lines: list[dict[str, Any]]


@router.post(
    "/lots/{slug}/quote", response=QuoteOut, summary="What a stay or a booking would cost", openapi_extra=QUOTE
)
def post_quote(request: HttpRequest, slug: str, body: QuoteIn) -> dict[str, Any]:
    """Price a stay or, with `reservation`, a booking (without grace and free minutes)."""
    lot = get_public_lot(slug)
    check_code_tries(request, body.promo_code)
    wish = Wish(
        entry=parse_instant(body.entry, path="entry"),
        exit=parse_instant(body.exit, path="exit"),
        spot_type=body.spot_type,
        vehicle_type=body.vehicle_type,
        discounts=body.discounts,
        reservation=body.reservation,
        promo_code=body.promo_code or "",
        stays_before=body.stays_before,
    )
    price = quote(lot, wish, at=now())
    lines = [line.as_json() for line in price.lines]
    return {"total": price.total, "tax": price.tax, "currency": lot.currency, "lines": lines}
