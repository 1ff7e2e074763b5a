"""CSV files of the books: the columns of the API, amounts as decimals with their currency."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from billing.books.takings import Takings
from billing.models import BookLine
from common.money import format_amount
from lots.calendar import zone_of
from office.revenue.revenue_report import Books, label_of

CHUNK = 2000
AMOUNTS = ("charged", "credited", "captured", "refunded", "net", "tax")
LINE_COLUMNS = (
    *("at", "lot", "kind", "method", "amount", "tax", "currency", "thing", "cashier", "day", "hour", "adjusts"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run a text that begins like this."""


def csv_response(name: str, rows: Iterable[Iterable[object]]) -> StreamingHttpResponse:
    """Return a file that is written while it is sent."""
    response = StreamingHttpResponse(_written(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def sums_csv(books: Books, by: str) -> Iterator[list[object]]:
    """Yield the figures of the page in all currencies, by day, lot, method, tariff or cashier."""
    yield [by, "currency", *AMOUNTS, "stays"]
    for currency in books.currencies:
        for key, takings in _sums(books, by, currency):
            amounts = [format_amount(getattr(takings, name), currency) for name in AMOUNTS]
            yield [key, currency, *amounts, takings.stays]


def lines_csv(lines: QuerySet[BookLine]) -> Iterator[list[object]]:
    """Yield postings one by one, read from the database by and by."""
    yield list(LINE_COLUMNS)
    for line in lines.iterator(chunk_size=CHUNK):
        ticket = getattr(line.charge, "ticket", None)
        yield [
            line.at.astimezone(zone_of(line.lot)).isoformat(),
            _safe(line.lot.name),
            line.kind,
            line.method,
            format_amount(line.amount, line.currency),
            format_amount(line.tax, line.currency),
            line.currency,
            _safe(ticket.number if ticket else line.charge.label),
            _safe(line.cashier.name or line.cashier.email) if line.cashier else "",
            line.day,
            line.hour,
            line.adjusts or "",
        ]


def _sums(books: Books, by: str, currency: str) -> Iterator[tuple[str, Takings]]:
    if by == "day":
        for day in books.asked.span.days():
            if takings := books.now.days.get((currency, day)):
                yield day.isoformat(), takings
        return
    for one in books.broken:
        if (one.dimension, one.currency) == (by, currency) and (by != "method" or one.key):
            yield _safe(label_of(one)), one.takings


def _written(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """Yield the lines of a file, some hundred at a time."""
    part = StringIO()
    writer = csv.writer(part)
    for number, row in enumerate(rows, 1):
        writer.writerow(row)
        if number % CHUNK == 0:
            yield part.getvalue()
            part.seek(0)
            part.truncate()
    yield part.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
