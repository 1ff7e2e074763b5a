"""Postings, their sums, and closed days."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from billing.books import book_postings, close_days
from billing.models import (
    BookLine,
    Charge,
    Credit,
    DailyClose,
    HourlySum,
    MonthlySum,
    OperatorSum,
    Payment,
    Posting,
    Refund,
)
from billing.pricing import tax_within
from billing.services import assess_charge, credit_charge, refund_payment, take_payment
from tests.at_once import at_once
from tests.factories import make_charge, make_lot, make_user
from tests.invariants import broken

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
POSTINGS_OF_ROWS = Path(__file__).parents[3] / "bench" / "postings_of_rows.sql"
ZERO = {"charged": 0, "credited": 0, "captured": 0, "refunded": 0, "tax": 0, "stays": 0, "payments": 0}


def pay(charge: Charge, amount: int | None = None, *, at: dt.datetime = AT, **fields: Any) -> Payment:
    key = f"{charge.pk}-{charge.payments.count()}"
    return take_payment(charge=charge, method="terminal", amount=amount, idempotency_key=key, at=at, **fields)


def refund(payment: Payment, amount: int, *, at: dt.datetime = AT, **fields: Any) -> Refund:
    key = f"refund-{payment.pk}-{payment.refunds.count()}"
    return refund_payment(payment=payment, amount=amount, reason="Mistake", idempotency_key=key, at=at, **fields)


def postings() -> list[tuple[str, int, int]]:
    return list(Posting.objects.order_by("id").values_list("kind", "amount", "tax"))


def measures(row: Any) -> dict[str, int]:
    return {name: getattr(row, name) for name in ZERO}


@pytest.fixture
def charge(db: None) -> Charge:
    return make_charge(make_lot(), 1000, at=AT, tax_percent=Decimal("8.1"))


def test_every_change_of_money_is_posted(charge):
    paid = pay(charge, 600)
    refund(paid, 200)
    credit_charge(charge=charge, amount=100, reason="Sorry", at=AT)

    assert postings() == [("charged", 1000, 0), ("captured", 600, 45), ("refunded", 200, -15), ("credited", 100, 0)]


def test_tax_is_what_the_net_of_the_charge_changes(charge):
    """Half of 10.00 contains 0.37, the whole 0.75."""
    pay(charge, 500)
    pay(charge, 500, at=AT + DAY)

    assert list(Posting.objects.filter(kind="captured").order_by("at").values_list("tax", flat=True)) == [37, 38]


def test_a_price_that_rises_is_posted_as_the_difference_when_it_is_assessed(charge):
    later = AT + dt.timedelta(hours=3)
    assess_charge(
        charge=charge, lot=charge.lot, label="A stay", due=1300, tax_percent=charge.tax_percent, lines=[], at=later
    )

    assert list(Posting.objects.order_by("id").values_list("amount", "at")) == [(1000, AT), (300, later)]


def test_tax_moves_with_its_rate(charge):
    pay(charge)
    Charge.objects.filter(pk=charge.pk).update(tax_percent=Decimal("7.7"))

    assert postings()[1:] == [("captured", 1000, 75), ("charged", 0, -4)]
    assert broken() == []


def test_a_declined_card_is_not_posted(charge):
    take_payment(charge=charge, method="card", amount=None, idempotency_key="k", token="tok_declined", at=AT)

    assert postings() == [("charged", 1000, 0)]


def test_a_stay_counts_at_its_first_payment_alone(charge):
    pay(charge, 400)
    refund(pay(charge, 600), 600)
    pay(charge, 600)

    assert list(Posting.objects.filter(kind="captured").order_by("id").values_list("stays", flat=True)) == [1, 0, 0]


def test_payments_deleted_by_hand_are_posted_back(charge):
    payment = Payment.objects.create(
        charge=charge, method="cash", state="captured", amount=600, captured_amount=600, idempotency_key="k",
        created_at=AT, finished_at=AT,
    )  # fmt: skip
    payment.delete()

    assert postings()[1:] == [("captured", 600, 45), ("captured", -600, -45)]
    assert broken() == []


@pytest.mark.parametrize("statement", ["UPDATE billing_posting SET amount = 1", "DELETE FROM billing_posting"])
def test_postings_are_append_only(charge, statement):
    with pytest.raises(ProgrammingError, match="never changed"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@given(
    gross=st.integers(0, 10**12),
    percent=st.decimals(0, 100, places=4, allow_nan=False, allow_infinity=False),
)
@pytest.mark.django_db
def test_the_database_finds_the_same_tax(gross, percent):
    with connection.cursor() as cursor:
        cursor.execute("SELECT billing_tax_within(%s, %s)", [gross, percent])
        assert cursor.fetchone() == (tax_within(gross, percent),)


def test_booking_adds_up_by_hour_month_and_operator(charge):
    cashier = make_user("attendant", charge.lot.operator)
    refund(pay(charge, taken_by=cashier), 200, refunded_by=cashier)
    book_postings()

    due, paid = HourlySum.objects.order_by("method")
    assert measures(due) == ZERO | {"charged": 1000}
    assert measures(paid) == ZERO | {"captured": 1000, "refunded": 200, "tax": 60, "stays": 1, "payments": 1}
    assert (paid.method, paid.cashier_id, paid.day, paid.hour) == ("terminal", cashier.pk, AT.date(), 11)
    assert {month.month for month in MonthlySum.objects.all()} == {dt.date(2026, 3, 1)}
    (of_operator,) = OperatorSum.objects.all()
    assert measures(of_operator) == measures(paid) | {"charged": 1000}
    assert broken() == []


def test_booking_twice_adds_nothing(charge):
    assert (book_postings(), book_postings()) == (1, 0)
    assert HourlySum.objects.get().charged == 1000


@pytest.mark.parametrize(
    ("at", "day", "hour"),
    [
        ("2026-03-02T22:59:59+00:00", "2026-03-02", 23),
        ("2026-03-02T23:00:00+00:00", "2026-03-03", 0),
        ("2026-03-03T01:00:00+00:00", "2026-03-03", 2),
        ("2026-03-29T01:00:00+00:00", "2026-03-29", 3),
        ("2026-10-25T00:30:00+00:00", "2026-10-25", 2),
        ("2026-10-25T01:30:00+00:00", "2026-10-25", 2),
    ],
    ids=["last second", "midnight", "two at night", "after the gap", "first of the fold", "second of the fold"],
)
def test_money_belongs_to_the_day_and_hour_on_the_clock_of_the_lot(db, at, day, hour):
    make_charge(make_lot(timezone="Europe/Zurich"), at=dt.datetime.fromisoformat(at))
    assert list(BookLine.objects.values_list("day", "hour")) == [(dt.date.fromisoformat(day), hour)]
    book_postings()
    assert list(HourlySum.objects.values_list("day", "hour")) == [(dt.date.fromisoformat(day), hour)]


def test_payments_count_when_they_finished_and_refunds_when_they_were_approved(charge):
    refund(pay(charge, at=AT + DAY), 1000, at=AT + 2 * DAY)

    assert list(BookLine.objects.order_by("id").values_list("kind", "day")) == [
        ("charged", AT.date()),
        ("captured", (AT + DAY).date()),
        ("refunded", (AT + 2 * DAY).date()),
    ]


def test_a_day_is_closed_at_the_hour_of_its_next_morning(charge):
    close_days(at=dt.datetime(2026, 3, 3, 2, 59, tzinfo=dt.UTC))
    assert not DailyClose.objects.filter(day__gte=AT.date()).exists()

    close_days(at=dt.datetime(2026, 3, 3, 3, 0, tzinfo=dt.UTC))
    assert DailyClose.objects.latest("day").day == AT.date()


def test_a_close_freezes_the_figures_and_what_is_outstanding(charge):
    pay(charge, 400)
    pay(charge, 100, at=AT + DAY)
    close_days(at=AT + 3 * DAY)

    first, second, _third = DailyClose.objects.order_by("day")
    assert measures(first) == ZERO | {"charged": 1000, "captured": 400, "tax": 30, "stays": 1, "payments": 1}
    assert (first.outstanding, second.outstanding) == (600, 500)
    assert close_days(at=AT + 3 * DAY) == 0
    assert broken() == []


def test_every_day_is_closed_even_one_without_money(charge):
    close_days(at=AT + DAY)
    close_days(at=AT + 4 * DAY)

    assert [close.outstanding for close in DailyClose.objects.order_by("day")] == [1000] * 4


def test_what_comes_after_the_close_adjusts_the_day_on_the_day_it_happened(charge):
    close_days(at=AT + DAY)
    pay(charge, 400)
    book_postings()

    late = Posting.objects.get(kind="captured")
    assert (late.adjusts, late.at) == (AT.date(), AT)
    assert late.day == now().astimezone(dt.timezone(dt.timedelta(hours=1))).date()
    assert DailyClose.objects.get(day=AT.date()).captured == 0
    assert broken() == []


def test_what_comes_after_the_close_is_shown_the_same_before_it_is_booked(charge):
    close_days(at=AT + DAY)
    pay(charge, 400)
    before = BookLine.objects.filter(kind="captured").values_list("day", "hour", "adjusts").get()
    book_postings()

    assert BookLine.objects.filter(kind="captured").values_list("day", "hour", "adjusts").get() == before


def test_two_currencies_of_a_lot_are_closed_apart(charge):
    make_charge(charge.lot, 700, at=AT, currency="EUR")
    close_days(at=AT + DAY)

    assert dict(DailyClose.objects.values_list("currency", "outstanding")) == {"CHF": 1000, "EUR": 700}


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_commits_late_is_booked_later():
    charge = make_charge(make_lot(), 1000, at=AT)
    with transaction.atomic():
        pay(charge, 400)
        later = make_charge(charge.lot, 500, at=AT)
        assert later.pk
        at_once([lambda: make_charge(charge.lot, 1, at=AT)])
        at_once([book_postings])
        assert sum(HourlySum.objects.values_list("charged", flat=True)) == 1001
    book_postings()

    assert sum(HourlySum.objects.values_list("charged", flat=True)) == 1501
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_books_kept_at_once_lose_and_double_nothing():
    lot = make_lot()
    charges = [make_charge(lot, 1000, at=AT) for _ in range(40)]
    payments = [lambda charge=charge: pay(charge) for charge in charges]
    at_once([*payments[:10], *[lambda: book_postings(7)] * 4])
    at_once([*payments[10:20], lambda: close_days(at=now()), *[book_postings] * 2])
    book_postings()

    assert sum(OperatorSum.objects.values_list("captured", flat=True)) == 20_000
    assert broken() == []


def test_credits_taken_back_and_refunds_reversed_add_up(charge):
    Credit.objects.create(charge=charge, amount=300, reason="x", created_at=AT)
    taken_back = Credit.objects.get()
    Credit.objects.create(charge=charge, amount=-300, reason="x", created_at=AT + DAY, reverses=taken_back)
    book_postings()

    assert sum(HourlySum.objects.values_list("credited", flat=True)) == 0
    assert broken() == []


def test_a_due_amount_that_changes_without_being_assessed_changes_now(charge):
    Charge.objects.filter(pk=charge.pk).update(due_amount=1005)

    assert now() - Posting.objects.latest("id").at < DAY


def test_rows_written_past_the_triggers_are_posted_as_by_them(charge):
    cashier = make_user("attendant", charge.lot.operator)
    paid = pay(charge, 600, taken_by=cashier)
    refund(paid, 200, at=AT + DAY, refunded_by=cashier)
    credit_charge(charge=charge, amount=100, reason="Sorry", at=AT + DAY, granted_by=cashier)
    pay(charge, at=AT + 2 * DAY)
    columns = ("lot", "kind", "source", "amount", "tax", "stays", "method", "tariff", "cashier", "at")
    told = list(Posting.objects.order_by("id").values_list(*columns))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE billing_posting")
        cursor.execute(POSTINGS_OF_ROWS.read_text())

    assert list(Posting.objects.order_by("id").values_list(*columns)) == told
    book_postings()
    assert broken() == []
