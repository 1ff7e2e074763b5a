"""Schemas of the endpoints for bookings."""

from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import ValidationInfo, field_validator

from accounts.vehicles import VehicleType
from api.bodies import EmailText, ObjectIn, PlainText
from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize
from lots.compatibility import SpotType

Instant = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Slug = Annotated[PlainText, Field(max_length=60)]
SpotNumber = Annotated[PlainText, Field(max_length=32)]


class BookingQuoteIn(ObjectIn):
    """A period and a spot type to ask a lot for."""

    lot: Slug
    spot_type: SpotType = SpotType.REGULAR
    vehicle_type: VehicleType = VehicleType.REGULAR
    start: Instant
    end: Instant
    promo_code: Annotated[str, Field(max_length=40)] | None = None


class CardIn(ObjectIn):
    """The card that pays: a `token` of the payment provider, or the id of a `saved_method` of yours (`GET /me`)."""

    saved_method: Annotated[int, Field(strict=True, ge=1)] | None = None
    token: PlainText | None = Field(None, min_length=1, max_length=200, validate_default=True)

    @field_validator("token")
    @classmethod
    def _is_one(cls, token: str | None, sent: ValidationInfo) -> str | None:
        if (token is None) == (sent.data.get("saved_method") is None):
            raise ValueError(_("Send either a token or a saved_method."))
        return token


class BookingIn(ObjectIn):
    """What to book. Without a `spot`, any of the type.

    With `driver` null an operator's person books for a caller, who may have an `email`; else who asks is the driver.
    Where the lot verifies a `phone`, 422 `phone_code_needed` tells that its code was sent: send the same again with it.
    """

    lot: Slug
    spot_type: SpotType = SpotType.REGULAR
    spot: SpotNumber | None = None
    start: Instant
    end: Instant
    plate: str
    vehicle_type: VehicleType = VehicleType.REGULAR
    promo_code: Annotated[str, Field(max_length=40)] | None = None
    payment: CardIn | None = None
    phone: PlainText = Field("", max_length=30)
    phone_code: PlainText = Field("", max_length=12)
    driver: None = None
    email: EmailText = Field("", max_length=254)

    @property
    def is_for_caller(self) -> bool:
        """Return whether the driver was said to be nobody, which is not the same as saying nothing."""
        return "driver" in self.model_fields_set


class BookingChangeIn(ObjectIn):
    """What to change; what is left out stays. With `spot` null, any of the type will do."""

    # By factories, as a default that the document names would be sent by who fills in its example.
    start: Instant = Field(default_factory=str)
    end: Instant = Field(default_factory=str)
    spot: SpotNumber | None = None
    spot_type: SpotType = Field(default_factory=lambda: SpotType.REGULAR)
    plate: str = Field(default_factory=str)
    payment: CardIn | None = None


class BookingsQuery(Schema):
    """Filters of the list of bookings; `from` and `to` (RFC 3339 with an offset) limit their start."""

    status: str = ""
    since: str = Field("", alias="from")
    until: str = Field("", alias="to")
    lot: Slug = ""
    plate: str = ""
    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE


class FeeBeyondOut(Schema):
    """The fee for so many minutes outside the booked time."""

    minutes: int
    fee: int


class BookingPolicyOut(Schema):
    """What changes of mind cost.

    The lane opens from `arrive_from` on; `early` is the fee for coming then, null when that is free. From `early_from`
    to `late_until` nothing is added to the price.
    """

    cancel_free_until: datetime
    late_cancel_fee: int
    no_show_at: datetime
    no_show_fee: int
    arrive_from: datetime
    early_from: datetime
    late_until: datetime
    early: FeeBeyondOut | None
    overstay: list[FeeBeyondOut]


class BookingQuoteOut(Schema):
    """How many places are free for all of a period, and what one would cost, in minor units with tax."""

    available: int
    price: int
    tax: int
    currency: str
    lines: list[dict[str, Any]]
    policy: BookingPolicyOut


class BookingOut(Schema):
    """A booking, with its money in minor units of `currency`.

    `spot` is null where cars are only counted. Of the `price`, `held` is held on a card and `paid` taken and not
    `refunded`. `fee` is what a late cancellation or a no-show cost. While `page_url` is not null, the payer has to act
    there.
    """

    id: int
    code: str
    status: str
    lot: str
    spot: str | None
    level: int | None
    spot_type: str
    start: datetime
    end: datetime
    plate: str
    vehicle_type: str
    email: str
    price: int
    currency: str
    prepay: str
    held: int
    paid: int
    fee: int
    refunded: int
    page_url: str | None
    policy: BookingPolicyOut


class BookingWarningOut(Schema):
    """Something odd about a booking that was made nevertheless."""

    code: str
    message: str


class MadeBookingOut(BookingOut):
    """A booking that was just made, and what is odd about it.

    `booked_elsewhere`: the same plate is booked in another lot at the same time, as far as you may see that.
    """

    warnings: list[BookingWarningOut]


class ChangedBookingOut(MadeBookingOut):
    """A booking after a change; its price rises by the `difference` (negative: falls)."""

    difference: int


class ReportedBookingOut(BookingOut):
    """A booking of which was said that there was no place.

    `report`: waiting, refunded, rejected or parked (the car came in after all). It is decided by itself when a lane
    turned the car away, at `turned_away_at`; without that a person decides.
    """

    report: str
    turned_away_at: datetime | None


class BookingsOut(Schema):
    """A page of bookings."""

    items: list[BookingOut]
    total: int
    page: int
    page_size: int
