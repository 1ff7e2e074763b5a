"""Vouchers at the desk: a part of what is paid, once, in the shift as a tender of its own."""

import datetime as dt

import pytest
from django.db import transaction

from billing.models import Payment, Voucher
from billing.services import IdempotencyConflictError, lock_charge
from billing.services.vouchers import make_vouchers, use_voucher_locked
from billing.shifts.till import sums_of_till
from tests.at_once import codes_at_once
from tests.desk.test_pages import Desk
from tests.factories import make_charge, make_lot, make_shift, make_user
from tests.invariants import broken
from tickets.models import Ticket

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


def made(operator, amount=500, **fields) -> Voucher:
    by = make_user("admin", operator)
    values = {"number": 1, "valid_until": None, "note": "", "by": by, "at": AT}
    return make_vouchers(operator=operator, amount=amount, **values | fields)[0]


@pytest.fixture
def desk(db):
    return Desk()


def use(desk, code, **data):
    return desk.post(desk.stay("voucher/"), code=code, **data)


def test_a_voucher_pays_a_part_and_cash_the_rest(desk):
    voucher = made(desk.operator)
    assert use(desk, voucher.code.lower().replace("-", " ")).status_code == 302
    assert "The voucher paid CHF" in desk.text(desk.stay())
    assert desk.cash().status_code == 302

    paid = Payment.objects.order_by("pk").values_list("method", "captured_amount")
    assert list(paid) == [("voucher", 500), ("cash", 400)]
    assert Ticket.objects.get(pk=desk.ticket.pk).status == "closed"
    sales = {row.tender: row.amount for row in sums_of_till(Payment.objects.first().shift) if row.kind == "sale"}
    assert sales == {"voucher": 500, "cash": 400}
    assert broken() == []


def test_what_is_left_of_it_is_not_given_out(desk):
    voucher = made(desk.operator, 5000)
    use(desk, voucher.code)

    assert Payment.objects.get().captured_amount == 900
    assert Ticket.objects.get(pk=desk.ticket.pk).status == "paid"
    assert broken() == []


@pytest.mark.parametrize("code", ["GV-0000000000", "x", "'; DROP"])
def test_a_code_that_is_none_is_refused(desk, code):
    assert use(desk, code).status_code == 422
    assert not Payment.objects.exists()


def test_one_of_another_operator_another_currency_or_too_old_is_refused_in_the_same_words(desk):
    others = [
        made(make_lot().operator),
        made(desk.operator, valid_until=dt.date(2026, 1, 1)),
    ]
    Voucher.objects.filter(pk=made(desk.operator).pk).update(currency="EUR")
    for voucher in (*others, Voucher.objects.get(currency="EUR")):
        answer = use(desk, voucher.code)
        assert answer.status_code == 422
        assert "This voucher is not valid here." in answer.content.decode()


def test_it_pays_once(desk):
    voucher = made(desk.operator, 100)
    use(desk, voucher.code)

    assert use(desk, voucher.code).status_code == 409
    assert Payment.objects.count() == 1


def test_a_key_that_paid_with_one_voucher_pays_with_no_other_and_for_no_other_fee(db):
    lot = make_lot()
    vouchers, by = [made(lot.operator) for _ in range(2)], make_user("attendant", lot.operator)
    make_shift(by, lot)
    charges = [make_charge(lot, 600) for _ in range(2)]

    def take(charge, voucher):
        with transaction.atomic():
            return use_voucher_locked(lock_charge(charge), voucher.code, by=by, at=AT, key="key", sold=None)

    assert take(charges[0], vouchers[0]) == take(charges[0], vouchers[0])
    for charge, voucher in ((charges[0], vouchers[1]), (charges[1], vouchers[0])):
        with pytest.raises(IdempotencyConflictError):
            take(charge, voucher)
    assert Payment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_desks_one_takes_it():
    lot = make_lot()
    voucher, by = made(lot.operator), make_user("attendant", lot.operator)
    make_shift(by, lot)
    charges = [make_charge(lot, 600) for _ in range(12)]

    def take(charge):
        with transaction.atomic():
            return use_voucher_locked(lock_charge(charge), voucher.code, by=by, at=AT, key=f"v-{charge.pk}", sold=None)

    results = codes_at_once([lambda charge=charge: take(charge) for charge in charges])
    assert results.count("voucher_used") == 11
    assert Payment.objects.count() == 1
