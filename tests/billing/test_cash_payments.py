"""Cash and terminal payments."""

from decimal import Decimal

import pytest
from django.db import transaction

from billing.documents.issuing import issue_receipts
from billing.models import Document, Payment, PaymentState, Shift
from billing.services import (
    AmountTooLargeError,
    IdempotencyConflictError,
    NothingOwedError,
    TenderedTooLittleError,
    assess_charge,
    take_payment,
)
from tests.factories import make_cashier


@pytest.fixture(autouse=True)
def cashier(charge):
    return make_cashier(charge.lot)


def pay(charge, at, key="key", **fields):
    given = {"method": "cash", "amount": None, "taken_by": Shift.objects.get().person} | fields
    return take_payment(charge=charge, idempotency_key=key, at=at, **given)


def test_cash_with_change_settles_the_charge(charge, at, settled):
    payment = pay(charge, at, tendered=1000)

    charge.refresh_from_db()
    assert (payment.state, payment.captured_amount, payment.change_amount) == (PaymentState.CAPTURED, 600, 400)
    assert (charge.balance_amount, charge.settled_at) == (0, at)
    assert settled == [charge.pk]
    assert payment.receipt is None


def test_exact_cash_gives_no_change(charge, at):
    assert pay(charge, at).change_amount == 0


def test_a_terminal_slip_is_captured_at_once(charge, at):
    assert pay(charge, at, method="terminal").state == PaymentState.CAPTURED


def test_a_part_leaves_the_rest_owed(charge, at, settled):
    pay(charge, at, amount=200)

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.settled_at) == (400, None)
    assert settled == []


def test_the_same_key_gives_the_first_payment(charge, at, settled):
    first = pay(charge, at, tendered=1000)
    again = pay(charge, at, tendered=1000)

    assert again == first
    assert Payment.objects.count() == 1
    assert settled == [charge.pk]


@pytest.mark.parametrize("other", [{"amount": 100}, {"tendered": 2000}, {"method": "terminal"}])
def test_the_same_key_with_another_body_is_refused(charge, at, other):
    pay(charge, at, tendered=1000)

    with pytest.raises(IdempotencyConflictError) as refused:
        pay(charge, at, **{"tendered": 1000} | other)
    assert (refused.value.status, refused.value.code) == (422, "idempotency_key_reused")


def test_too_little_cash_is_refused_and_nothing_is_kept(charge, at):
    with pytest.raises(TenderedTooLittleError) as refused:
        pay(charge, at, tendered=599)

    assert refused.value.errors[0].path == "tendered"
    assert not Payment.objects.exists()


@pytest.mark.parametrize("amount", [0, -5, 601])
def test_an_amount_that_is_not_owed_is_refused(charge, at, amount):
    with pytest.raises(AmountTooLargeError):
        pay(charge, at, amount=amount)


def test_paying_a_paid_charge_is_refused(charge, at):
    pay(charge, at, "first")

    with pytest.raises(NothingOwedError) as refused:
        pay(charge, at, "second")
    assert (refused.value.status, refused.value.code) == (409, "nothing_owed")


def test_a_charge_that_is_owed_again_is_settled_again(charge, at, settled):
    pay(charge, at, "first")
    assess_charge(charge=charge, lot=charge.lot, label="A stay", due=900, tax_percent=Decimal(0), lines=[], at=at)

    second = pay(charge, at, "second")

    assert second.amount == 300
    assert settled == [charge.pk, charge.pk]


def test_a_rolled_back_payment_leaves_nothing(charge, at):
    with transaction.atomic():
        pay(charge, at)
        transaction.set_rollback(True)

    charge.refresh_from_db()
    assert (charge.balance_amount, Document.objects.count()) == (600, 0)
    assert issue_receipts([pay(charge, at)], at=at)[0].number == "R-2026-000001"
