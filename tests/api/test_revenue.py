"""The revenue of days over the API equals the rows of charges, credits, payments and refunds."""

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from billing.books import book_postings
from billing.models import Credit, Payment, Refund
from billing.services import refund_payment, take_payment
from tests.api.documented import get
from tests.factories import make_charge, make_lot, make_operator, make_user

pytestmark = pytest.mark.django_db
ZONE = ZoneInfo("Europe/Zurich")
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=ZONE)
MONTH = "/revenue-summary?from=2026-03-01&to=2026-03-31"


@pytest.fixture
def admin():
    """An admin of two lots at which money moved on five days, late in the evening too."""
    operator = make_operator()
    for place, slug in enumerate(("central", "lakeside")):
        lot = make_lot(operator, slug=slug)
        for number in range(5):
            at = NOON + dt.timedelta(days=number, hours=11 if number % 2 else 0)
            charge = make_charge(lot, 500 + 100 * number + place, at=at, tax_percent="8.1")
            if number == 4:
                continue
            method = "terminal" if number % 2 else "online"
            key = f"{slug}-{number}"
            payment = take_payment(charge=charge, method="terminal", amount=None, idempotency_key=key, at=at)
            if method == "online":
                later = at + dt.timedelta(days=1)
                refund_payment(payment=payment, amount=200, reason="kind", goodwill=True, idempotency_key=key, at=later)
    book_postings()
    return make_user("admin", operator)


def rows_of(answer):
    return {
        row["key"]: {name: row[name] for name in ("charged", "captured", "refunded", "net")} for row in answer["rows"]
    }


def test_rows_of_each_grouping_add_up_to_the_same_total(admin):
    answers = {by: get(admin, f"{MONTH}&group_by={by}").json() for by in ("day", "lot", "method")}
    for by, answer in answers.items():
        assert (answer["from"], answer["to"], answer["group_by"]) == ("2026-03-01", "2026-03-31", by)
        [total] = answer["totals"]
        assert {name: sum(row[name] for row in answer["rows"]) for name in total if name != "currency"} == {
            name: value for name, value in total.items() if name != "currency"
        }
        assert answer["totals"] == answers["day"]["totals"]
    assert answers["lot"]["rows"][0]["key"] == "central"


def test_days_are_those_of_the_rows(admin):
    captured = Counter()
    for at, amount in Payment.objects.values_list("created_at", "captured_amount"):
        captured[at.astimezone(ZONE).date().isoformat()] += amount
    refunded = Counter()
    for at, amount in Refund.objects.values_list("created_at", "amount"):
        refunded[at.astimezone(ZONE).date().isoformat()] += amount

    answer = get(admin, MONTH).json()

    days = rows_of(answer)
    assert {day: row["captured"] for day, row in days.items() if row["captured"]} == captured
    assert {day: row["refunded"] for day, row in days.items() if row["refunded"]} == refunded
    assert all(row["net"] == row["captured"] - row["refunded"] for row in days.values())
    [total] = answer["totals"]
    owed = total["charged"] - sum(Credit.objects.values_list("amount", flat=True)) - total["net"]
    assert answer["outstanding"] == [{"currency": "CHF", "amount": owed}]


def test_one_lot_and_one_day(admin):
    answer = get(admin, "/revenue-summary?from=2026-03-02&to=2026-03-02&lot=lakeside&group_by=lot").json()
    assert answer["lots"] == ["lakeside"]
    assert rows_of(answer) == {"lakeside": {"charged": 601, "captured": 601, "refunded": 200, "net": 401}}


def test_without_days_it_is_today(admin):
    answer = get(admin, "/revenue-summary").json()
    today = dt.datetime.now(ZONE).date().isoformat()
    assert (answer["from"], answer["to"], answer["rows"], answer["totals"]) == (today, today, [], [])


@pytest.mark.parametrize(
    "query", ["from=2026-03-02&to=2026-03-01", "from=0001-01-01&to=9999-12-31", "group_by=tariff", "from=yesterday"]
)
def test_wrong_days_are_refused(admin, query):
    answer = get(admin, f"/revenue-summary?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"]
