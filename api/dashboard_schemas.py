"""Schemas of the endpoints for signed-in people."""

from datetime import datetime
from typing import Any

from ninja import Field, Schema

from api.page_numbers import DEFAULT_SIZE, PageNumber, PageSize
from tickets.links import LONGEST_LINK


class RevenueOut(Schema):
    """Money captured today, and a week ago until the same time; in minor units of `currency`."""

    currency: str
    today: int
    week_ago: int
    change_percent: int | None


class VehiclesOut(Schema):
    """Cars that entered and left today."""

    entered: int
    left: int


class HourOut(Schema):
    """Arrivals in one hour of the lot's day."""

    hour: int
    cars: int
    cars_yesterday: int


class FindingOut(Schema):
    """Something that needs attention; `href` is the page that settles it."""

    kind: str
    text: str
    href: str


class DashboardOut(Schema):
    """A lot's figures of today."""

    lot: str
    as_of: datetime
    availability: dict[str, Any]
    revenue: list[RevenueOut]
    vehicles: VehiclesOut
    average_stay_minutes: int | None
    by_hour: list[HourOut]
    attention: list[FindingOut]


class ActivityOut(Schema):
    """One event at a gate; `amount` is in minor units, or null."""

    id: int
    at: datetime
    gate: str
    direction: str
    plate: str | None
    ticket: str | None
    text: str = Field(alias="words")
    amount: int | None
    currency: str
    flags: list[str]


class ActivitiesOut(Schema):
    """Events, newest first."""

    items: list[ActivityOut]


class RevenueSummaryOut(Schema):
    """Today's revenue at some lots."""

    as_of: datetime
    lots: list[str]
    revenue: list[RevenueOut]


class MembershipOut(Schema):
    """A membership of yours."""

    operator: str = Field(alias="operator.slug")
    name: str = Field(alias="operator.name")
    role: str


class VehicleOut(Schema):
    """A vehicle of yours."""

    plate: str
    vehicle_type: str
    electric: bool


class SavedMethodOut(Schema):
    """A card that you have saved."""

    id: int
    label: str


class MeOut(Schema):
    """Your account."""

    email: str
    name: str
    memberships: list[MembershipOut]
    vehicles: list[VehicleOut]
    saved_methods: list[SavedMethodOut]


class TicketsQuery(Schema):
    """Filters of the list of stays; instants are RFC 3339 with an offset."""

    status: str = ""
    since: str = Field("", alias="from")
    until: str = Field("", alias="to")
    page: PageNumber = 1
    page_size: PageSize = DEFAULT_SIZE


class OwnTicketIn(Schema):
    """The number, token or link of a ticket."""

    ticket: str = Field(min_length=1, max_length=LONGEST_LINK)


class TicketOut(Schema):
    """A stay with its money in minor units of `currency`."""

    number: str
    status: str
    lot: str
    plate: str | None
    entry_time: datetime
    exit_time: datetime | None
    spot: str | None
    level: int | None
    currency: str
    due: int
    paid: int
    owed: int


class TicketsOut(Schema):
    """A page of stays."""

    items: list[TicketOut]
    total: int
    page: int
    page_size: int
