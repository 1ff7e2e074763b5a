"""Money of one lot: what it took to date, what a stay paid on average."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from analytics.sql import DAYS, fetch
from billing.books.spans import Span
from billing.books.takings import BookScope, Takings, by_time
from common.money import round_half_up
from lots.access import LotName

_AVERAGE_TICKET = (
    DAYS
    + """
SELECT count(*)::int AS stays, coalesce(sum(charge.captured_amount - charge.refunded_amount), 0)::bigint AS paid
FROM day JOIN tickets_ticket ticket ON ticket.lot_id = day.lot_id AND ticket.exit_at BETWEEN day.midnight AND %(at)s
    AND ticket.status = 'closed'
JOIN billing_charge charge ON charge.id = ticket.charge_id AND charge.captured_amount > 0
"""
)


@dataclass(frozen=True, slots=True)
class ToDate:
    """What was captured today, in this week (from Monday) and in this month of the lot's calendar, in minor units."""

    today: int
    week: int
    month: int


def takings_by_day(lot: LotName, span: Span) -> dict[date, Takings]:
    """Return what the books say of the days of a lot, in its currency, also before they are closed; one query."""
    days = by_time(BookScope((lot.pk,)), span).days
    return {day: takings for (currency, day), takings in days.items() if currency == lot.currency}


def captured_to_date(lot: LotName, today: date) -> ToDate:
    """Return what a lot has captured in the present day, week and month; one query."""
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    days = takings_by_day(lot, Span(min(monday, first), today))

    def since(begin: date) -> int:
        return sum(takings.captured for day, takings in days.items() if day >= begin)

    return ToDate(today=since(today), week=since(monday), month=since(first))


def average_ticket(lot: LotName, at: datetime) -> int | None:
    """Return what those who left today had paid for their stay on average, of all who had paid; one query.

    In minor units, rounded half up; what was given back is taken off. None when nobody had paid.
    """
    [row] = fetch(_AVERAGE_TICKET, {"lots": [lot.pk], "at": at})
    return round_half_up(Fraction(row.paid, row.stays)) if row.stays else None
