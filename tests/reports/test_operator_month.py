"""An operator's month: its figures are those of the revenue and exceptions pages, and of stays counted slot by slot."""

import datetime as dt
import json
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils.timezone import now

from analytics.exception_counts import counts_by_kind, exceptions_at
from analytics.scope import scope_of
from billing.models import PaymentMethod
from office.revenue.asking import asked_by
from office.revenue.revenue_report import read_books, report_of
from reports.month_names import next_month
from reports.operator_month import OperatorMonth, month_from_json, operator_month
from reports.operator_occupancy import occupied_in, top_hours
from tests.billing.books.test_month import Month
from tests.factories import (
    make_closed_shift,
    make_gate,
    make_lot,
    make_operator,
    make_reservation,
    make_ticket,
    make_user,
)
from tests.office.test_dashboard import make_event
from tickets.models import OPEN, Ticket, TicketStatus

pytestmark = pytest.mark.django_db

UTC = dt.UTC
HALF_HOUR = dt.timedelta(minutes=30)
MARCH, APRIL, OCTOBER = dt.date(2026, 3, 1), dt.date(2026, 4, 1), dt.date(2026, 10, 1)


def test_revenue_is_that_of_the_revenue_page():
    world = Month(Random(16))
    world.run(24)
    operator, at = world.lots[0].operator, dt.datetime(2026, 4, 1, 8, tzinfo=UTC)
    admin = make_user("admin", operator)
    month = operator_month(operator, MARCH, at=at)
    books = read_books(asked_by(admin, QueryDict("period=2026-03"), at), at)
    assert [one.currency for one in month.takings] == ["CHF", "EUR"]
    for one in month.takings:
        page = report_of(books, one.currency)
        tables = {table.dimension: table.rows for table in page.tables}
        names = {str(method.label): method.value for method in PaymentMethod}
        assert figures(one.total) == figures(page.total)
        assert {row.name: figures(row) for row in one.lots} == {r.label: figures(r.takings) for r in tables["lot"]}
        assert {row.name: figures(row) for row in one.methods} == {
            names[r.label]: figures(r.takings) for r in tables["method"]
        }
    assert month_from_json(json.loads(json.dumps(month.as_json()))) == month


def figures(row) -> dict[str, int]:
    return {name: getattr(row, name) for name in ("charged", "credited", "captured", "refunded", "net", "tax", "stays")}


