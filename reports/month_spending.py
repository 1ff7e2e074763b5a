"""What drivers have parked and paid: by month and lot, on the clock of each lot, currencies apart.

The one query of `/me/`, of the monthly mail and of its PDF.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import User
from analytics.sql import fetch
from tickets.queries import proven_pairs

_LONGEST_MONTH = timedelta(days=32)
_A_DAY = timedelta(days=1)

# A stay and a booking that was paid ahead count in the month in which they ended on the clock of their lot.
_SPENT = """
WITH own (driver_id, ticket_id) AS ({own}),
past AS (
    SELECT own.driver_id, ticket.lot_id, ticket.charge_id, ticket.exit_at AS at, 1 AS stays,
        ticket.exit_at - ticket.entry_at AS length
    FROM own JOIN tickets_ticket ticket ON ticket.id = own.ticket_id
    WHERE ticket.status <> 'void' AND ticket.exit_at BETWEEN %(after)s AND %(at)s
    UNION ALL
    SELECT booking.driver_id, booking.lot_id, booking.charge_id, booking.ends_at, 0, interval '0'
    FROM reservations_reservation booking
    WHERE booking.driver_id = ANY(%(drivers)s::bigint[]) AND booking.charge_id IS NOT NULL
        AND booking.ends_at BETWEEN %(after)s AND %(at)s
)
SELECT past.driver_id AS driver, placed.month, lot.name AS lot, coalesce(charge.currency, lot.currency) AS currency,
    sum(past.stays)::int AS stays, sum(past.length) AS length,
    coalesce(sum(charge.captured_amount - charge.refunded_amount), 0)::bigint AS paid_amount,
    coalesce(array_agg(charge.id) FILTER (WHERE charge.captured_amount > 0), '{{}}') AS charges
FROM past JOIN lots_lot lot ON lot.id = past.lot_id
LEFT JOIN billing_charge charge ON charge.id = past.charge_id
CROSS JOIN LATERAL (
    SELECT date_trunc('month', past.at AT TIME ZONE lot.timezone)::date AS month,
        date_trunc('month', %(at)s::timestamptz AT TIME ZONE lot.timezone)::date AS current
) placed
WHERE placed.month BETWEEN coalesce(%(since)s::date, placed.current) AND coalesce(%(until)s::date, placed.current)
GROUP BY past.driver_id, placed.month, lot.name, coalesce(charge.currency, lot.currency)
HAVING sum(past.stays) > 0 OR bool_or(charge.captured_amount > 0)
ORDER BY driver, placed.month, lot.name, currency
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """The stays of a driver that ended in a month at a lot, and what was paid for them and for bookings that did.

    `charges` are the keys of those of which something was paid, even if all of it was given back.
    """

    driver: int
    month: date
    lot: str
    currency: str
    stays: int
    length: timedelta
    paid_amount: int
    charges: tuple[int, ...] = ()

    @property
    def counts(self) -> bool:
        """Return whether anything is left to be added up."""
        return self.stays > 0 or self.paid_amount != 0


@dataclass(frozen=True, slots=True)
class SpentOn:
    """The sums of a month, a lot or all; `file` names the month as addresses do."""

    name: str
    stays: int
    length: timedelta
    paid_amount: int
    file: str = ""


def spent_by(
    drivers: Sequence[int], *, at: datetime, since: date | None = None, until: date | None = None
) -> list[Spent]:
    """Return what drivers have parked and paid until an instant, in the months from `since` to `until`; one query.

    Both are first days; None is the month that each lot's clock shows at the instant.
    """
    if not drivers:
        return []
    own, values = proven_pairs(drivers).query.sql_with_params()
    named = {f"own_{number}": value for number, value in enumerate(values)}
    statement = _SPENT.format(own=own % tuple(f"%({name})s" for name in named))
    after = datetime.combine(since, datetime.min.time(), at.tzinfo) - _A_DAY if since else at - _LONGEST_MONTH
    parameters: dict[str, Any] = {"drivers": list(drivers), "at": at, "after": after, "since": since, "until": until}
    return [_spent(row) for row in fetch(statement, parameters | named)]


def month_sums(driver: User, at: datetime) -> list[SpentOn]:
    """Return the sums of the month that each lot's clock shows at `at`, named by their currency."""
    return sums_by_currency(spent_by([driver.pk], at=at))


def sums_by_currency(rows: Iterable[Spent]) -> list[SpentOn]:
    """Return the sums of each currency, named by it."""
    known = [row for row in rows if row.counts]
    return [sum_of(one, [row for row in known if row.currency == one]) for one in currencies_of(known)]


def currencies_of(rows: Iterable[Spent]) -> list[str]:
    """Return the currencies in their order."""
    return sorted({row.currency for row in rows})


def sum_of(name: str, rows: Sequence[Spent], *, file: str = "") -> SpentOn:
    """Return the sums of rows of one currency under a name."""
    length = sum((row.length for row in rows), timedelta())
    return SpentOn(name, sum(row.stays for row in rows), length, sum(row.paid_amount for row in rows), file)


def _spent(row: Any) -> Spent:
    return Spent(**row._asdict() | {"charges": tuple(row.charges)})
