"""A driver's month: what its mail and its PDF say is what `/me/` shows, and what receipts and books add up to."""

import datetime as dt
from collections import Counter, defaultdict
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q, Sum

from billing.documents.worker import issue_due
from billing.models import BookLine, Charge, Document, PostingKind
from billing.services import refund_payment, take_payment
from driver.own_spending import spending_of, spent_lately
from reports.driver_month import DriverMonth, month_of, months_of
from reports.month_receipts import receipts_of
from reports.month_spending import month_sums, spent_by
from tests.factories import (
    HOURLY,
    make_charge,
    make_lot,
    make_operator,
    make_proof,
    make_reservation,
    make_shift,
    make_ticket,
    make_user,
)
from tickets.models import Ticket
from tickets.services import assess_ticket, close_ticket

pytestmark = pytest.mark.django_db

UTC = dt.UTC
MARCH, OCTOBER = dt.date(2026, 3, 1), dt.date(2026, 10, 1)
"""Months of 743 and 745 hours in Zurich."""
LOTS = (
    ("Central", "CHF", "Europe/Zurich", "8.1"),
    ("Harbour", "EUR", "Europe/Berlin", "19"),
    ("Auckland", "NZD", "Pacific/Auckland", "15"),
    ("Howe", "AUD", "Australia/Lord_Howe", "10"),
    ("Second", "CHF", "America/Los_Angeles", "2.6"),
)


