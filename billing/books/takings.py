"""Read the books: the figures of some lots over a span of days, by time, lot, method, tariff or cashier.

Each answer is one statement, which adds what is not booked yet to the sums. Currencies are never added up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django.db import connection

from billing.books.spans import Span

_NAMES = ("charged", "credited", "captured", "refunded", "tax", "stays", "payments")
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in _NAMES)
_LISTED = ", ".join(_NAMES)

_TAIL = """
    CASE WHEN kind = 'charged' THEN amount ELSE 0 END AS charged,
    CASE WHEN kind = 'credited' THEN amount ELSE 0 END AS credited,
    CASE WHEN kind = 'captured' THEN amount ELSE 0 END AS captured,
    CASE WHEN kind = 'refunded' THEN amount ELSE 0 END AS refunded, tax, stays,
    CASE WHEN kind = 'captured' THEN sign(amount) ELSE 0 END AS payments
    FROM billing_unbooked
"""
_OF_OPERATORS = f"""
    SELECT currency, day, hour, {_LISTED} FROM billing_operatorsum WHERE operator_id = ANY(%(operators)s::bigint[])
    UNION ALL
    SELECT currency, day, hour, {_TAIL} WHERE operator_id = ANY(%(operators)s::bigint[])
"""  # noqa: S608 only our own text
_OF_LOTS = f"""
    SELECT currency, day, hour, {_LISTED} FROM billing_hourlysum WHERE lot_id = ANY(%(lots)s::bigint[])
    UNION ALL
    SELECT currency, day, hour, {_TAIL} WHERE lot_id = ANY(%(lots)s::bigint[])
"""  # noqa: S608 only our own text
_BY_TIME = f"""
SELECT currency, day, weekday, hour, {_SUMS} FROM (
    SELECT *, extract(isodow FROM day)::int AS weekday FROM ({{source}}) summed
    WHERE day BETWEEN %(first)s AND %(last)s
) timed
GROUP BY GROUPING SETS ((currency, day), (currency, weekday, hour))
ORDER BY currency, day, weekday, hour
"""  # noqa: S608 only our own text
_UNTIL = """
SELECT currency, sum(charged - credited - captured + refunded)::bigint AS owed FROM ({source}) summed
WHERE day <= %(last)s GROUP BY currency
"""
# Whole months are read as such, and the days around them by hours.
_BROKEN_DOWN = f"""
SELECT broken.*, coalesce(lot.name, '') AS lot, coalesce(lot.slug, '') AS slug, coalesce(tariff.name, '') AS tariff,
    coalesce(nullif(cashier.name, ''), cashier.email, '') AS cashier
