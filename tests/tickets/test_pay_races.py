"""Paying, pricing and leaving at once: nobody waits for ever, and nothing is taken twice."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.models import Charge, Debt, Payment, Refund, SimulatedCardPayment
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_ticket
from tests.invariants import broken
from tickets.models import TicketStatus
from tickets.paying import pay_ticket
from tickets.services import assess_ticket, leave_owing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ticket():
    return make_ticket(make_lot(), entry_at=now() - dt.timedelta(hours=2, minutes=30))


def pay(ticket, key, *, by_number=False):
    return pay_ticket(
        ticket=ticket,
        method="card",
        token="tok_ok",
        amount=None,
        idempotency_key=key,
        at=now(),
        by_number=by_number,
        receipt_email="a@b.ch",
    )


def test_paying_and_pricing_at_once_do_not_wait_for_each_other(ticket):
    assess_ticket(ticket=ticket, at=now())

    results = codes_at_once(
        [lambda key=str(n): pay(ticket, key) for n in range(6)]
        + [lambda: assess_ticket(ticket=ticket, at=now()) for _ in range(6)]
    )

    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.PAID
    assert (ticket.charge.balance_amount, kept(ticket)) == (0, 900)
    assert {result for result in results if isinstance(result, str)} <= {"nothing_owed", "payment_running"}


def test_first_payments_at_once_share_one_charge(ticket):
    codes_at_once([lambda key=str(n): pay(ticket, key) for n in range(6)])

    ticket.refresh_from_db()
    assert (Charge.objects.get(), ticket.charge.balance_amount, kept(ticket)) == (ticket.charge, 0, 900)
    assert_given_back()


def test_payers_by_number_at_once_take_the_money_once(ticket):
    results = codes_at_once([lambda key=str(n): pay(ticket, key, by_number=True) for n in range(6)])

    assert Payment.objects.filter(captured_amount=900).count() == 1
    assert {result for result in results if isinstance(result, str)} <= {"nothing_owed", "payment_running"}
    assert not Refund.objects.exists()


def kept(ticket):
    return ticket.charge.captured_amount - ticket.charge.refunded_amount


def assert_given_back():
    """What was captured twice went back in the same moment, at the provider too, and no invariant is broken."""
    assert all(refund.returned_at is not None for refund in Refund.objects.all())
    at_provider = SimulatedCardPayment.objects.filter(approved_amount__gt=0)
    assert sum(card.approved_amount - card.refunded_amount for card in at_provider) == 900
    assert broken() == []


def test_paying_while_the_car_leaves_ends_paid_or_owed(ticket):
    def leave():
        return leave_owing(ticket=ticket, plate="ZH 123456", at=now(), cause="no answer", why="owed")

    codes_at_once([lambda: pay(ticket, "a"), leave])

    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.CLOSED
    assert ticket.charge.balance_amount == 0 or Debt.objects.open().filter(charge=ticket.charge).exists()
