"""Debts and the blocklist they lead to."""

import pytest

from accounts.models import BlockedPlate
from billing.models import Debt
from billing.services import (
    DebtStillOwedError,
    NothingOwedError,
    credit_charge,
    lock_charge,
    record_debt,
    settle_debt,
    take_payment,
)
from tests.factories import make_blocked_plate, make_charge, make_lot

PLATE = "ZH 123-456"


def owe(charge, at, plate=PLATE):
    return record_debt(charge=lock_charge(charge), plate=plate, reason="declined", at=at)


def pay(charge, at, **fields):
    given = {"method": "terminal", "amount": None, "idempotency_key": f"pay-{charge.pk}"} | fields
    return take_payment(charge=charge, at=at, **given)


@pytest.fixture
def three_debts(charge, at):
    charges = [charge, make_charge(charge.lot, 300), make_charge(make_lot(charge.lot.operator), 300)]
    return [owe(one, at) for one in charges]


def in_force():
    return BlockedPlate.objects.in_force().values_list("plate_normalised", flat=True)


def test_a_debt_is_what_stayed_unpaid(charge, at):
    pay(charge, at, amount=200)

    debt = owe(charge, at)

    assert (debt.amount, debt.plate_normalised, debt.operator) == (400, "ZH123456", charge.lot.operator)


def test_recording_twice_keeps_one_debt(charge, at):
    assert owe(charge, at) == owe(charge, at)
    assert Debt.objects.count() == 1


def test_a_paid_charge_makes_no_debt(charge, at):
    pay(charge, at)

    with pytest.raises(NothingOwedError):
        owe(charge, at)


def test_paying_closes_the_debt(charge, at):
    owe(charge, at)

    pay(charge, at)

    assert Debt.objects.get().settled_at == at


def test_crediting_closes_the_debt(charge, at):
    owe(charge, at)

    credit_charge(charge=charge, amount=600, reason="Written off", at=at)

    assert not Debt.objects.open().exists()


def test_a_part_leaves_the_debt_open(charge, at):
    debt = owe(charge, at)
    pay(charge, at, amount=200)

    with pytest.raises(DebtStillOwedError):
        settle_debt(debt=debt, at=at)
    assert Debt.objects.open().exists()


def test_settling_twice_keeps_the_first_time(charge, at):
    debt = owe(charge, at)
    pay(charge, at)

    assert settle_debt(debt=debt, at=at.replace(hour=20)).settled_at == at


def test_two_debts_do_not_block(charge, at):
    owe(charge, at)
    owe(make_charge(charge.lot), at)

    assert not in_force()


def test_three_open_debts_block_the_plate(three_debts):
    assert list(in_force()) == ["ZH123456"]


def test_debts_at_another_operator_do_not_count(charge, at):
    for one in (charge, make_charge(charge.lot), make_charge(make_lot())):
        owe(one, at)

    assert not in_force()


def test_a_fourth_debt_keeps_one_block(three_debts, at):
    owe(make_charge(three_debts[0].charge.lot), at)

    assert list(in_force()) == ["ZH123456"]


def test_paying_one_of_three_lifts_the_block(three_debts, at):
    pay(three_debts[0].charge, at)

    assert not in_force()
    assert BlockedPlate.objects.get().lifted_at == at


def test_a_block_by_a_person_stays_and_is_not_doubled(charge, at):
    make_blocked_plate(charge.lot.operator, PLATE, reason="Threatened staff")
    for one in (charge, make_charge(charge.lot), make_charge(charge.lot)):
        owe(one, at)
    assert list(in_force()) == ["ZH123456"]

    pay(charge, at)

    assert list(in_force()) == ["ZH123456"]
