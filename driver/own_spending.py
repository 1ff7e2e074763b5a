"""What a driver has parked and paid, as the page draws it: by month and by lot, currencies apart."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.models import User
from common.money import currency_exponent
from common.translation import money_said, month_said
from common.web.charts import BarChart, Point, bar_chart
from reports.month_names import last_months, name_of_month
from reports.month_spending import Spent, SpentOn, currencies_of, spent_by, sum_of

MONTHS = 12
LABELLED_MONTHS, LABELLED_LOTS = 4, 3
"""How many names fit below a chart on a phone."""


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


def spent_lately(driver: User, at: datetime, months: int = MONTHS) -> list[Spent]:
    """Return what a driver parked and paid in the last months, that of `at` included, by month and lot."""
    return spent_by([driver.pk], at=at, since=last_months(at.date(), months)[0])


def spending_of(rows: Sequence[Spent], at: datetime, months: int = MONTHS) -> list[Spending]:
    """Return the sums of each currency; the last months are shown also when there is nothing in them."""
    shown = last_months(max([at.date(), *(row.month for row in rows)]), months)
    recent = [row for row in rows if row.month >= shown[0] and row.counts]
    return [
        _spending(currency, [row for row in recent if row.currency == currency], shown)
        for currency in currencies_of(recent)
    ]


def _paid(sums: Iterable[SpentOn], currency: str, most_labels: int) -> BarChart:
    unit = 10 ** currency_exponent(currency)
    paid = ((one.name, one.paid_amount) for one in sums)
    points = [Point(name, amount / unit, money_said(amount, currency)) for name, amount in paid]
    return bar_chart(points, most_labels=most_labels)


def _hours(sums: Iterable[SpentOn], most_labels: int) -> BarChart:
    hours = ((one.name, one.length / timedelta(hours=1)) for one in sums)
    return bar_chart([Point(name, length, f"{length:.1f} h") for name, length in hours], most_labels=most_labels)


def _spending(currency: str, rows: list[Spent], months: list[date]) -> Spending:
    lots = sorted({row.lot for row in rows})
    by_lot = [sum_of(lot, [row for row in rows if row.lot == lot]) for lot in lots]
    return Spending(
        currency=currency,
        months=tuple(_month(month, [row for row in rows if row.month == month]) for month in months),
        lots=tuple(sorted(by_lot, key=lambda one: -one.paid_amount)),
        total=sum_of("", rows),
    )


def _month(month: date, rows: list[Spent]) -> SpentOn:
    return sum_of(month_said(month), rows, file=name_of_month(month) if rows else "")
