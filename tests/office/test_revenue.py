"""The revenue page: what it adds up, what it leads to, and who sees it."""

import csv
import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from billing.books import book_postings, close_days
from billing.models import Charge, Payment
from billing.services import refund_payment, take_payment
from tests.entrance.sessions import client_of
from tests.factories import make_charge, make_lot, make_operator, make_shift, make_ticket, make_user

pytestmark = pytest.mark.django_db
PAGE = "/manage/revenue/"
LINES = "/manage/revenue/lines/"
ZONE = ZoneInfo("Europe/Zurich")


def at(day: int, hour: int = 12, month: int = 3) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, 30, tzinfo=ZONE)


class Books:
    """Two lots of an operator, and an admin who reads their books."""

    def __init__(self):
        self.operator = make_operator()
        self.north, self.south = (make_lot(self.operator, name=name, slug=name.lower()) for name in ("North", "South"))
        self.admin = client_of(make_user("admin", self.operator))
        self.cashier = make_user("attendant", self.operator, name="Ada")
        make_shift(self.cashier, self.north)

    def sell(self, lot, amount, when, *, method="cash", **fields) -> Payment:
        charge = make_charge(lot, amount, at=when, tariff=lot.tariffs.get(), **{"tax_percent": Decimal("8.1")} | fields)
        make_ticket(lot, "ZH 1", status="closed", exit_at=when, closed_reason="paid", charge=charge, entry_at=when)
        taken_by = self.cashier if method == "cash" else None
        token = "" if method == "cash" else "tok_ok"
        return take_payment(
            charge=charge,
            method=method,
            amount=None,
            idempotency_key=f"k{charge.pk}",
            token=token,
            taken_by=taken_by,
            at=when,
        )

    def report(self, **query):
        page = self.admin.get(PAGE, query)
        assert page.status_code == 200
        return page.context["report"]

    def rows(self, address, **query) -> list[dict[str, str]]:
        page = self.admin.get(address, query)
        return list(csv.DictReader(b"".join(page.streaming_content).decode().splitlines()))


@pytest.fixture
def books():
    return Books()


@pytest.fixture(params=[False, True], ids=["not booked yet", "booked"])
def either(request):
    """Book what was posted, or leave it to the page."""
    return book_postings if request.param else lambda: None


def test_a_month_is_shown_by_day_and_adds_up(books, either):
    books.sell(books.north, 1000, at(2))
    paid = books.sell(books.south, 500, at(2), method="card")
    refund_payment(
        payment=paid, amount=200, reason="x", idempotency_key="r", refunded_by=books.cashier, at=at(3), goodwill=True
    )
    make_charge(books.north, 700, at=at(4))
    either()

    report = books.report(period="2026-03")
    nets = {row.title: row.takings.net for row in report.rows if row.takings.payments or row.takings.net}
    assert (len(report.rows), nets) == (31, {"2": 1500, "3": -200})
    total = report.total
    assert (total.captured, total.refunded, total.net, total.credited) == (1500, 200, 1300, 200)
    assert (total.charged, total.stays, total.tax) == (2200, 2, 75 + 37 - 15)
    assert (report.opening, report.closing) == (0, 700)
    assert {table.dimension: table.total.net for table in report.tables} == dict.fromkeys(
        ("lot", "method", "tariff", "cashier"), 1300
    )


def test_figures_by_lot_method_tariff_and_cashier(books, either):
    books.sell(books.north, 1000, at(2))
    books.sell(books.north, 500, at(2), method="card")
    books.sell(books.south, 300, at(3))
    either()

    tables = books.report(period="2026-03").tables
    assert {table.dimension: [(row.label, row.takings.net) for row in table.rows] for table in tables} == {
        "lot": [("North", 1500), ("South", 300)],
        "method": [("Cash", 1300), ("Card", 500)],
        "tariff": [("Standard", 1800)],
        "cashier": [("Ada", 1300), ("Nobody: machines and online", 500)],
    }


@pytest.mark.parametrize(
    ("query", "net"),
    [
        ({"period": "2026"}, 1111),
        ({"period": "2026-03"}, 1110),
        ({"period": "2026-03-02"}, 1010),
        ({"from": "2026-03-03", "to": "2026-04-30"}, 101),
        ({"from": "2026-02-15", "to": "2026-03-03"}, 1110),
        ({"period": "2026-03", "lot": "south"}, 10),
        ({"period": "2026", "lot": ["north", "south"]}, 1111),
    ],
)
def test_days_and_lots_come_from_the_address(books, either, query, net):
    for lot, amount, when in (
        (books.north, 1000, at(2)),
        (books.south, 10, at(2)),
        (books.north, 100, at(3)),
        (books.north, 1, at(1, month=4)),
    ):
        books.sell(lot, amount, when)
    either()

    report = books.report(**query)
    assert report.total.net == net
    assert all(table.total.net == net for table in report.tables)


