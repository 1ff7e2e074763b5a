"""Cash is rounded to the coins there are, and change that can't be given is kept, as untaxed lines."""

from decimal import Decimal
from uuid import uuid4

import pytest

from billing.models import Charge
from billing.services import (
    CashTooSmallError,
    KeptTooMuchError,
    TenderedTooLittleError,
    refund_payment,
    take_payment,
)
from billing.shifts import sums_of_till
from tests.billing.test_shifts import AT, Till
from tests.factories import make_charge, make_lot, make_operator
from tests.invariants import broken

pytestmark = pytest.mark.django_db


def pay(till, owed, **fields):
    given = {"method": "cash", "amount": None, "idempotency_key": str(uuid4()), "at": AT, "taken_by": till.cashier}
    line = {"label": "Hourly", "amount": owed, "from": "", "to": ""}
    charge = make_charge(till.lot, owed, at=AT, tax_percent=Decimal("8.1"), lines=[line])
    return take_payment(charge=charge, **given | fields)


def said(payment):
    charge = Charge.objects.get(pk=payment.charge_id)
    return charge.due_amount, charge.balance_amount, [(line["label"], line["amount"]) for line in charge.lines[1:]]


@pytest.mark.parametrize(
    ("currency", "step", "owed", "cash"),
    [
        ("CHF", 5, 1002, 1000),
        ("CHF", 5, 1003, 1005),
        ("CHF", 5, 1005, 1005),
        ("CHF", 1, 1002, 1002),
        ("SEK", 100, 1949, 1900),
        ("SEK", 100, 1950, 2000),
        ("JPY", 1, 701, 701),
        ("KWD", 5, 1252, 1250),
    ],
)
def test_cash_is_rounded_half_up_to_the_smallest_coin(currency, step, owed, cash):
    till = Till(make_lot(make_operator(currency=currency), cash_rounding=step))

    payment = pay(till, owed)

    lines = [("Cash rounding", cash - owed)] if cash != owed else []
    assert (payment.captured_amount, payment.rounding_amount) == (cash, cash - owed)
    assert said(payment) == (cash, 0, lines)
    assert broken() == []


def test_cards_are_not_rounded():
    till = Till(cash_rounding=5)

    assert pay(till, 1002, method="terminal").captured_amount == 1002


def test_rounding_is_untaxed():
    till = Till(cash_rounding=100)

    charge = Charge.objects.get(pk=pay(till, 1081).charge_id)

    assert (charge.charged_amount, charge.charged_tax_amount) == (1100, 81)


def test_the_cash_part_of_a_charge_is_rounded_alone():
    till = Till(cash_rounding=5)

    payment = pay(till, 1003, amount=603)

    assert (payment.captured_amount, said(payment)[:2]) == (605, (1005, 400))


def test_less_than_half_the_smallest_coin_is_not_paid_in_cash():
    with pytest.raises(CashTooSmallError):
        pay(Till(cash_rounding=5), 2)
    assert Charge.objects.get().due_amount == 2


def test_change_that_was_not_given_is_a_line_and_in_the_till():
    till = Till()

    payment = pay(till, 900, tendered=1000, kept=30)

    assert (payment.captured_amount, payment.change_amount) == (930, 70)
    assert said(payment) == (930, 0, [("Change not given", 30)])
    assert [row.amount for row in sums_of_till(till.shift) if row.kind == "sale"] == [930]
    assert broken() == []


@pytest.mark.parametrize("wrong", [{"tendered": 1000, "kept": 101}, {"tendered": 1000, "kept": -1}, {"kept": 1}])
def test_no_more_change_is_kept_than_there_is(wrong):
    with pytest.raises(KeptTooMuchError) as refused:
        pay(Till(), 900, **wrong)
    assert refused.value.errors[0].path == "kept"
    assert Charge.objects.get().due_amount == 900


def test_too_little_is_measured_after_rounding():
    till = Till(cash_rounding=5)

    assert pay(till, 1002, tendered=1000).change_amount == 0
    with pytest.raises(TenderedTooLittleError):
        pay(till, 1003, tendered=1003)


def test_rounded_cash_is_given_back_as_it_was_taken():
    till = Till(cash_rounding=5)
    payment = pay(till, 1003)

    refund_payment(payment=payment, amount=1005, reason="r", idempotency_key="r", at=AT, refunded_by=till.cashier)

    assert said(payment)[:2] == (1005, 1005)
    assert broken() == []