class Parked:
    """Two drivers at five lots in four currencies, and a tape of what they did, by driver and month."""

    def __init__(self, seed: int, month: dt.date) -> None:
        self.random, self.month = Random(seed), month
        self.at = dt.datetime(month.year, month.month + 1, 3, 12, tzinfo=UTC)
        self.drivers = [make_user(), make_user()]
        self.sums: dict[tuple[int, dt.date, str], Counter[str]] = defaultdict(Counter)
        self.visits: dict[int, Counter[str]] = defaultdict(Counter)
        self.charges: dict[int, set[int]] = defaultdict(set)
        self.lots = [
            make_lot(
                make_operator(currency=currency), name=name, timezone=zone, spots={"regular": 200},
                tariff=HOURLY | {"tax_percent": tax},
            )
            for name, currency, zone, tax in LOTS
        ]  # fmt: skip
        self.cashiers = {lot.pk: make_user("attendant", lot.operator) for lot in self.lots}
        for lot in self.lots:
            make_shift(self.cashiers[lot.pk], lot)

    def note(self, driver, lot, at, **amounts) -> None:
        month = at.astimezone(ZoneInfo(lot.timezone)).date().replace(day=1)
        self.sums[driver.pk, month, lot.currency].update(amounts)
        if month == self.month and "stays" in amounts:
            self.visits[driver.pk][lot.name] += 1

    def stay(self, number: int) -> None:
        """Let a stay end near or in the month, in one of the ways in which stays end; some begin a month before."""
        random, lot, driver = self.random, self.random.choice(self.lots), self.random.choice(self.drivers)
        first = dt.datetime.combine(self.month, dt.time(), UTC)
        minutes = random.choice(
            (random.randrange(-900, 900), random.randrange(44_640), random.randrange(43_700, 45_700))
        )
        out = first + dt.timedelta(minutes=minutes)
        entry = out - dt.timedelta(minutes=random.choice((5, 70, 1500)))
        ticket = make_ticket(lot, f"ZH {number}", entry_at=entry)
        if not number % 9:
            driver = make_user()  # somebody else's
        make_proof(ticket, driver)
        charge = assess_ticket(ticket=ticket, at=out)
        paid = self.pay(ticket, charge, out, number) if charge else 0
        close_ticket(ticket=Ticket.objects.get(pk=ticket.pk), at=out, reason="paid" if charge else "grace", why="left")
        self.note(driver, lot, out, stays=1, minutes=int((out - entry).total_seconds()) // 60, paid=paid)
        if charge:
            self.charges[driver.pk].add(charge.pk)

    def pay(self, ticket, charge, out, number) -> int:
        how = (
            {"method": "card", "token": "tok_ok"}
            if number % 2
            else {"method": "cash", "taken_by": self.cashiers[ticket.lot_id]}
        )
        payment = take_payment(charge=charge, amount=None, idempotency_key=f"pay-{number}", at=out, **how)
        if number % 3:
            return payment.captured_amount
        back = payment.captured_amount if not number % 6 else self.random.randrange(1, payment.captured_amount + 1)
        given = refund_payment(
            payment=payment, amount=back, reason="a complaint", goodwill=True, idempotency_key=f"back-{number}",
            refunded_by=self.cashiers[ticket.lot_id], at=out,
        )  # fmt: skip
        return payment.captured_amount - given.amount

    def book(self, number: int) -> None:
        """Let a booking that was paid ahead end, whose car never came."""
        lot, driver = self.random.choice(self.lots), self.random.choice(self.drivers)
        ends = dt.datetime.combine(self.month, dt.time(), UTC) + dt.timedelta(
            minutes=self.random.randrange(-900, 45_700)
        )
        charge = make_charge(lot, 700, at=ends - dt.timedelta(hours=3), tax_percent="7.7")
        paid = take_payment(
            charge=charge, amount=None, idempotency_key=f"book-{number}", at=ends, method="card", token="tok_ok"
        )
        make_reservation(
            lot, f"BE {number}", ends - dt.timedelta(hours=2), ends, driver=driver, status="completed", charge=charge,
            spot=lot.spots.all()[150 + number % 50],
        )  # fmt: skip
        self.note(driver, lot, ends, paid=paid.captured_amount)
        self.charges[driver.pk].add(charge.pk)


@pytest.fixture(params=[(1, MARCH), (2, OCTOBER)], ids=["743 hours", "745 hours"])
def parked(request) -> Parked:
    parked = Parked(*request.param)
    for number in range(1, 46):
        parked.stay(number)
        if not number % 6:
            parked.book(number)
    issue_due(at=parked.at)
    parked.lots[0].archived_at = parked.at
    parked.lots[0].save()
    return parked


def test_month_is_what_me_and_the_tape_say(parked: Parked):
    keys = [driver.pk for driver in parked.drivers]
    months = months_of(keys, parked.month, at=parked.at, zone="UTC")
    for driver in parked.drivers:
        month = months[driver.pk]
        told = {one.currency: (one.stays, one.paid) for one in month.sums}
        tape = {
            currency: (sums["stays"], sums["paid"])
            for (owner, when, currency), sums in parked.sums.items()
            if (owner, when) == (driver.pk, parked.month) and (sums["stays"] or sums["paid"])
        }
        assert told == tape
        for one in month.sums:
            assert one.minutes == parked.sums[driver.pk, parked.month, one.currency]["minutes"]
        visits = sorted(parked.visits[driver.pk].items(), key=lambda pair: (-pair[1], pair[0]))
        assert [(lot.name, lot.visits) for lot in month.favourites] == visits[:3]
        assert DriverMonth.of_json(month.as_json()) == month
        name = f"{month.month:%b %Y}"
        shown = {
            one.currency: (row.stays, row.paid_amount)
            for one in spending_of(spent_lately(driver, parked.at), parked.at)
            for row in one.months
            if row.name == name and (row.stays or row.paid_amount)
        }
        assert shown == told


def test_home_shows_the_same_at_the_end_of_the_month(parked: Parked):
    # The last instant at which every clock still shows this month is hours before its end in the west.
    end = dt.datetime.combine(parked.month + dt.timedelta(days=30), dt.time(9), UTC)
    for driver in parked.drivers:
        month = month_of(driver.pk, parked.month, at=end, zone="UTC")
        assert [(one.currency, one.stays, one.paid) for one in month.sums] == [
            (one.name, one.stays, one.paid_amount) for one in month_sums(driver, end)
        ]


def test_receipts_and_books_add_up_to_what_was_spent(parked: Parked):
    for driver in parked.drivers:
        month = month_of(driver.pk, parked.month, at=parked.at, zone="UTC")
        charges = {
            key
            for row in spent_by([driver.pk], at=parked.at, since=month.month, until=month.month)
            for key in row.charges
        }
        assert charges <= parked.charges[driver.pk]
        assert all(one.number for one in month.receipts)
        causes = Q(payments__charge__in=charges) | Q(refunds__payment__charge__in=charges)
        documents = Document.objects.filter(causes).distinct().values_list("number", "total_amount", "tax_amount")
        for one in month.sums:
            receipts = [receipt for receipt in month.receipts if receipt.currency == one.currency]
            assert (sum(r.amount for r in receipts), sum(r.tax for r in receipts)) == (one.paid, one.tax)
            issued = sorted(documents.filter(currency=one.currency))
            assert issued == sorted((r.number, r.amount, r.tax) for r in receipts)
            assert booked(charges, one.currency) == (one.paid, one.tax)


def booked(charges: set[int], currency: str) -> tuple[int, int]:
    """Return what the books have of some charges in a currency: what was taken and kept, and its tax."""
    lines = BookLine.objects.filter(charge__in=charges, currency=currency)
    signs = {PostingKind.CAPTURED: 1, PostingKind.REFUNDED: -1}
    net = sum(sign * (lines.filter(kind=kind).aggregate(sum=Sum("amount"))["sum"] or 0) for kind, sign in signs.items())
    return net, lines.aggregate(sum=Sum("tax"))["sum"] or 0


def test_what_is_not_listed_is_added_up(parked: Parked):
    driver = max(parked.drivers, key=lambda one: len(parked.charges[one.pk]))
    rows = spent_by([driver.pk], at=parked.at, since=parked.month, until=parked.month)
    whole, cut = receipts_of(rows)[driver.pk], receipts_of(rows, most=2)[driver.pk]
    assert (len(cut.listed), cut.listed) == (2, whole.listed[:2])
    assert (cut.amounts, cut.taxes, cut.count) == (whole.amounts, whole.taxes, len(whole.listed))


def test_a_batch_takes_two_queries_however_many_it_is_of(django_assert_num_queries):
    lot, people = make_lot(spots={"regular": 40}), [make_user() for _ in range(6)]
    at = dt.datetime(2026, 11, 1, 9, tzinfo=UTC)
    for number, person in enumerate(people[:5]):
        out = at - dt.timedelta(days=number + 2)
        charge = make_charge(lot, 300, at=out)
        take_payment(charge=charge, amount=None, idempotency_key=f"one-{number}", at=out, method="card", token="tok_ok")
        ticket = make_ticket(
            lot, f"ZH {number}", out - dt.timedelta(hours=1), exit_at=out, status="closed", closed_reason="paid", charge=charge
        )  # fmt: skip
        make_proof(ticket, person)
    for count in (1, 5):
        with django_assert_num_queries(2):
            assert len(months_of([one.pk for one in people[:count]], OCTOBER, at=at, zone="UTC")) == count
    with django_assert_num_queries(1):
        assert months_of([people[5].pk], OCTOBER, at=at, zone="UTC") == {}
    with django_assert_num_queries(0):
        assert months_of([], OCTOBER, at=at, zone="UTC") == {}
    assert Charge.objects.count() == 5
