"""What a driver has parked and paid: by month and by lot, on the clock of each lot, currencies apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, DateField, DurationField, ExpressionWrapper, F, Func, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from accounts.models import User
from common.money import currency_exponent
from common.translation import money_said, month_said
from common.web.charts import BarChart, Point, bar_chart
from driver.own_stays import stays_of
from reservations.models import Reservation

MONTHS = 12
LABELLED_MONTHS, LABELLED_LOTS = 4, 3
"""How many names fit below a chart on a phone."""
_PAID = Sum(F("charge__captured_amount") - F("charge__refunded_amount"), default=0)


@dataclass(frozen=True, slots=True)
class Spent:
    """The stays that ended in a month at a lot, and what was paid for them and for bookings that ended in it."""

    month: date
    lot: str
    currency: str
    stays: int
    length: timedelta
    paid_amount: int


@dataclass(frozen=True, slots=True)
class SpentOn:
    """The sums of a month, a lot or all."""

    name: str
    stays: int
    length: timedelta
    paid_amount: int


@dataclass(frozen=True, slots=True)
class Spending:
    """A driver's sums in one currency: each of the last months, each lot, and all of it."""

    currency: str
    months: tuple[SpentOn, ...]
    lots: tuple[SpentOn, ...]
    total: SpentOn

    @property
    def paid_by_month(self) -> BarChart:
        """Return what was paid by month."""
        return _paid(self.months, self.currency, LABELLED_MONTHS)

    @property
    def paid_by_lot(self) -> BarChart:
        """Return what was paid by lot."""
        return _paid(self.lots, self.currency, LABELLED_LOTS)

    @property
    def hours_by_month(self) -> BarChart:
        """Return how long was parked by month."""
        return _hours(self.months, LABELLED_MONTHS)

    @property
    def hours_by_lot(self) -> BarChart:
        """Return how long was parked by lot."""
        return _hours(self.lots, LABELLED_LOTS)


def spent_by(driver: User, at: datetime, months: int = MONTHS) -> list[Spent]:
    """Return what a driver parked and paid in the last months, that of `at` included, by month and lot."""
    return _spent_since(driver, at, Value(_months(at.date(), months)[0]))


def month_sums(driver: User, at: datetime) -> list[SpentOn]:
    """Return the sums of the month that each lot's clock shows at `at`, named by their currency."""
    rows = _spent_since(driver, at, _month(Value(at)))
    return [_sum(currency, [row for row in rows if row.currency == currency]) for currency in _currencies(rows)]


def spending_of(rows: Sequence[Spent], at: datetime, months: int = MONTHS) -> list[Spending]:
    """Return the sums of each currency; the last months are shown also when there is nothing in them."""
    shown = _months(max([at.date(), *(row.month for row in rows)]), months)
    recent = [row for row in rows if row.month >= shown[0]]
    return [
        _spending(currency, [row for row in recent if row.currency == currency], shown)
        for currency in _currencies(recent)
    ]


def _paid(sums: Iterable[SpentOn], currency: str, most_labels: int) -> BarChart:
    unit = 10 ** currency_exponent(currency)
    paid = ((one.name, one.paid_amount) for one in sums)
    points = [Point(name, amount / unit, money_said(amount, currency)) for name, amount in paid]
    return bar_chart(points, most_labels=most_labels)


def _hours(sums: Iterable[SpentOn], most_labels: int) -> BarChart:
    hours = ((one.name, one.length / timedelta(hours=1)) for one in sums)
    return bar_chart([Point(name, length, f"{length:.1f} h") for name, length in hours], most_labels=most_labels)


def _spent_since(driver: User, at: datetime, since: Combinable) -> list[Spent]:
    length = Sum(ExpressionWrapper(F("exit_at") - F("entry_at"), output_field=DurationField()))
    parked = _over(stays_of(driver), "exit_at", at, since).annotate(stays=Count("pk"), length=length, paid=_PAID)
    booked = _over(Reservation.objects.filter(driver=driver, charge__isnull=False), "ends_at", at, since)
    paid_ahead = booked.annotate(paid=_PAID).exclude(paid=0)
    rows = [*parked, *({**row, "stays": 0, "length": timedelta()} for row in paid_ahead)]
    return [_spent(key, list(same)) for key, same in groupby(sorted(rows, key=_key), key=_key)]


def _over(rows: QuerySet[Any], ended: str, at: datetime, since: Combinable) -> QuerySet[Any, dict[str, Any]]:
    over = rows.filter(**{f"{ended}__lte": at}).annotate(month=_month(F(ended))).filter(month__gte=since)
    grouped: QuerySet[Any, dict[str, Any]] = over.order_by().values("month", "lot__name", "lot__currency")
    return grouped


def _month(instant: Combinable) -> Cast:
    local = Func(F("lot__timezone"), instant, function="timezone", output_field=DateField())
    return Cast(Func(Value("month"), local, function="date_trunc", output_field=DateField()), DateField())


def _currencies(rows: Iterable[Spent]) -> list[str]:
    return sorted({row.currency for row in rows})


def _key(row: dict[str, Any]) -> tuple[date, str, str]:
    return row["month"], row["lot__name"], row["lot__currency"]


def _spent(key: tuple[date, str, str], rows: list[dict[str, Any]]) -> Spent:
    length = sum((row["length"] for row in rows), timedelta())
    return Spent(*key, stays=sum(row["stays"] for row in rows), length=length, paid_amount=sum(r["paid"] for r in rows))


def _spending(currency: str, rows: list[Spent], months: list[date]) -> Spending:
    lots = sorted({row.lot for row in rows})
    by_lot = [_sum(lot, [row for row in rows if row.lot == lot]) for lot in lots]
    return Spending(
        currency=currency,
        months=tuple(_sum(month_said(month), [row for row in rows if row.month == month]) for month in months),
        lots=tuple(sorted(by_lot, key=lambda one: -one.paid_amount)),
        total=_sum("", rows),
    )


def _sum(name: str, rows: list[Spent]) -> SpentOn:
    length = sum((row.length for row in rows), timedelta())
    return SpentOn(name, sum(row.stays for row in rows), length, sum(row.paid_amount for row in rows))


def _months(last: date, count: int) -> list[date]:
    """Return the first days of as many months up to that of `last`."""
    number = last.year * 12 + last.month - 1
    return [date(one // 12, one % 12 + 1, 1) for one in range(number - count + 1, number + 1)]
