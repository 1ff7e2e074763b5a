"""Stays whose money was given back: they owe it again, as they stand or as a debt."""

import datetime as dt

import pytest

from billing.models import Debt, Refund
from billing.services import refund_payment, take_payment
from tests.factories import make_gate, make_lot, make_ticket
from tests.invariants import broken
from tickets.fees import fee_of
from tickets.models import Ticket, TicketStatus
from tickets.services import NoPlateToOweError, assess_ticket, close_ticket, review_ticket, void_ticket

ENTRY = dt.datetime(2026, 3, 2, 7, 15, tzinfo=dt.UTC)
AT = ENTRY + dt.timedelta(hours=2, minutes=30)

pytestmark = pytest.mark.django_db


def paid_stay(plate="ZH 123456", **fields):
    ticket = make_ticket(make_lot(), plate, entry_at=ENTRY, **fields)
    charge = assess_ticket(ticket=ticket, at=AT)
    payment = take_payment(charge=charge, method="terminal", amount=None, idempotency_key=f"pay-{ticket.pk}", at=AT)
    return Ticket.objects.get(pk=ticket.pk), payment


def give_back(payment, amount=900, **fields):
    key = f"refund-{amount}"
    return refund_payment(payment=payment, amount=amount, reason="Mistake", idempotency_key=key, at=AT, **fields)


def now_is(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def test_a_paid_stay_inside_owes_again():
    ticket, payment = paid_stay()
    assert ticket.status == TicketStatus.PAID

    give_back(payment, 400)

    ticket = now_is(ticket)
    assert (ticket.status, fee_of(ticket, AT).owed) == (TicketStatus.ACTIVE, 400)
    assert ticket.changes.last().why == "refunded"
    assert broken() == []


def test_a_stay_that_has_left_owes_a_debt_on_its_plate():
    ticket, payment = paid_stay()
    close_ticket(ticket=ticket, at=AT, reason="paid", why="paid at the exit")

    give_back(payment, 400)
    give_back(payment, 500)

    debt = Debt.objects.open().get()
    assert (debt.plate_normalised, debt.amount, debt.reason) == ("ZH123456", 900, "refunded")
    assert broken() == []


def test_goodwill_leaves_the_stay_paid_in_one_transaction():
    ticket, payment = paid_stay()

    give_back(payment, 400, goodwill=True)

    ticket = now_is(ticket)
    assert (ticket.status, fee_of(ticket, AT).owed) == (TicketStatus.PAID, 0)
    assert (ticket.charge.credited_amount, ticket.charge.refunded_amount) == (400, 400)
    assert ticket.charge.credits.get().kind == "goodwill"
    assert broken() == []


def test_nobody_can_owe_what_a_car_without_a_plate_got_back():
    ticket, payment = paid_stay(plate=None)
    close_ticket(ticket=ticket, at=AT, reason="paid", why="paid at the exit")

    with pytest.raises(NoPlateToOweError):
        give_back(payment)
    assert not Refund.objects.exists()

    give_back(payment, goodwill=True)
    assert broken() == []


def test_a_stay_that_never_was_owes_nothing():
    ticket, payment = paid_stay()
    void_ticket(ticket=review_ticket(ticket=ticket, at=AT, why="x"), at=AT, why="never was")

    give_back(payment)

    assert (now_is(ticket).charge.balance_amount, Debt.objects.count()) == (0, 0)
    assert broken() == []


def test_a_refund_while_the_barrier_opens_leaves_a_debt():
    """At a gate that confirms passages the exit is a promise: the car passes after its money was given back."""
    from gates.models import GateEvent
    from gates.services.passages import _settle

    ticket, payment = paid_stay()
    gate = make_gate(ticket.lot, "exit", confirms_passage=True)
    opening = GateEvent(gate=gate, ticket=ticket, reason="paid", action="open", at=AT, plate=ticket.plate)
    give_back(payment)
    opening.ticket = now_is(ticket)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gates.services.passages._is_settled", lambda _: False)
        _settle(opening, "passed", AT)

    assert (now_is(ticket).status, Debt.objects.open().get().amount) == (TicketStatus.CLOSED, 900)
    assert broken() == []
