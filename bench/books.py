"""Measures the revenue page over a year of stays against adding up the rows themselves.

Run as `python -m bench.books [--lots N] [--stays N] [--seconds S]`; prints one JSON line. The ceiling is one statement
that finds the same figures in payments, refunds, credits and charges; `ratio` is its time divided by the page's.
"""

import argparse
import json
import statistics
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bench.box import machine, running, running_servers
from bench.cars import Connection
from bench.pages import Page, look, weigh
from bench.site import log_in, make_site

YEAR = 2025
SPOTS = 4
CASHIERS = 5
RAW_ROUNDS = 3
ALL_MISSING = 0b1111111
POSTINGS_OF_ROWS = Path(__file__).with_name("postings_of_rows.sql")

# Triggers and foreign keys are off while valid rows are inserted. Cars pay between 8 and 20 o'clock; one stay in 200 is
# not paid, one payment in 100 is given back in part.
_CHARGES = """
INSERT INTO billing_charge (lot_id, tariff_id, label, currency, due_amount, tax_percent, lines, credited_amount,
    captured_amount, refunded_amount, rounding_amount, kept_amount, created_at, assessed_at, settled_at)
SELECT lot.id, lot.tariff, 'Stay ' || n, 'CHF', amount, 8.1, '[]', 0, CASE WHEN n %% 200 = 0 THEN 0 ELSE amount END,
    CASE WHEN n %% 100 = 50 THEN 100 ELSE 0 END, 0, 0, at, at, CASE WHEN n %% 200 > 0 AND n %% 100 <> 50 THEN at END
FROM generate_series(1, %(stays)s) n
JOIN (
    SELECT l.id, row_number() OVER (ORDER BY l.id) - 1 AS place,
        (SELECT min(id) FROM billing_tariff t WHERE t.lot_id = l.id) AS tariff FROM lots_lot l
) lot ON lot.place = n %% %(lots)s
CROSS JOIN LATERAL (
    SELECT 200 + (n::bigint * 7919 %% 24) * 100 AS amount,
        (%(first)s::date + ((n::bigint - 1) * %(days)s / %(stays)s)::int)
            + interval '8 hours' + (n::bigint * 104729 %% 43200) * interval '1 second' AS at
) made
"""
_PAYMENTS = """
INSERT INTO billing_payment (charge_id, method, state, amount, captured_amount, provider, provider_reference, failure,
    idempotency_key, fingerprint, receipt_email, by_number, rounding_amount, kept_amount, taxed_before, page_url,
    is_hold, authorised_amount, taken_by_id, created_at, finished_at)
SELECT id, CASE WHEN id % 10 < 3 THEN 'cash' WHEN id % 10 < 8 THEN 'card' ELSE 'online' END, 'captured', due_amount,
    due_amount, '', '', '', 'bench-' || id, '', '', false, 0, 0, 0, '', false, 0,
    CASE WHEN id % 10 < 3 THEN (SELECT min(id) FROM accounts_user) + id % 5 END, created_at, created_at
FROM billing_charge WHERE captured_amount > 0
"""
_REFUNDS = """
INSERT INTO billing_refund (payment_id, amount, reason, goodwill, return_note, attempts, failure, is_refused,
    idempotency_key, created_at)
SELECT payment.id, 100, 'measured', false, '', 0, '', false, 'back-' || payment.id,
    payment.created_at + interval '1 day'
FROM billing_payment payment JOIN billing_charge charge ON charge.id = payment.charge_id WHERE refunded_amount > 0
"""
# What the page shows, from the rows: by day, by weekday and hour, by lot, method, tariff and cashier.
RAW = """
WITH moved AS (
    SELECT charge_id, captured_amount AS captured, 0 AS refunded, finished_at AS at, method, taken_by_id AS cashier
    FROM billing_payment WHERE state = 'captured'
    UNION ALL
    SELECT payment.charge_id, 0, refund.amount, refund.created_at, payment.method, refund.refunded_by_id
    FROM billing_refund refund JOIN billing_payment payment ON payment.id = refund.payment_id
), running AS (
    SELECT *, sum(captured - refunded) OVER (PARTITION BY charge_id ORDER BY at) AS net FROM moved
), posted AS (
    SELECT running.charge_id, 0 AS charged, 0 AS credited, captured, refunded,
        billing_tax_within(net::bigint, tax_percent)
            - billing_tax_within((net - captured + refunded)::bigint, tax_percent) AS tax, at, method, cashier
    FROM running JOIN billing_charge charge ON charge.id = running.charge_id
    UNION ALL
    SELECT id, due_amount, 0, 0, 0, 0, created_at, '', NULL FROM billing_charge
    UNION ALL
    SELECT charge_id, 0, amount, 0, 0, 0, created_at, '', granted_by_id FROM billing_credit
), timed AS (
    SELECT posted.*, charge.lot_id, charge.currency, charge.tariff_id, posted.at AT TIME ZONE lot.timezone AS local
    FROM posted JOIN billing_charge charge ON charge.id = posted.charge_id JOIN lots_lot lot ON lot.id = charge.lot_id
)
SELECT currency, day, weekday, hour, lot_id, method, tariff_id, cashier,
    GROUPING(day, weekday, hour, lot_id, method, tariff_id, cashier) AS missing, sum(charged) AS charged,
    sum(credited) AS credited, sum(captured) AS captured, sum(refunded) AS refunded, sum(tax) AS tax
FROM (
    SELECT *, local::date AS day, extract(isodow FROM local) AS weekday, extract(hour FROM local) AS hour FROM timed
) dated
WHERE day BETWEEN %(first)s AND %(last)s
GROUP BY GROUPING SETS ((currency), (currency, day), (currency, weekday, hour), (currency, lot_id), (currency, method),
    (currency, tariff_id), (currency, cashier))
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lots", type=int, default=500)
    parser.add_argument("--stays", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    with running_servers() as folder:
        make_site(options.lots, SPOTS)
        cookies = {"admin": log_in("admin")}
        booked = load(options.lots, options.stays)
        raw = statistics.median(add_up_rows()[0] for _ in range(RAW_ROUNDS))
        page = Page(f"/manage/revenue/?period={YEAR}", "admin")
        month = Page(f"/manage/revenue/?period={YEAR}-11", "admin")
        with running(folder, "web") as (port, _web):
            connection, times = Connection(port), {"year": [0.0], "month": [0.0]}
            for name, one in (("year", page), ("month", month)):
                look(connection, one, cookies)
                stop_at = time.monotonic() + options.seconds
                times[name] = [look(connection, one, cookies)]
                while time.monotonic() < stop_at:
                    times[name].append(look(connection, one, cookies))
        weight = weigh(page, cookies)
    year, one_month = (statistics.median(times[name]) for name in ("year", "month"))
    found = {
        "lots": options.lots,
        "stays": options.stays,
        "booked_seconds": round(booked, 1),
        "year_p50_ms": round(year * 1000, 1),
        "month_p50_ms": round(one_month * 1000, 1),
        "rows_ms": round(raw * 1000),
        "ratio": round(raw / year, 1),
        **weight,
    }
    print(json.dumps({"bench": "books", **machine(), **found}))


def load(lots: int, stays: int, days: int = 365) -> float:
    """Insert stays of this many days from the start of the year, and book them; return the seconds of booking."""
    from django.db import connection

    from accounts.models import User
    from billing.books import book_postings, close_days

    for number in range(CASHIERS):
        User.objects.create_user(f"cashier-{number}@bench.example", None)
    parameters: dict[str, Any] = {"lots": lots, "stays": stays, "days": days, "first": date(YEAR, 1, 1)}
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_CHARGES, parameters)
        cursor.execute(_PAYMENTS)
        cursor.execute(_REFUNDS)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(POSTINGS_OF_ROWS.read_text(encoding="utf-8"))
        began = time.monotonic()
        while book_postings(100_000):
            pass
        took = time.monotonic() - began
        close_days(at=datetime(YEAR + 1, 1, 2, tzinfo=UTC))
        if not connection.in_atomic_block:
            cursor.execute("VACUUM ANALYZE")
    return took


def add_up_rows() -> tuple[float, dict[str, int]]:
    """Find the figures of the year in the rows themselves; return how long it took, and the totals."""
    from django.db import connection

    with connection.cursor() as cursor:
        began = time.monotonic()
        cursor.execute(RAW, {"first": date(YEAR, 1, 1), "last": date(YEAR, 12, 31)})
        names = [column.name for column in cursor.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        took = time.monotonic() - began
    total = next(row for row in rows if row["missing"] == ALL_MISSING)
    return took, {name: int(total[name]) for name in ("charged", "credited", "captured", "refunded", "tax")}


if __name__ == "__main__":
    main()
