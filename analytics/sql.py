"""Runs the SQL statements of the dashboard, which join tables of several apps."""

from collections import namedtuple
from collections.abc import Mapping
from typing import Any

from django.db import connection


def fetch(statement: str, parameters: Mapping[str, Any]) -> list[Any]:
    """Return the rows of a statement as named tuples of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row_type = namedtuple("Row", [column.name for column in cursor.description or ()])  # type: ignore[misc] # noqa: PYI024
        return [row_type(*row) for row in cursor.fetchall()]


# Each lot's current local day: when it began, and when yesterday and the same day a week ago began.
DAYS = """
WITH day AS (
    SELECT lot_id, zone, currency, local::date AS today, date_trunc('day', local) AT TIME ZONE zone AS midnight,
        (date_trunc('day', local) - interval '1 day') AT TIME ZONE zone AS yesterday,
        (date_trunc('day', local) - interval '7 days') AT TIME ZONE zone AS week_ago,
        (local - interval '7 days') AT TIME ZONE zone AS week_ago_now
    FROM (
        SELECT id AS lot_id, timezone AS zone, currency, %(at)s::timestamptz AT TIME ZONE timezone AS local
        FROM lots_lot WHERE id = ANY(%(lots)s::bigint[])
    ) lot
)
"""
