"""Receipt pages of a stay that are opened at once."""

import datetime as dt
from collections import Counter

import pytest
from django.db import transaction
from django.test import Client
from django.utils.timezone import now

from billing.documents.issuing import issue_receipts
from billing.models import Document, Payment, Refund
from billing.services import refund_payment, take_payment
from tests.at_once import at_once
from tests.factories import make_lot, make_ticket
from tests.invariants import broken
from tickets.services import assess_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def paid_stay(lot, plate="ZH 1"):
    """Return a stay that was paid in three parts of which two were given back, and has no documents yet."""
    at = now() - dt.timedelta(seconds=10)
    ticket = make_ticket(lot, plate, entry_at=at - dt.timedelta(hours=2, minutes=30))
    charge = assess_ticket(ticket=ticket, at=at)
    parts = [
        take_payment(charge=charge, method="terminal", amount=300, idempotency_key=f"{plate} {number}", at=at)
        for number in range(3)
    ]
    for part in parts[:2]:
        refund_payment(payment=part, amount=100, reason="x", idempotency_key=f"refund {part.pk}", at=at, goodwill=True)
    return ticket


def open_page(ticket):
    return Client().get(f"/pay/{ticket.token}/receipt/").status_code


def test_eight_views_of_a_receipt_at_once_issue_each_document_once():
    ticket = paid_stay(make_lot())

    answers = at_once([lambda: open_page(ticket)] * 8)

    assert answers == [200] * 8
    assert Counter(Document.objects.values_list("kind", flat=True)) == {"R": 3, "C": 2}
    assert not Payment.objects.filter(receipt=None).exists()
    assert not Refund.objects.filter(credit_note=None).exists()
    assert broken() == []


def test_views_of_several_stays_of_an_operator_never_wait_for_each_other_in_a_ring():
    lot = make_lot()
    stays = [paid_stay(lot, f"ZH {number}") for number in range(4)]

    answers = at_once([lambda stay=stay: open_page(stay) for stay in (*stays, *reversed(stays))])

    assert answers == [200] * 8
    numbers = list(Document.objects.filter(kind="R").order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, 13))
    assert broken() == []


def test_views_and_the_worker_that_want_the_same_payments_in_other_orders_do_not_deadlock():
    lot = make_lot()
    for number in range(4):
        paid_stay(lot, f"ZH {number}")
    payments = list(Payment.objects.all())

    def issue(wanted):
        with transaction.atomic():
            return len(issue_receipts(wanted, at=now()))

    issued = at_once([lambda turn=turn: issue(payments[turn:] + payments[:turn]) for turn in range(8)])

    assert sorted(issued) == [0] * 7 + [12]


def test_a_page_that_shows_everything_locks_nothing():
    ticket = paid_stay(make_lot())
    open_page(ticket)

    with transaction.atomic():
        list(Payment.objects.select_for_update())
        list(Document.objects.select_for_update())
        assert at_once([lambda: open_page(ticket)] * 8) == [200] * 8