def test_one_digs_from_the_year_to_the_very_payment(books):
    payment = books.sell(books.north, 1000, at(2, hour=14))
    books.sell(books.north, 300, at(2, hour=15))
    close_days(at=at(5))

    def follow(query, label):
        return next(row for row in books.report(**query).rows if row.label == label).href

    month = follow({"period": "2026"}, "Mar 2026")
    assert "period=2026-03" in month
    day = follow({"period": "2026-03"}, "Mon 2 Mar")
    assert "period=2026-03-02" in day
    hour = follow({"period": "2026-03-02"}, "14:00")
    page = books.admin.get(hour)
    assert [line.source for line in page.context["page"]] == [payment.pk]
    assert f"/manage/stays/{payment.charge.ticket.number}/" in page.content.decode()


def test_each_day_is_compared_with_the_same_weekday_before(books):
    books.sell(books.north, 800, at(2) - dt.timedelta(days=35))
    books.sell(books.north, 1000, at(2))

    report = books.report(period="2026-03")
    assert [(row.takings.net, row.before.net) for row in report.rows[:2]] == [(0, 0), (1000, 800)]
    page = books.admin.get(PAGE, {"period": "2026-03"}).content.decode()
    assert "+25 %" in page


def test_days_that_have_not_come_are_compared_with_nothing(books):
    today = now().astimezone(ZONE).date()
    rows = (
        books.report(**{"from": str(today), "to": str(today + dt.timedelta(days=3))}).rows
        if books.sell(books.north, 100, now())
        else []
    )
    assert [row.before is None for row in rows] == [False, True, True, True]


def test_days_are_hatched_until_all_lots_have_closed_them(books):
    books.sell(books.north, 1000, at(2))
    books.sell(books.south, 1000, at(3))
    close_days(at=at(3))

    report = books.report(period="2026-03")
    assert [row.is_closed for row in report.rows[:3]] == [True, True, False]
    assert [bar.so_far for bar in report.chart.bars[:3]] == [False, False, True]


def test_adjustments_point_at_the_closed_day_and_their_cause(books):
    books.sell(books.north, 1000, at(2))
    close_days(at=at(3))
    late = books.sell(books.north, 400, at(2, hour=13))

    page = books.admin.get(PAGE)
    lines = {(line.kind, line.adjusts, line.source) for line in page.context["adjustments"]}
    assert lines == {("charged", at(2).date(), None), ("captured", at(2).date(), late.pk)}
    assert late.charge.ticket.number in page.content.decode()


def test_currencies_are_never_added_up(books):
    books.sell(books.north, 1000, at(2))
    books.sell(books.south, 700, at(2), currency="EUR")

    page = books.admin.get(PAGE, {"period": "2026-03"})
    assert page.context["report"].total.net == 1000
    assert [tab["label"] for tab in page.context["currencies"]] == ["CHF", "EUR"]
    assert books.report(period="2026-03", currency="EUR").total.net == 700


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "1,000"), ("KWD", "1.000")])
def test_amounts_have_the_decimals_of_their_currency(books, currency, shown):
    books.sell(books.north, 1000, at(2), currency=currency)

    page = books.admin.get(PAGE, {"period": "2026-03", "currency": currency}).content.decode()
    assert f">{shown}<" in page


def test_no_money_and_no_lots_say_so(books):
    assert "No money moved" in books.admin.get(PAGE).content.decode()
    other = make_user("admin", make_operator())
    assert "You have no lots yet" in client_of(other).get(PAGE).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"period": "yesterday"},
        {"period": "2026-13"},
        {"period": "2026-02-30"},
        {"period": "0000"},
        {"period": "9999-12-31"},
        {"from": "x"},
        {"from": "2026-03-02", "to": "2026-03-01"},
        {"from": "2001-01-01", "to": "2026-01-01"},
    ],
)
@pytest.mark.parametrize("address", [PAGE, LINES, f"{PAGE}csv/", f"{LINES}csv/"])
def test_days_that_are_none_are_refused(books, address, query):
    assert books.admin.get(address, query).status_code == 422


