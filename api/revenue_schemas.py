"""What the revenue of days is asked by, and what is answered."""

from datetime import date
from typing import Literal

from ninja import Field, Schema


class RevenueQuery(Schema):
    """Which days, whose, and what the rows are of."""

    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")
    lot: str = Field("", max_length=60)
    group_by: Literal["day", "lot", "method"] = "day"


class TakingsOut(Schema):
    """What was charged, credited, captured and refunded, in minor units; `net` was kept, `tax` is in it."""

    currency: str
    charged: int
    credited: int
    captured: int
    refunded: int
    net: int
    tax: int
    stays: int


class TakingsOfOut(TakingsOut):
    """Takings of a day, of a lot (its short name), or by a method."""

    key: str


class OutstandingOut(Schema):
    """What was still owed at the end of the last day."""

    currency: str
    amount: int


class RevenueSummaryOut(Schema):
    """The revenue of some lots from one day to another, both included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    group_by: str
    lots: list[str]
    rows: list[TakingsOfOut]
    totals: list[TakingsOut]
    outstanding: list[OutstandingOut]
