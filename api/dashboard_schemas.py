"""Schemas of the endpoints for signed-in people."""

from datetime import date, datetime
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
    """Arrivals in one hour of the lot's day, cars that left, and the most that were inside: null until it begins."""

    hour: int
    cars: int
    cars_yesterday: int
    cars_left: int
    most_inside: int | None


class FindingOut(Schema):
    """Something that needs attention; `href` is the page that settles it. The `severity` is critical or warning."""

    kind: str
    severity: str
    text: str
    href: str


class OccupiedOut(Schema):
    """How many places are occupied, and how many in a hundred of all of them."""

    total: int
    occupied: int
    percent: float


class OccupiedLevelOut(OccupiedOut):
    """The same of a level."""

    level: int


class OccupiedTypeOut(OccupiedOut):
    """The same of a spot type."""

    spot_type: str


class OccupancyOut(OccupiedOut):
    """How full a lot is: as a whole, by level from the top down, and by spot type."""

    by_level: list[OccupiedLevelOut]
    by_type: list[OccupiedTypeOut]


class ToDateOut(Schema):
    """What was captured in the present day, week (from Monday) and month, by the books; in minor units."""

    currency: str
    today: int
    week: int
    month: int


class AverageTicketOut(Schema):
    """What those who left today had paid for their stay on average, of all who had paid; in minor units."""

    amount: int | None
    currency: str


class PeakHourOut(Schema):
    """The hour of today in which most cars came."""

    hour: int
    cars: int


class AlertCountsOut(Schema):
    """How much needs attention."""

    critical: int
    warning: int


class DashboardOut(Schema):
    """A lot's figures of today.

    `turnover` is how many cars came today for each place, null without places; `peak_hour` is null before the first.
    """

    lot: str
    as_of: datetime
    availability: dict[str, Any]
    revenue: list[RevenueOut]
    vehicles: VehiclesOut
    average_stay_minutes: int | None
    by_hour: list[HourOut]
    occupancy: OccupancyOut
    revenue_to_date: ToDateOut
    average_ticket: AverageTicketOut
    peak_hour: PeakHourOut | None
    turnover: float | None
    alerts: AlertCountsOut
    attention: list[FindingOut]


class LotTrafficOut(Schema):
    """Cars and money of some days of a lot, in minor units of its currency.

    `occupancy_high` is the most cars that were inside at once, `occupancy_high_percent` of the places that there are
    now. `average_stay_minutes` is of those who left, null when nobody did. `net` is `captured` less `refunded`.
    """

    entries: int
    exits: int
    occupancy_high: int
    occupancy_high_percent: float
    average_stay_minutes: int | None
    captured: int
    refunded: int
    net: int


class LotDayOut(LotTrafficOut):
    """The same of a day of the lot's calendar; of today, so far."""

    day: date


class AnalyticsOut(Schema):
    """A lot's figures of its last days, the earliest first, and in total; `from` and `to` are both included."""

    lot: str
    as_of: datetime
    timezone: str
    period: str
    first: date = Field(alias="from")
    last: date = Field(alias="to")
    currency: str
    days: list[LotDayOut]
    totals: LotTrafficOut


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