@pytest.mark.parametrize("address", [PAGE, LINES, f"{PAGE}csv/", f"{LINES}csv/"])
def test_lots_of_others_are_not_found(books, address):
    books.sell(books.north, 1000, at(2))
    stranger = client_of(make_user("admin", make_lot().operator))

    assert stranger.get(address, {"lot": "north"}).status_code == 404
    assert client_of(books.cashier).get(address).status_code == 403


def test_others_see_none_of_it(books):
    books.sell(books.north, 1000, at(2))
    stranger = client_of(make_user("admin", make_lot().operator))

    assert stranger.get(PAGE, {"period": "2026-03"}).context["report"].total.net == 0
    assert len(stranger.get(LINES, {"period": "2026-03"}).context["page"]) == 0


def test_an_archived_lot_keeps_its_revenue(books):
    books.sell(books.north, 1000, at(2))
    type(books.north).objects.filter(pk=books.north.pk).update(archived_at=now())

    report = books.report(period="2026-03")
    assert report.total.net == report.tables[0].total.net == 1000
    assert books.report(period="2026-03", lot="north").total.net == 1000


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ({}, [500, 200, 1000]),
        ({"kind": "charged"}, [500, 1000]),
        ({"kind": "captured"}, [500, 1000]),
        ({"kind": "refunded"}, [200]),
        ({"kind": "all", "hour": "12"}, [200, 1000, 1000]),
        ({"method": "cash"}, [200, 1000]),
        ({"cashier": "none", "kind": "captured"}, [500]),
        ({"lot": "south"}, [500]),
        ({"hour": "x", "tariff": "1,x,99999999999999999999", "kind": "captured"}, []),
        ({"currency": "EUR"}, []),
    ],
)
def test_postings_are_narrowed_as_the_figure_was(books, either, query, amounts):
    paid = books.sell(books.north, 1000, at(2))
    refund_payment(
        payment=paid,
        amount=200,
        reason="x",
        idempotency_key="r",
        refunded_by=books.cashier,
        at=at(2) + dt.timedelta(minutes=5),
    )
    books.sell(books.south, 500, at(2, hour=15), method="card")
    either()

    page = books.admin.get(LINES, {"period": "2026-03-02"} | query)
    assert [line.amount for line in page.context["page"]] == amounts


def test_files_say_what_the_page_says(books):
    paid = books.sell(books.north, 1000, at(2))
    refund_payment(payment=paid, amount=200, reason="x", idempotency_key="r", refunded_by=books.cashier, at=at(3))
    books.sell(books.south, 700, at(2), currency="EUR", method="card")

    assert books.rows(f"{PAGE}csv/", period="2026-03")[0] == {
        "day": "2026-03-02", "currency": "CHF", "charged": "10.00", "credited": "0.00", "captured": "10.00",
        "refunded": "0.00", "net": "10.00", "tax": "0.75", "stays": "1",
    }  # fmt: skip
    by_method = books.rows(f"{PAGE}csv/", period="2026-03", by="method")
    assert [(row["method"], row["currency"], row["net"]) for row in by_method] == [
        ("Cash", "CHF", "8.00"), ("Card", "EUR", "7.00"),
    ]  # fmt: skip
    lines = books.rows(f"{LINES}csv/", period="2026-03")
    assert sorted((row["kind"], row["amount"], row["currency"], row["method"]) for row in lines) == [
        ("captured", "10.00", "CHF", "cash"), ("captured", "7.00", "EUR", "card"),
        ("refunded", "2.00", "CHF", "cash"),
    ]  # fmt: skip
    assert {row["thing"] for row in lines} >= {paid.charge.ticket.number}


def test_a_name_is_no_formula_in_a_file(books):
    type(books.north).objects.filter(pk=books.north.pk).update(name="=1+1")
    books.sell(books.north, 1000, at(2))

    assert books.rows(f"{LINES}csv/", period="2026-03")[0]["lot"] == "'=1+1"
    assert books.rows(f"{PAGE}csv/", period="2026-03", by="lot")[0]["lot"] == "'=1+1"


@pytest.mark.parametrize("address", [PAGE, LINES])
def test_many_lots_and_payments_take_as_many_queries_as_one(books, address):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert books.admin.get(address, {"period": "2026-03"}).status_code == 200
        return len(captured)

    books.sell(books.north, 1000, at(2))
    few = queries()
    for number in range(20):
        books.sell(make_lot(books.operator), 100 + number, at(1 + number))
    assert queries() == few <= 12
    assert Charge.objects.count() == 21
