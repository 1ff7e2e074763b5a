"""A month of parking through the services: books, rows and payments agree to the cent."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import Sum

from accounts.models import User
from billing.books import close_days
from billing.books.spans import Span
from billing.books.takings import BookScope, Takings, broken_down, by_time, outstanding_at
from billing.models import Charge, Credit, DailyClose, Payment, Refund
from billing.services import refund_payment, take_payment
from lots.models import Lot
from tests.factories import HOURLY, make_lot, make_operator, make_shift, make_ticket, make_user
from tests.invariants import broken
from tickets.models import Ticket
from tickets.services import assess_ticket, close_ticket, leave_owing

FIRST = dt.date(2026, 3, 1)
DAYS = 31
ZONE = ZoneInfo("Europe/Zurich")


@dataclass
class Month:
    """Three lots in two currencies with four cashiers; `told` is what the month's own tape says, by currency."""

    random: Random
    told: dict[str, Counter[str]] = field(default_factory=lambda: {"CHF": Counter(), "EUR": Counter()})
    number: int = 0

    def __post_init__(self) -> None:
        operator = make_operator()
        taxes = {"Alpha": ("CHF", "8.1"), "Beta": ("CHF", "2.6"), "Gamma": ("EUR", "19")}
        self.lots = [
            make_lot(
                operator, name=name, currency=currency, spots={"regular": 60}, tariff=HOURLY | {"tax_percent": tax}
            )
            for name, (currency, tax) in taxes.items()
        ]
        self.cashiers = [make_user("attendant", operator, name=name) for name in ("Ada", "Ben", "Cem", "Dana")]
        for cashier in self.cashiers:
            make_shift(cashier, self.lots[0])

    def run(self, stays: int) -> None:
        """Let the stays come and go day by day; every day is closed the next morning."""
        for number in range(DAYS):
            day = FIRST + dt.timedelta(days=number)
            for _ in range(stays * (number + 1) // DAYS - stays * number // DAYS):
                self.stay(day)
            close_days(at=dt.datetime.combine(day + dt.timedelta(days=1), dt.time(4), ZONE))

    def stay(self, day: dt.date) -> None:
        """Let one car come and go, and settle its fee in one of the ways in which that happens."""
        self.number += 1
        lot, cashier = self.random.choice(self.lots), self.random.choice(self.cashiers)
        out = dt.datetime.combine(day, dt.time(self.random.randrange(24), self.random.randrange(60)), ZONE)
        entry = out - dt.timedelta(minutes=self.random.randrange(15, 600))
        plate = f"ZH {self.number}"
        ticket = make_ticket(lot, plate, entry_at=entry, lost=self.random.random() < 0.01)
        charge = assess_ticket(ticket=ticket, at=out)
        if charge is None:
            close_ticket(ticket=ticket, at=out, reason="grace", why="left")
            return
        self.note(lot, "charged", charge.due_amount)
        way = self.random.random()
        if way < 0.35:
            self.pay(ticket, charge, out, method="cash", taken_by=cashier)
        elif way < 0.75:
            self.pay(ticket, charge, out, method="card", token="tok_ok")
        elif way < 0.82:
            self.pay(ticket, charge, out, method="card", token="tok_declined")
            self.pay(ticket, charge, out, method="cash", taken_by=cashier)
        elif way < 0.88:
            self.pay(ticket, charge, out, method="card", token="tok_partial_100")
        elif way < 0.94:
            paid = self.pay(ticket, charge, out, method="terminal", taken_by=cashier)
            self.refund(lot, paid, out, cashier)
        self.leave(ticket, plate, out)
        if way >= 0.97:
            self.pay(ticket, charge, out + dt.timedelta(minutes=9), method="online", token="tok_ok")

    def pay(self, ticket: Ticket, charge: Charge, at: dt.datetime, **how: Any) -> Payment:
        payment = take_payment(
            charge=charge, amount=None, idempotency_key=f"{self.number}-{charge.payments.count()}", at=at, **how
        )
        self.note(ticket.lot, "captured", payment.captured_amount)
        return payment

    def refund(self, lot: Lot, payment: Payment, at: dt.datetime, by: User) -> None:
        amount = self.random.randrange(1, payment.captured_amount + 1)
        goodwill = self.random.random() < 0.6
        refund_payment(
            payment=payment,
            amount=amount,
            reason="a complaint",
            goodwill=goodwill,
            idempotency_key=f"refund-{payment.pk}",
            refunded_by=by,
            at=at,
        )
        self.note(lot, "refunded", amount)
        self.note(lot, "credited", amount if goodwill else 0)

    def leave(self, ticket: Ticket, plate: str, at: dt.datetime) -> None:
        ticket.refresh_from_db()
        if ticket.charge is not None and ticket.charge.balance_amount:
            leave_owing(ticket=ticket, plate=plate, at=at, cause="declined", why="left")
        else:
            close_ticket(ticket=ticket, at=at, reason="paid", why="left")

    def note(self, lot: Lot, what: str, amount: int) -> None:
        self.told[lot.currency][what] += amount


def totals_of_rows(lots: list[Lot], currency: str) -> dict[str, int]:
    """What payments, refunds, credits and charges add up to: the same to which shifts and documents add up."""
    sums = {
        "charged": (Charge.objects.filter(lot__in=lots, currency=currency), "due_amount"),
        "credited": (Credit.objects.filter(charge__lot__in=lots, charge__currency=currency), "amount"),
        "captured": (Payment.objects.filter(charge__lot__in=lots, charge__currency=currency), "captured_amount"),
        "refunded": (
            Refund.objects.filter(payment__charge__lot__in=lots, payment__charge__currency=currency),
            "amount",
        ),
    }
    return {name: rows.aggregate(sum=Sum(column))["sum"] or 0 for name, (rows, column) in sums.items()}


def figures(takings: Takings) -> dict[str, int]:
    return {name: getattr(takings, name) for name in ("charged", "credited", "captured", "refunded")}


def check(month: Month) -> None:
    scope, span = BookScope(tuple(lot.pk for lot in month.lots)), Span(FIRST, FIRST + dt.timedelta(days=DAYS - 1))
    timed, broken_up = by_time(scope, span), broken_down(scope, span)
    owed = outstanding_at(scope, span.last)
    for currency, told in month.told.items():
        days = sum((one for (money, _day), one in timed.days.items() if money == currency), Takings())
        rows = totals_of_rows(month.lots, currency)
        assert figures(days) == rows == {name: told[name] for name in rows}
        for dimension in ("lot", "method", "tariff", "cashier"):
            ours = [one.takings for one in broken_up if (one.dimension, one.currency) == (dimension, currency)]
            assert sum(ours, Takings()) == days
        balances = Charge.objects.filter(currency=currency, balance_amount__gt=0).aggregate(sum=Sum("balance_amount"))
        assert owed[currency] == balances["sum"] == days.charged - days.credited - days.net
        for name, total in rows.items():
            closed = DailyClose.objects.filter(currency=currency, day__range=(span.first, span.last))
            assert sum(closed.values_list(name, flat=True)) == total
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_a_month_adds_up_to_the_cent():
    month = Month(Random(13))
    month.run(150)
    check(month)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_a_month_of_ten_thousand_stays_adds_up_to_the_cent():
    month = Month(Random(31))
    month.run(10_000)
    check(month)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE billing_payment SET amount = amount + 1, captured_amount = captured_amount + 1"
            " WHERE id = (SELECT max(id) FROM billing_payment WHERE state = 'captured')"
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    assert any("postings_name_their_rows" in one for one in broken())
