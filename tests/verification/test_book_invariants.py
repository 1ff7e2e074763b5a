"""The books are damaged on purpose, past every guard, and what was damaged is named."""

import datetime as dt

import pytest
from django.db import connection

from billing.books import book_postings, close_days
from billing.models import DailyClose, HourlySum, MonthlySum, OperatorSum
from billing.services import refund_payment, take_payment
from tests.factories import make_charge, make_lot
from verification import book_invariants, prove

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)


@pytest.fixture
def books(db: None) -> None:
    """A payment of which a part was refunded, booked and closed."""
    charge = make_charge(make_lot(), 1000, at=AT, tax_percent="8.1")
    payment = take_payment(charge=charge, method="terminal", amount=900, idempotency_key="k", at=AT)
    refund_payment(payment=payment, amount=100, reason="x", idempotency_key="r", at=AT)
    close_days(at=AT + dt.timedelta(days=1))


def broken() -> dict[str, tuple[str, ...]]:
    return {one.invariant.name: one.rows for one in prove(book_invariants.INVARIANTS) if not one.holds}


def damage(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_whole_books_hold(books):
    assert broken() == {}


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        (
            "UPDATE billing_charge SET due_amount = due_amount + 1",
            {"postings_equal_rows", "books_balance"},
        ),
        ("UPDATE billing_payment SET captured_amount = 899", {"postings_name_their_rows"}),
        ("UPDATE billing_payment SET finished_at = finished_at + interval '1 day'", {"postings_name_their_rows"}),
        ("UPDATE billing_payment SET method = 'card'", {"postings_name_their_rows"}),
        ("UPDATE billing_refund SET amount = 101", {"postings_name_their_rows"}),
        (
            "UPDATE billing_posting SET amount = 901 WHERE kind = 'captured'",
            {
                *("postings_equal_rows", "postings_name_their_rows", "books_balance", "hourly_sums_equal_postings"),
                *("monthly_sums_equal_postings", "operator_sums_equal_postings"),
            },
        ),
        ("UPDATE billing_hourlysum SET tax = tax + 1", {"hourly_sums_equal_postings", "closed_days_stay"}),
        ("UPDATE billing_monthlysum SET stays = stays + 1", {"monthly_sums_equal_postings"}),
        ("DELETE FROM billing_operatorsum", {"operator_sums_equal_postings"}),
        ("UPDATE billing_dailyclose SET captured = captured + 1", {"closed_days_stay"}),
        ("UPDATE billing_dailyclose SET outstanding = outstanding + 1", {"closed_days_stay"}),
    ],
)
def test_one_row_changed_by_hand_is_named(books, statement, names):
    damage(statement)

    assert broken().keys() == names


def test_the_damaged_row_is_named(books):
    damage("UPDATE billing_hourlysum SET captured = captured + 1 WHERE method = 'terminal'")

    (row,) = broken()["hourly_sums_equal_postings"]
    assert "2026-03-02,11,terminal" in row


def test_unbooked_postings_break_nothing(books):
    make_charge(make_lot(), 500, at=AT)
    assert broken() == {}
    book_postings()
    assert broken() == {}
    assert all(table.objects.exists() for table in (HourlySum, MonthlySum, OperatorSum, DailyClose))
