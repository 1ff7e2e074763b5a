"""The books of many payments: as the rows say, in few queries, and sent without holding them."""

import gc
import tracemalloc

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Operator
from bench.books import YEAR, add_up_rows, load
from bench.site import make_site
from tests.entrance.sessions import client_of
from tests.factories import make_user
from verification import book_invariants, prove

PAGE = "/manage/revenue/"
HELD = 40 * 2**20
"""Bytes of Python's memory that a file may take while it is sent, however long it is."""


@pytest.fixture
def no_vacuum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what can't run in a test's transaction."""
    run = connection.cursor

    def cursor():
        made = run()
        execute = made.execute
        made.execute = lambda sql, *more: None if sql == "VACUUM ANALYZE" else execute(sql, *more)
        return made

    monkeypatch.setattr(connection, "cursor", cursor)


def admin_of_all(lots: int, stays: int, **span: int) -> Client:
    make_site(lots, 4)
    load(lots, stays, **span)
    return client_of(make_user("admin", Operator.objects.earliest("pk")))


@pytest.mark.django_db
@pytest.mark.usefixtures("no_vacuum")
def test_a_year_is_shown_as_its_rows_say_in_few_queries():
    admin = admin_of_all(20, 4000)
    _seconds, rows = add_up_rows()

    with CaptureQueriesContext(connection) as captured:
        report = admin.get(PAGE, {"period": YEAR}).context["report"]
    assert {name: getattr(report.total, name) for name in rows} == rows
    assert all(table.total.net == report.total.net for table in report.tables)
    assert len(captured) <= 12
    assert [one.rows for one in prove(book_invariants.INVARIANTS) if not one.holds] == []


def sent(admin: Client, month: str) -> tuple[int, int]:
    """Return the lines of a month's file, and the most memory that it took."""
    response = admin.get(f"{PAGE}lines/csv/", {"period": month, "kind": "captured"})
    gc.collect()
    tracemalloc.start()
    lines = sum(part.count(b"\n") for part in response.streaming_content)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return lines, most


@pytest.mark.django_db(transaction=True)
def test_a_file_of_payments_holds_few_of_them_at_a_time():
    lines, most = sent(admin_of_all(5, 9000, days=28), f"{YEAR}-01")

    assert lines == 1 + 9000 - 9000 // 200
    assert most < HELD


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_file_of_a_month_with_300_000_payments_takes_no_more_memory():
    lines, most = sent(admin_of_all(5, 302_000, days=28), f"{YEAR}-01")

    assert lines == 1 + 302_000 - 302_000 // 200
    assert most < HELD
