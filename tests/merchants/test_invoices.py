"""What validations were worth when their stays are over, and the invoices of merchants."""

import datetime as dt
from decimal import Decimal

import pytest

from billing.models import Debt, Document
from billing.services import take_payment
from merchants.models import MerchantInvoice, Validation
from merchants.services import give_validation, invoice_merchants, reckon_validations, withdraw_validation
from tests.factories import make_lot, make_merchant, make_ticket, make_validation_type
from tests.invariants import broken
from tickets.models import Ticket
from tickets.services import assess_ticket, close_ticket

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
ENTRY = AT - dt.timedelta(hours=3)
APRIL = dt.datetime(2026, 4, 1, 0, 1, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db(transaction=True)


class Month:
    """A café at a lot, and stays of three hours at CHF 3.00 that it validates."""

    def __init__(self) -> None:
        self.lot = make_lot()
        self.shop = make_merchant(
            self.lot, name="Café Rosso", legal_name="Rosso AG", address="Main St 1", country="CH", email="r@example.com"
        )
        self.half = make_validation_type(self.shop, name="Half", share_percent=50, stackable=True)
        self.hour = make_validation_type(self.shop, {"free_minutes": 60}, name="Hour", stackable=True)

    def stay(self, *kinds, at=AT, paid=False, plate="ZH 1") -> Ticket:
        ticket = make_ticket(self.lot, plate, at - dt.timedelta(hours=3))
        if paid:
            self.pay(ticket, at)
        for kind in kinds:
            give_validation(kind=kind, ticket=ticket, at=at, by=None)
        self.pay(ticket, at)
        close_ticket(ticket=ticket, at=at, reason="paid", why="left")
        return ticket

    def pay(self, ticket, at):
        charge = assess_ticket(ticket=Ticket.objects.get(pk=ticket.pk), at=at)
        if charge is not None and charge.balance_amount:
            take_payment(charge=charge, method="terminal", amount=None, idempotency_key=f"{ticket.pk}", at=at)

    def worth(self):
        reckon_validations(at=AT + dt.timedelta(days=1))
        return list(Validation.objects.order_by("pk").values_list("taken_off", "share_amount"))


@pytest.fixture
def month():
    return Month()


def test_each_validation_is_worth_what_it_took_off(month):
    month.stay(month.half, month.hour)  # 900: an hour less is 600, half of that 300

    assert month.worth() == [(300, 150), (300, 300)]
    assert reckon_validations(at=APRIL) == 0


def test_what_was_paid_before_was_worth_nothing(month):
    month.stay(month.half, paid=True)

    assert month.worth() == [(0, 0)]


def test_a_stay_that_is_not_over_and_one_taken_back_wait(month):
    inside = make_ticket(month.lot, "ZH 2", ENTRY)
    given = give_validation(kind=month.half, ticket=inside, at=AT, by=None)
    assert month.worth() == [(None, None)]
    withdraw_validation(given=given, at=AT, by=None)
    close_ticket(ticket=inside, at=AT, reason="grace", why="left")

    assert month.worth() == [(None, None)]


def test_a_month_is_invoiced_once_to_the_company_when_it_is_over(month):
    month.stay(month.half)
    month.stay(month.hour, plate="ZH 2")
    month.worth()

    assert invoice_merchants(at=AT + dt.timedelta(days=20)) == 0
    assert [invoice_merchants(at=APRIL) for _ in range(2)] == [1, 0]
    invoice, document = MerchantInvoice.objects.get(), Document.objects.get(kind="I")
    assert (invoice.month, invoice.charge.due_amount, invoice.charge.tax_percent) == (
        dt.date(2026, 3, 1),
        525,
        Decimal("8.1"),
    )
    assert invoice.document == document
    assert document.content["recipient"] == {
        "name": "Rosso AG",
        "email": "r@example.com",
        "address": "Main St 1",
        "tax_id": "",
        "country": "CH",
    }
    assert [(line["label"], line["amount"]) for line in document.content["lines"]] == [
        ("1 × Half", 225),
        ("1 × Hour", 300),
    ]
    assert (Debt.objects.get().plate, Debt.objects.get().reason) == ("", "Café Rosso")
    assert broken() == []


def test_missed_months_are_caught_up_each_with_its_own_invoice(month):
    month.stay(month.half)
    month.stay(month.half, at=AT + dt.timedelta(days=31))
    reckon_validations(at=APRIL + dt.timedelta(days=40))

    assert invoice_merchants(at=APRIL + dt.timedelta(days=40)) == 2
    assert sorted(MerchantInvoice.objects.values_list("month", flat=True)) == [dt.date(2026, 3, 1), dt.date(2026, 4, 1)]


def test_an_invoice_is_paid_like_a_debt(month):
    month.stay(month.half)
    month.worth()
    invoice_merchants(at=APRIL)
    charge = MerchantInvoice.objects.get().charge
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="bank", at=APRIL)

    assert Debt.objects.get().settled_at == APRIL
    assert broken() == []


def test_a_stay_whose_exit_was_taken_back_is_reckoned_again_when_it_is_over(month):
    ticket = month.stay(month.half)
    assert month.worth() == [(450, 225)]
    Ticket.objects.update(status="active", exit_at=None, closed_reason="")
    assert month.worth() == [(None, None)]
    later = AT + dt.timedelta(hours=4)
    close_ticket(ticket=Ticket.objects.get(pk=ticket.pk), at=later, reason="paid", why="left")

    assert month.worth() == [(450, 225)]
    assert Validation.objects.get().ended_at == later


def test_one_that_was_reckoned_can_be_withdrawn_once_the_exit_is_taken_back(month):
    month.stay(month.half)
    month.worth()
    Ticket.objects.update(status="active", exit_at=None, closed_reason="")
    withdraw_validation(given=Validation.objects.get(), at=AT, by=None)

    given = Validation.objects.get()
    assert (given.withdrawn_at, given.taken_off, given.share_amount, given.ended_at) == (AT, None, None, None)
    assert Ticket.objects.get().discounts == []
