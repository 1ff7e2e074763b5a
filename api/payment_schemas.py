"""Schemas of the endpoints for payments and refunds."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from ninja import Field, Schema

from api.bodies import ObjectIn, SaidText
from api.booking_schemas import Slug
from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize
from billing.models import PaymentMethod, PaymentState
from common.money import LARGEST_AMOUNT
from common.notes import LONGEST_NOTE
from tickets.links import LONGEST_LINK

Amount = Annotated[int, Field(strict=True, gt=0, le=LARGEST_AMOUNT)]
Why = Annotated[SaidText, Field(max_length=LONGEST_NOTE)]


class PaymentSort(StrEnum):
    """The orders of a list of payments; with `-`, the largest or latest first."""

    LATEST = "-created_at"
    EARLIEST = "created_at"
    LARGEST = "-amount"
    SMALLEST = "amount"


class PaymentsQuery(Schema):
    """Filters of the list of payments; `from` and `to` (RFC 3339 with an offset) limit when they were begun."""

    lot: Slug = ""
    ticket: Annotated[str, Field(max_length=LONGEST_LINK)] = ""
    method: PaymentMethod | None = None
    state: PaymentState | None = None
    since: str = Field("", alias="from", json_schema_extra={"format": "date-time"})
    until: str = Field("", alias="to", json_schema_extra={"format": "date-time"})
    sort: PaymentSort = PaymentSort.LATEST
    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE


class RefundIn(ObjectIn):
    """What to give back, in minor units of the payment's currency.

    With `goodwill`, the charge is lowered by as much; else what was given back is owed again.
    """

    amount: Amount
    reason: Why
    goodwill: Annotated[bool, Field(strict=True)] = False


class RefundRejectionIn(ObjectIn):
    """Why a refund is rejected."""

    why: Why


class RefundOut(Schema):
    """A refund, with its amount in minor units of `currency`.

    `status`: waiting_for_approval, rejected, to_hand_over (a person hands it out at the desk), on_its_way (the card's
    provider is asked), stuck (a person has to look at the `failure`), returned or taken_back. Who asked and who decided
    is told to those who work there.
    """

    id: str
    payment: int
    status: str
    amount: int
    currency: str
    reason: str
    goodwill: bool
    created_at: datetime
    requested_by: str | None
    decided_by: str | None
    decided_at: datetime | None
    decision_note: str
    returned_at: datetime | None
    failure: str
    credit_note: str | None


class ListedPaymentOut(Schema):
    """A payment, with its money in minor units of `currency`.

    Of the `amount`, `captured` was taken, and `refunded` of that given back; `held` is held on a card. `ticket` is the
    number of the stay that it is for, null for a booking or a pass. `receipt` is the number of its document. Who took
    it is told to those who work there.
    """

    id: int
    lot: str
    label: str
    ticket: str | None
    method: str
    state: str
    amount: int
    captured: int
    refunded: int
    held: int
    currency: str
    failure: str
    taken_by: str | None
    receipt: str | None
    created_at: datetime
    finished_at: datetime | None
    refunds: list[RefundOut]


class PaymentsOut(Schema):
    """A page of payments."""

    items: list[ListedPaymentOut]
    total: int
    page: int
    page_size: int
