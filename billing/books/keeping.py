"""Puts postings into the books, and closes days.

Both are one statement of the database (`migrations/books.sql`) under one lock, which nothing at a lane or desk takes.
"""

from datetime import datetime

from django.conf import settings
from django.db import connection

BATCH = 10_000


def book_postings(most: int = BATCH) -> int:
    """Add at most `most` postings to the sums, the oldest first, and return how many there were."""
    return _call("SELECT billing_book_postings(%s)", [most])


def close_days(*, at: datetime) -> int:
    """Freeze the days of all lots that ended before DAILY_CLOSE_HOUR of their next morning, and return how many rows.

    Idempotent. What was posted until now is booked before.
    """
    return _call("SELECT billing_close_days(%s, %s)", [at, settings.DAILY_CLOSE_HOUR])


def _call(statement: str, parameters: list[int | datetime]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.fetchone()[0])
