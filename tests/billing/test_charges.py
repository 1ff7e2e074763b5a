"""What is owed: assessing, crediting, settling."""

from decimal import Decimal

import pytest
from django.db import transaction

from billing.models import Payment, PaymentState
from billing.services import CreditTooLargeError, assess_charge, credit_charge, take_payment
from tests.factories import make_charge, make_lot

LINE = {"label": "08:00–10:00", "from": None, "to": None, "amount": 900}


def assess(charge, due, at, lot=None, **fields):
    defaults = {"label": "Ticket 1", "tax_percent": Decimal("8.1"), "lines": [LINE], "at": at}
    return assess_charge(charge=charge, lot=lot or charge.lot, due=due, **defaults | fields)


@pytest.mark.django_db
def test_assessing_without_a_charge_makes_one(at):
    lot = make_lot()

    charge = assess(None, 900, at, lot=lot)

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.charged_tax_amount, charge.currency) == (900, 67, "CHF")
    assert charge.lines == [LINE]
    assert charge.settled_at is None


@pytest.mark.django_db
def test_assessing_nothing_makes_a_settled_charge(at):
    assert assess(None, 0, at, lot=make_lot()).settled_at == at


def test_assessing_again_changes_the_same_charge(charge, at):
    again = assess(charge, 1200, at)

    assert again.pk == charge.pk
    assert again.balance_amount == 1200


def test_a_later_price_leaves_only_the_rest_owed(charge, at):
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="a", at=at)

    again = assess(charge, 900, at)

    assert (again.due_amount, again.balance_amount, again.settled_at) == (900, 300, None)


def test_a_cheaper_price_never_makes_a_charge_overpaid(charge, at):
    take_payment(charge=charge, method="terminal", amount=500, idempotency_key="a", at=at)

    again = assess(charge, 300, at)

    assert (again.due_amount, again.balance_amount, again.settled_at) == (500, 0, at)


def test_a_pending_payment_does_not_hold_up_a_cheaper_price_or_a_credit(charge, at):
    Payment.objects.create(
        charge=charge, method="card", state=PaymentState.PENDING, amount=600, idempotency_key="a", created_at=at
    )

    again = assess(charge, 300, at)
    credit_charge(charge=again, amount=300, reason="x", at=at)

    again.refresh_from_db()
    assert (again.due_amount, again.balance_amount, again.settled_at) == (300, 0, at)


def test_assessing_tells_nobody(charge, at, settled):
    assess(charge, 0, at)

    assert settled == []


def test_a_credit_lowers_the_balance(charge, at):
    credit_charge(charge=charge, amount=200, reason="Validation", at=at)

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.settled_at) == (400, None)


def test_a_credit_of_the_rest_settles_the_charge(charge, at, settled):
    credit_charge(charge=charge, amount=600, reason="Machine out of order", at=at)

    charge.refresh_from_db()
    assert charge.settled_at == at
    assert settled == [charge.pk]


@pytest.mark.parametrize("amount", [0, -1, 601])
def test_a_credit_beyond_the_balance_is_refused(charge, at, amount):
    with pytest.raises(CreditTooLargeError) as refused:
        credit_charge(charge=charge, amount=amount, reason="x", at=at)
    assert refused.value.code == "credit_exceeds_balance"


@pytest.mark.django_db
def test_a_failing_receiver_undoes_the_credit(at, monkeypatch):
    charge = make_charge(make_lot(), 600)
    monkeypatch.setattr("billing.services.charges.charge_settled.send", _fail)

    with pytest.raises(RuntimeError), transaction.atomic():
        credit_charge(charge=charge, amount=600, reason="x", at=at)

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.credits.count()) == (600, 0)


def _fail(**_):
    raise RuntimeError
