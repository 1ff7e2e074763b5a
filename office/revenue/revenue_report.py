"""The revenue report: figures by time and by what they are made of, compared with the same weekdays before."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.urls import reverse
from django.utils.translation import gettext as _

from billing.books.spans import Span
from billing.books.takings import (
    Broken,
    Takings,
    Timed,
    broken_down,
    by_time,
    closed_until,
    outstanding_at,
)
from billing.models import PaymentMethod
from common.money import currency_exponent
from common.time import date_pattern
from common.translation import active_locale, money_said
from common.web.charts import BarChart, Point, bar_chart
from office.revenue.asking import Asked

MOST_DAYS = 92
"""Longer spans are shown by month."""
MOST_ROWS = 12
HOURS_PER_DAY = 24
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TimeRow:
    """The takings of one month, day or hour, those of the compared one, and whether its books are closed."""

    label: str
    title: str
    takings: Takings
    before: Takings | None
    is_closed: bool
    href: str
    rows: str
    """The query string that finds its postings."""


@dataclass(slots=True)
class BrokenTable:
    """The takings by one dimension, the largest first; `more` counts those in the last line."""

    title: str
    dimension: str
    rows: list[Broken] = field(default_factory=list)
    more: int = 0

    @property
    def total(self) -> Takings:
        """Return the sum of all rows."""
        return sum((row.takings for row in self.rows), Takings())


@dataclass(frozen=True, slots=True)
class Heat:
    """The takings of one weekday by hour; each cell has its amount, its level from 0 to 8 and its words."""

    weekday: str
    cells: list[tuple[int, int, str]]


@dataclass(slots=True)
class RevenueReport:
    """What the revenue page shows in one currency."""

    currency: str
    unit: str
    rows: list[TimeRow]
    total: Takings
    before: Takings
    opening: int
    chart: BarChart
    heat: list[Heat]
    tables: list[BrokenTable]
    closed_until: date | None

    @property
    def closing(self) -> int:
        """Return what is outstanding at the end of the span."""
        return self.opening + self.total.owed

    @property
    def is_empty(self) -> bool:
        """Return whether no money moved in these days."""
        return self.total == Takings()

    @property
    def per_stay(self) -> int | None:
        """Return the net of an average paid stay."""
        return round(self.total.net / self.total.stays) if self.total.stays else None


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that was read for a page: one answer for all currencies."""

    asked: Asked
    now: Timed
    before: Timed
    broken: list[Broken]
    opening: dict[str, int]
    closed_until: date | None
    shift: timedelta
    local: datetime

    @property
    def currencies(self) -> list[str]:
        """Return the currencies of the lots, then others in which money moved."""
        moved = {currency for currency, _day in self.now.days}
        return [*self.asked.currencies, *sorted(moved - {*self.asked.currencies})]


def read_books(asked: Asked, at: datetime) -> Books:
    """Read all that a page shows, in five statements."""
    span, place = asked.span, asked.place
    shift = span.comparable_shift
    elapsed = span.until(asked.today)
    return Books(
        asked=asked,
        now=by_time(place, span),
        before=by_time(place, elapsed.earlier(shift)) if elapsed else Timed({}, {}),
        broken=broken_down(place, span),
        opening=outstanding_at(place, span.first - _ONE_DAY),
        closed_until=closed_until(place),
        shift=shift,
        local=at.astimezone(ZoneInfo(asked.zone)),
    )


def report_of(books: Books, currency: str) -> RevenueReport:
    """Return what the page shows in one currency."""
    rows = list(_rows(books, currency))
    before = [row.before for row in rows if row.before is not None]
    return RevenueReport(
        currency=currency,
        unit=_unit(books.asked.span),
        rows=rows,
        total=sum((row.takings for row in rows), Takings()),
        before=sum(before, Takings()),
        opening=books.opening.get(currency, 0),
        chart=bar_chart([_point(row, currency) for row in rows]),
        heat=_heat(books.now, currency),
        tables=[_table(books, currency, dimension, title) for dimension, title in _dimensions().items()],
        closed_until=books.closed_until,
    )


def _unit(span: Span) -> str:
    if span.length == 1:
        return _("Hour")
    return _("Day") if span.length <= MOST_DAYS else _("Month")


