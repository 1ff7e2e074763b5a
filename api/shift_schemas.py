"""Schemas of the endpoints for tills."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from ninja import Field, Schema

from api.bodies import ObjectIn, PlainText, SaidText
from api.booking_schemas import Slug
from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize
from billing.models import MovementKind
from billing.models.shifts import LONGEST_DRAWER
from common.money import LARGEST_AMOUNT
from common.notes import LONGEST_NOTE

MOST_PIECES = 100_000
Sum = Annotated[int, Field(strict=True, ge=0, le=LARGEST_AMOUNT)]
Pieces = Annotated[int, Field(strict=True, ge=0, le=MOST_PIECES)]
CurrencyCode = Annotated[PlainText, Field(min_length=3, max_length=3)]
CoinValue = Annotated[str, Field(pattern="^[0-9]{1,9}$")]


class ShiftStateName(StrEnum):
    """How far a shift is."""

    OPEN = "open"
    COUNTING = "counting"
    CLOSED = "closed"


class MovementByHand(StrEnum):
    """How cash moves besides sales."""

    DROP = MovementKind.DROP.value
    PAID_IN = MovementKind.PAID_IN.value
    PAID_OUT = MovementKind.PAID_OUT.value


class ShiftIn(ObjectIn):
    """A till to open: the drawer's name at the lot, and the float counted in it."""

    lot: Slug
    drawer: Annotated[SaidText, Field(max_length=LONGEST_DRAWER)]
    float_amount: Sum


class CashMovementIn(ObjectIn):
    """Cash that goes to the safe (`drop`), or is paid in or out, which needs a reason."""

    kind: MovementByHand
    amount: Annotated[int, Field(strict=True, gt=0, le=LARGEST_AMOUNT)]
    reason: Annotated[PlainText, Field(max_length=LONGEST_NOTE)] = ""


class ShiftCountIn(ObjectIn):
    """What was counted: the `cash` of each currency, or the `pieces` of each coin and note of the till's own.

    Their keys are values in minor units. `cards` is the sum of the terminal's slips, null when nobody counts them. With
    neither `cash` nor `pieces`, the till only stops taking money so that it can be counted.
    """

    cash: dict[CurrencyCode, Sum] | None = Field(None, max_length=50)
    pieces: dict[CoinValue, Pieces] | None = Field(None, max_length=50)
    cards: Sum | None = None


class ShiftCloseIn(ObjectIn):
    """What is left in the drawer for the next cashier; the rest of what was counted goes to the safe.

    A `note` is needed when the till is off by more than the operator tolerates.
    """

    left_amount: Sum
    note: Annotated[PlainText, Field(max_length=LONGEST_NOTE)] = ""


class ShiftsQuery(Schema):
    """Filters of the list of shifts; `from` and `to` (RFC 3339 with an offset) limit when they were opened."""

    lot: Slug = ""
    state: ShiftStateName | None = None
    since: str = Field("", alias="from", json_schema_extra={"format": "date-time"})
    until: str = Field("", alias="to", json_schema_extra={"format": "date-time"})
    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE


class ListedShiftOut(Schema):
    """The till of a person or a machine (`device`) at a lot.

    `sales` counts its payments; `difference` is what its cash was over or short. Both amounts are in minor units of
    `currency`; the count is blind, so the difference is null before it.
    """

    id: int
    lot: str
    drawer: str
    person: str | None
    device: str | None
    state: ShiftStateName
    currency: str
    float_amount: int
    sales: int
    difference: int | None
    opened_at: datetime
    counting_at: datetime | None
    counted_at: datetime | None
    closed_at: datetime | None
    closed_by: str | None
    note: str


class CashMovementOut(Schema):
    """Cash that moved without a sale, in the till's currency."""

    id: int
    kind: str
    amount: int
    currency: str
    reason: str
    moved_by: str | None
    created_at: datetime


class TenderCountOut(Schema):
    """What was counted of cash or of cards in a currency, what was expected, and what it is over or short."""

    tender: str
    currency: str
    counted: int
    expected: int
    difference: int


class TillSumOut(Schema):
    """What came into a till or left it: the float, sales, refunds and movements by tender and currency."""

    kind: str
    tender: str
    currency: str
    amount: int
    entries: int


class ShiftOut(ListedShiftOut):
    """A shift with its movements and, once it was counted, what was expected; `counts` and `sums` are empty before.

    `needs_note` says that it is off by more than the operator tolerates.
    """

    movements: list[CashMovementOut]
    counts: list[TenderCountOut]
    sums: list[TillSumOut]
    needs_note: bool


class ShiftsOut(Schema):
    """A page of shifts."""

    items: list[ListedShiftOut]
    total: int
    page: int
    page_size: int
