"""CSV files of the books: the columns of the API, amounts as decimals with their currency."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from django.db import connection
from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from billing.books.takings import Takings
from billing.models import BookLine
from billing.money_columns import POSTING_COLUMNS
from common.money import format_amount
from exports.columns import without_formula
from exports.file_writing import lines_of_csv
from office.revenue.revenue_report import Books, label_of

CHUNK = 2000
AMOUNTS = ("charged", "credited", "captured", "refunded", "net", "tax")


def csv_response(name: str, lines: Iterable[str | bytes]) -> StreamingHttpResponse:
    """Return a file that is written while it is sent."""
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def sums_csv(books: Books, by: str) -> Iterator[str]:
    """Yield the figures of the page in all currencies, by day, lot, method, tariff or cashier."""
    return written_csv(_rows(books, by))


def _rows(books: Books, by: str) -> Iterator[list[object]]:
    yield [by, "currency", *AMOUNTS, "stays"]
    for currency in books.currencies:
        for key, takings in _sums(books, by, currency):
            amounts = [format_amount(getattr(takings, name), currency) for name in AMOUNTS]
            yield [key, currency, *amounts, takings.stays]


def lines_csv(lines: QuerySet[BookLine]) -> Iterator[bytes]:
    """Yield postings one by one, as PostgreSQL writes them."""
    return lines_of_csv(POSTING_COLUMNS, lines, connection)


def _sums(books: Books, by: str, currency: str) -> Iterator[tuple[str, Takings]]:
    if by == "day":
        for day in books.asked.span.days():
            if takings := books.now.days.get((currency, day)):
                yield day.isoformat(), takings
        return
    for one in books.broken:
        if (one.dimension, one.currency) == (by, currency) and (by != "method" or one.key):
            yield without_formula(label_of(one)), one.takings


def written_csv(rows: Iterable[Iterable[object]]) -> Iterator[str]:
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