FROM (
    SELECT currency, lot_id, method, tariff_id, cashier_id, GROUPING(lot_id, method, tariff_id, cashier_id) AS missing,
        {_SUMS}
    FROM (
        SELECT currency, lot_id, method, tariff_id, cashier_id, {_LISTED} FROM billing_monthlysum
        WHERE lot_id = ANY(%(lots)s::bigint[]) AND month BETWEEN %(month)s AND %(end)s
        UNION ALL
        SELECT currency, lot_id, method, tariff_id, cashier_id, {_LISTED} FROM billing_hourlysum
        WHERE lot_id = ANY(%(lots)s::bigint[]) AND day >= %(first)s AND day <= %(last)s AND day < %(month)s
        UNION ALL
        SELECT currency, lot_id, method, tariff_id, cashier_id, {_LISTED} FROM billing_hourlysum
        WHERE lot_id = ANY(%(lots)s::bigint[]) AND day > %(end)s AND day <= %(last)s
        UNION ALL
        SELECT currency, lot_id, method, tariff_id, cashier_id, {_TAIL}
        WHERE lot_id = ANY(%(lots)s::bigint[]) AND day BETWEEN %(first)s AND %(last)s
    ) summed
    GROUP BY GROUPING SETS ((currency, lot_id), (currency, method), (currency, tariff_id), (currency, cashier_id))
) broken
LEFT JOIN lots_lot lot ON lot.id = broken.lot_id
LEFT JOIN billing_tariff tariff ON tariff.id = broken.tariff_id
LEFT JOIN accounts_user cashier ON cashier.id = broken.cashier_id
"""  # noqa: S608 only our own text
# A lot that has no closed day yet has had no money before today.
_CLOSED_UNTIL = """
SELECT min(last.day) FROM unnest(%(lots)s::bigint[]) lot (id)
CROSS JOIN LATERAL (SELECT max(day) AS day FROM billing_dailyclose WHERE lot_id = lot.id) last
"""


@dataclass(slots=True)
class Takings:
    """What was charged, credited, captured and refunded, the tax of the net, and what was counted; minor units."""

    charged: int = 0
    credited: int = 0
    captured: int = 0
    refunded: int = 0
    tax: int = 0
    stays: int = 0
    payments: int = 0

    @property
    def net(self) -> int:
        """Return what was captured and not refunded."""
        return self.captured - self.refunded

    @property
    def owed(self) -> int:
        """Return the change of what is outstanding."""
        return self.charged - self.credited - self.net

    def __add__(self, other: "Takings") -> "Takings":
        """Add the figures of the same currency."""
        return Takings(*(getattr(self, part.name) + getattr(other, part.name) for part in fields(self)))


@dataclass(frozen=True, slots=True)
class BookScope:
    """Whose books are read: `lots` by key, and `operators` where these are all of their lots."""

    lots: tuple[int, ...]
    operators: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Timed:
    """Takings by currency and day, and by currency, weekday (1 is Monday) and hour."""

    days: dict[tuple[str, date], Takings]
    hours: dict[tuple[str, int, int], Takings]


@dataclass(frozen=True, slots=True)
class Broken:
    """Takings of one value of a dimension; `key` finds its postings, `slug` is of a lot."""

    dimension: str
    currency: str
    key: str
    label: str
    takings: Takings
    slug: str = ""


def by_time(place: BookScope, span: Span) -> Timed:
    """Return the takings by day, and by weekday and hour."""
    found = Timed({}, {})
    for row in _fetch(_BY_TIME.format(source=_source(place)), place, first=span.first, last=span.last):
        takings = _takings(row)
        if row["day"] is not None:
            found.days[row["currency"], row["day"]] = takings
        else:
            found.hours[row["currency"], row["weekday"], row["hour"]] = takings
    return found


def broken_down(place: BookScope, span: Span) -> list[Broken]:
    """Return the takings by lot, method, tariff and cashier."""
    whole = span.whole_months
    # Without a whole month, all days come before an empty one.
    month, end = (whole.first, whole.last) if whole else (date.max, date.max)
    rows = _fetch(_BROKEN_DOWN, place, first=span.first, last=span.last, month=month, end=end)
    return [_broken(row) for row in rows]


def outstanding_at(place: BookScope, day: date) -> dict[str, int]:
    """Return what was outstanding at the end of a day, by currency."""
    rows = _fetch(_UNTIL.format(source=_source(place)), place, last=day)
    return {row["currency"]: row["owed"] for row in rows}


def closed_until(place: BookScope) -> date | None:
    """Return the last day that all lots have closed."""
    (row,) = _fetch(_CLOSED_UNTIL, place)
    day: date | None = row["min"]
    return day


def _source(place: BookScope) -> str:
    return _OF_OPERATORS if place.operators else _OF_LOTS


def _fetch(statement: str, place: BookScope, **parameters: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"lots": list(place.lots), "operators": list(place.operators)} | parameters)
        names: Sequence[str] = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _takings(row: dict[str, Any]) -> Takings:
    return Takings(*(row[name] for name in _NAMES))


_DIMENSIONS = {0b0111: "lot", 0b1011: "method", 0b1101: "tariff", 0b1110: "cashier"}


def _broken(row: dict[str, Any]) -> Broken:
    dimension = _DIMENSIONS[row["missing"]]
    key = row["method"] if dimension == "method" else row[f"{dimension}_id"]
    label = row["method"] if dimension == "method" else row[dimension]
    return Broken(dimension, row["currency"], "" if key is None else str(key), label, _takings(row), row["slug"])