def _rows(books: Books, currency: str) -> Iterator[TimeRow]:
    span = books.asked.span
    if span.length == 1:
        yield from _hours(books, currency, span.first)
        return
    parts = [Span(day, day) for day in span.days()] if span.length <= MOST_DAYS else list(span.months())
    for part in parts:
        is_month = span.length > MOST_DAYS
        pattern = "MMM yyyy" if is_month else date_pattern("EEE d MMM", active_locale())
        label = format_date(part.first, pattern, locale=active_locale())
        yield TimeRow(
            label=label,
            title=label if is_month else str(part.first.day),
            takings=_of_days(books.now, currency, part),
            before=_of_days(books.before, currency, part.earlier(books.shift)) if _has_begun(books, part) else None,
            is_closed=books.closed_until is not None and part.last <= books.closed_until,
            href=reverse("office:revenue") + books.asked.query(part, currency=currency),
            rows=books.asked.query(part, currency=currency),
        )


def _has_begun(books: Books, part: Span) -> bool:
    return part.first <= books.asked.today


def _hours(books: Books, currency: str, day: date) -> Iterator[TimeRow]:
    weekday, is_closed = day.isoweekday(), books.closed_until is not None and day <= books.closed_until
    passed = HOURS_PER_DAY if day < books.local.date() else books.local.hour + 1 if day == books.local.date() else 0
    for hour in range(HOURS_PER_DAY):
        query = books.asked.query(hour=hour, currency=currency)
        yield TimeRow(
            label=f"{hour:02d}:00",
            title=f"{hour:02d}",
            takings=books.now.hours.get((currency, weekday, hour), Takings()),
            before=books.before.hours.get((currency, weekday, hour), Takings()) if hour < passed else None,
            is_closed=is_closed,
            href=reverse("office:revenue_lines") + query,
            rows=query,
        )


def _of_days(timed: Timed, currency: str, span: Span) -> Takings:
    found = (timed.days.get((currency, day)) for day in span.days())
    return sum((takings for takings in found if takings is not None), Takings())


def _point(row: TimeRow, currency: str) -> Point:
    scale = 10 ** currency_exponent(currency)
    amount = money_said(row.takings.net, currency)
    return Point(
        label=row.title,
        value=max(0, row.takings.net) / scale,
        display=f"{row.label}, {amount}",
        before=None if row.before is None else max(0, row.before.net) / scale,
        so_far=not row.is_closed,
        href=row.href,
    )


def _heat(timed: Timed, currency: str) -> list[Heat]:
    nets = {(weekday, hour): one.net for (money, weekday, hour), one in timed.hours.items() if money == currency}
    most = max(nets.values(), default=0)
    # 1 January 2024 was a Monday.
    names = [format_date(date(2024, 1, day), "EEE", locale=active_locale()) for day in range(1, 8)]
    return [
        Heat(name, [_cell(nets.get((weekday, hour), 0), most, currency, f"{name} {hour:02d}:00") for hour in range(24)])
        for weekday, name in enumerate(names, 1)
    ]


def _cell(net: int, most: int, currency: str, when: str) -> tuple[int, int, str]:
    level = -(-8 * net // most) if net > 0 and most else 0
    return round(net / 10 ** currency_exponent(currency)), level, f"{when}: {money_said(net, currency)}"


def _dimensions() -> dict[str, str]:
    return {"lot": _("Lot"), "method": _("Method"), "tariff": _("Tariff"), "cashier": _("Cashier")}


def _table(books: Books, currency: str, dimension: str, title: str) -> BrokenTable:
    """Return the largest values of a dimension; tariffs of one name are one line, whatever their lot or revision."""
    lines: dict[str, Broken] = {}
    for one in books.broken:
        if (one.dimension, one.currency) != (dimension, currency) or (dimension == "method" and not one.key):
            continue  # what is due or credited has no method
        label = label_of(one)
        known = lines.get(label)
        key = f"{known.key},{one.key}" if known else one.key
        takings = known.takings + one.takings if known else one.takings
        lines[label] = Broken(dimension, currency, key, label, takings, one.slug)
    rows = sorted(lines.values(), key=lambda row: (-row.takings.net, row.label))
    if len(rows) <= MOST_ROWS:
        return BrokenTable(title, dimension, rows)
    rest = sum((row.takings for row in rows[MOST_ROWS:]), Takings())
    more = len(rows) - MOST_ROWS
    others = Broken(dimension, currency, "", _("%(count)s others") % {"count": more}, rest)
    return BrokenTable(title, dimension, [*rows[:MOST_ROWS], others], more)


def label_of(one: Broken) -> str:
    """Return the words for a value of a dimension."""
    if one.dimension == "method":
        return str(PaymentMethod(one.key).label)
    if one.label:
        return one.label
    if one.dimension == "cashier":
        return _("A former colleague") if one.key else _("Nobody: machines and online")
    return _("Without a tariff")
