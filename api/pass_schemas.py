"""Schemas of the endpoints for passes."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from ninja import Field, Schema

from api.bodies import EmailText, ObjectIn, PlainText
from api.booking_schemas import CardIn, Slug
from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize
from passes.pass_rules import PassRenewal, PoolFull

Key = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1)]
Count = Annotated[int, Field(strict=True, ge=1, le=10_000)]
Plate = Annotated[PlainText, Field(max_length=64)]


class WishedStatus(StrEnum):
    """The states that a person can bring a pass to."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"


class PassHolderIn(ObjectIn):
    """Who gets a pass from an operator's admin: a company, or a name with an address."""

    company: Key | None = None
    name: PlainText = Field("", max_length=120)
    email: EmailText = Field("", max_length=254)


class PassIn(ObjectIn):
    """A pass to buy, by `payment`; or, with a `holder`, one that an operator's admin gives.

    It lasts a whole period from `valid_from` on, a day of the lot's calendar. `valid_until`, `invoiced` and `note` are
    for passes that are given.
    """

    offer: Key
    plates: list[Plate] = Field(default_factory=list, max_length=10_000)
    valid_from: date
    valid_until: date | None = None
    payment: CardIn | None = None
    holder: PassHolderIn | None = None
    invoiced: Annotated[bool, Field(strict=True)] = False
    note: PlainText = Field("", max_length=200)


class PassChangeIn(ObjectIn):
    """What to change: the terms, and `why`, by an operator's admin; the `renewal` by its holder; or the `status`."""

    valid_until: date | None = None
    most_plates: Count | None = None
    spaces: Count | None = None
    pool_full: PoolFull | None = None
    status: WishedStatus | None = None
    renewal: PassRenewal | None = None
    saved_method: Key | None = None
    why: PlainText = Field("", max_length=200)


class PassPlateIn(ObjectIn):
    """A plate to add to a pass, or to put in place of another one of its plates."""

    plate: Plate
    label: PlainText = Field("", max_length=80)
    in_place_of: Plate | None = None


class PassesQuery(Schema):
    """Filters of the list of passes."""

    status: str = ""
    lot: Slug = ""
    plate: str = ""
    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE


class PassOffersQuery(Schema):
    """Filters of what is sold."""

    lot: Slug = ""
    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE


class PassTermsOut(Schema):
    """When, where and for how many cars a pass counts; `spaces` and `entries` are null for any number.

    The hours are minutes after midnight on the clock of each lot. The price of a period is in minor units, with tax.
    """

    name: str
    kind: str
    lots: list[str]
    price: int
    currency: str
    tax_percent: str
    period_months: int
    period_days: int
    days: list[str]
    opens_minute: int
    closes_minute: int
    spot_types: list[str]
    most_plates: int
    spaces: int | None
    entries: int | None
    per_day: bool
    renewal: str
    grace_days: int
    swaps_per_month: int
    pool_full: str
    cancel_fee: int


class PassOfferOut(PassTermsOut):
    """A pass that is sold online."""

    id: int
    terms: str


class PassOffersOut(Schema):
    """A page of passes that are sold."""

    items: list[PassOfferOut]
    total: int
    page: int
    page_size: int


class PassPlateOut(Schema):
    """A plate that is on a pass."""

    plate: str
    label: str
    added_at: datetime


class PassPeriodOut(Schema):
    """A period of a pass, both days included; `owed` is null before it is billed."""

    number: int
    first_day: date
    last_day: date
    price: int
    owed: int | None
    begun: bool
    dropped: bool


class PassOut(PassTermsOut):
    """A pass. `page_url` is the page on which its payer has to act now."""

    id: int
    code: str
    status: str
    company: str | None
    holder: str
    valid_from: date
    valid_until: date
    entries_left: int | None
    inside: int
    swaps_left: int
    plates: list[PassPlateOut]
    periods: list[PassPeriodOut]
    page_url: str | None


class PassInListOut(PassTermsOut):
    """A pass in a list."""

    id: int
    code: str
    status: str
    company: str | None
    holder: str
    valid_from: date
    valid_until: date
    entries_left: int | None
    inside: int


class PassesOut(Schema):
    """A page of passes."""

    items: list[PassInListOut]
    total: int
    page: int
    page_size: int


def given_terms(body: PassChangeIn) -> dict[str, Any]:
    """Return the terms that a change names."""
    names = ("valid_until", "most_plates", "spaces", "pool_full")
    return {name: getattr(body, name) for name in names if getattr(body, name) is not None}