@pytest.mark.parametrize(
    ("zone", "month", "hours"),
    [
        ("Europe/Zurich", MARCH, 743),
        ("Europe/Zurich", OCTOBER, 745),
        ("Australia/Lord_Howe", APRIL, 720.5),
        ("Asia/Kathmandu", MARCH, 744),
    ],
)
def test_occupancy_is_that_of_stays_counted_slot_by_slot(zone, month, hours):
    lot, other, random = make_lot(timezone=zone, spots={"regular": 30}), make_lot(), Random(zone)
    begins, ends = (
        dt.datetime.combine(day, dt.time(), ZoneInfo(zone)).astimezone(UTC) for day in (month, next_month(month))
    )
    for number in range(40):
        entry = begins + dt.timedelta(minutes=random.randrange(-3000, 46_000))
        leaves = entry + dt.timedelta(seconds=random.choice((0, 59, 7_200, 86_400 * 20)) + random.randrange(3_000))
        fields = {"status": "closed", "exit_at": leaves, "closed_reason": "paid"}
        if number % 8 == 0:
            fields = {"status": random.choice(("active", "review")), "spot": lot.spots.all()[number // 8]}
        elif number % 8 == 1:
            fields["status"] = "void"
        make_ticket(lot, f"ZH {number}", entry, **fields)
    make_ticket(other, "BE 1", begins)
    found = occupied_in([lot.pk], month, at=ends + dt.timedelta(days=2))
    seconds, cars = counted(lot, begins, ends)
    assert sum(seconds.values()) == hours * 3600
    [of_lot] = found.lots
    assert (of_lot.lot, of_lot.places, of_lot.hours) == (lot.pk, 30, hours)
    assert found.share == pytest.approx(sum(cars.values()) / 30 / sum(seconds.values()))
    for (weekday, hour), known in seconds.items():
        assert found.by_hour[weekday][hour] == pytest.approx(cars[weekday, hour] / 30 / known), (weekday, hour)
    best = top_hours(found.by_hour)
    assert [share for _day, _hour, share in best] == sorted((s for line in found.by_hour for s in line), reverse=True)[
        :5
    ]


def counted(lot, begins, ends):
    """Add up how long cars were there, half hour by half hour of real time, by weekday and hour of the lot's clock."""
    stays = [
        (ticket.entry_at, ticket.exit_at or ends)
        for ticket in Ticket.objects.filter(lot=lot).exclude(status=TicketStatus.VOID)
        if ticket.exit_at or ticket.status in OPEN
    ]
    seconds, cars = {}, {}
    while begins < ends:
        local = begins.astimezone(ZoneInfo(lot.timezone))
        until, key = begins + HALF_HOUR, (local.weekday(), local.hour)
        there = sum(max((min(out, until) - max(entry, begins)).total_seconds(), 0) for entry, out in stays)
        seconds[key], cars[key] = seconds.get(key, 0) + 1800, cars.get(key, 0) + there
        begins = until
    return seconds, cars


def noon_at(lot):
    """Return the noon of the lot's day."""
    return now().astimezone(ZoneInfo(lot.timezone)).replace(hour=12, minute=0)


def test_no_shows_exceptions_and_shifts_are_counted_by_their_month(django_assert_num_queries):
    operator = make_operator()
    lot, empty = make_lot(operator, name="Central"), make_lot(operator, name="Archived", archived_at=now(), spots={})
    make_lot(name="Somebody else's")
    noon = noon_at(lot)
    month = noon.date().replace(day=1)
    missed = {"status": "no_show", "missed_at": noon, "fee_amount": 300}
    for number, fields in enumerate(
        ({}, missed, missed | {"forgiven_at": noon}, {"status": "cancelled", "cancelled_at": noon})
    ):
        make_reservation(lot, f"ZH {number}", noon, spot=lot.spots.all()[number], **fields)
    make_reservation(lot, "ZH 9", noon - dt.timedelta(days=40), spot=lot.spots.all()[0], **missed)
    for counted_amount in (10_000, 10_450, 9_000):
        make_closed_shift(make_user("attendant", operator, name="Ada"), lot, counted_amount, opened_at=noon)
    gate = make_gate(lot)
    for flags, skew, at in ((["by_hand"], None, noon), (["by_hand", "no_spot"], 90, noon), ([], None, noon)):
        make_event(gate, at, flags=flags, skew_seconds=skew)
    make_event(gate, noon - dt.timedelta(days=40), flags=["by_hand"])
    with django_assert_num_queries(7):
        found = operator_month(operator, month, at=now())
    [row] = found.missed
    assert (row.name, row.bookings, row.missed, row.forgiven, row.fees) == ("Central", 3, 2, 1, 300)
    [sums] = found.shifts
    assert (sums.currency, sums.closed, sums.over, sums.short) == ("CHF", 3, 450, 1000)
    assert sorted(one.off for one in found.off) == [-1000, 450]
    assert [lot.name for lot in found.lots] == ["Central"]
    assert empty.name not in {one.name for one in found.lots}
    admin = make_user("admin", operator)
    counts = counts_by_kind(exceptions_at(scope_of(admin), month, next_month(month) - dt.timedelta(days=1)))
    assert list(found.exceptions) == [(one.kind, one.count) for one in counts]
    assert set(found.exceptions) == {("by_hand", 2), ("no_spot", 1), ("skew", 1)}
    assert not found.is_over
    assert not found.is_empty


def test_lists_of_a_chain_are_cut_but_its_sums_are_not(monkeypatch):
    monkeypatch.setattr("reports.operator_month.MOST_ROWS", 1)
    operator = make_operator()
    for name in ("Central", "North", "South"):
        lot = make_lot(operator, name=name)
        noon = noon_at(lot)
        make_reservation(lot, "ZH 1", noon, spot=lot.spots.first(), status="no_show", missed_at=noon)
        make_closed_shift(make_user("attendant", operator), lot, 9_000, opened_at=noon)

    month = operator_month(operator, noon.date().replace(day=1), at=now())

    assert (month.bookings, month.no_shows, len(month.missed), len(month.off), len(month.lots)) == (3, 3, 1, 1, 1)
    assert month.shifts[0].closed == 3
    assert month.cut == ("lots", "missed", "off")


def test_month_without_anything_is_empty():
    operator = make_operator()
    assert operator_month(operator, MARCH, at=dt.datetime(2026, 4, 2, tzinfo=UTC)).is_empty
    lot = make_lot(operator)
    found = operator_month(lot.operator, MARCH, at=dt.datetime(2026, 4, 2, tzinfo=UTC))
    assert (found.is_empty, found.share, found.is_over) == (True, 0, True)
    assert isinstance(found, OperatorMonth)
