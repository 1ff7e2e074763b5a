"""Refunds asked for and decided at the same moment."""

import pytest

from billing.models import Payment, Refund, RefundRequest, SimulatedCardPayment
from billing.services import approve_refund, ask_refund, pay_out_refund, refund_payment, return_refund, take_payment
from tests.at_once import codes_at_once
from tests.billing.conftest import AT
from tests.factories import make_cashier, make_charge, make_lot, make_user

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 32


@pytest.fixture
def charge():
    return make_charge(make_lot(), 600)


@pytest.fixture
def payment(charge):
    return take_payment(charge=charge, method="card", amount=None, idempotency_key="card", token="tok_ok", at=AT)


def refund(payment, key, amount=100):
    return refund_payment(payment=payment, amount=amount, reason="Mistake", idempotency_key=key, at=AT)


def ask(payment, by, key, amount=100):
    return ask_refund(payment=payment, amount=amount, reason="Mistake", idempotency_key=key, by=by, at=AT)


def given_back(charge):
    charge.refresh_from_db()
    return charge.refunded_amount


def test_without_the_lock_refunds_exceed_the_payment(payment, charge, monkeypatch):
    monkeypatch.setattr("billing.services.refunds.giving.lock_charge", lambda charge: charge)
    monkeypatch.setattr("billing.services.refunds.giving.require_refundable", lambda order: order.payment)

    with pytest.raises(Exception, match="charge_refunded_within_captured"):
        codes_at_once([lambda key=f"key-{n}": refund(payment, key, 600) for n in range(2)])


def test_one_key_at_once_refunds_once(payment, charge):
    results = codes_at_once([lambda: refund(payment, "key") for _ in range(MANY)])

    assert given_back(charge) == 100
    assert {result.pk for result in results} == {Refund.objects.get().pk}


def test_many_keys_at_once_never_exceed_the_payment(payment, charge):
    results = codes_at_once([lambda key=f"key-{n}": refund(payment, key) for n in range(MANY)])

    assert given_back(charge) == 600
    assert sum(isinstance(result, Refund) for result in results) == 6
    assert {result for result in results if isinstance(result, str)} == {"refund_exceeds_payment"}


def test_a_refund_meets_one_that_is_being_made_elsewhere(payment, charge):
    charge.lot.operator.refund_limit = 500
    charge.lot.operator.save()
    asked = ask(payment, make_user(), "asked", 600)
    other = make_user()

    results = codes_at_once(
        [lambda: approve_refund(asked=asked, by=other, at=AT), lambda: refund(payment, "elsewhere", 600)]
    )

    assert given_back(charge) == 600
    assert [result for result in results if isinstance(result, str)] == ["refund_exceeds_payment"]


def test_one_refund_waits_however_many_ask(payment, charge):
    charge.lot.operator.refund_limit = 0
    charge.lot.operator.save()
    by = make_user()

    results = codes_at_once([lambda key=f"key-{n}": ask(payment, by, key) for n in range(MANY)])

    assert RefundRequest.objects.waiting().count() == 1
    assert {result for result in results if isinstance(result, str)} == {"refund_waiting"}


def test_two_who_approve_at_once_give_back_once(payment, charge):
    charge.lot.operator.refund_limit = 0
    charge.lot.operator.save()
    asked = ask(payment, make_user(), "key")
    admins = [make_user() for _ in range(8)]

    results = codes_at_once([lambda by=by: approve_refund(asked=asked, by=by, at=AT) for by in admins])

    assert given_back(charge) == 100
    assert results.count("refund_decided") == len(admins) - 1


def test_a_provider_is_asked_by_one_process_at_a_time(payment):
    given = refund(payment, "key")

    codes_at_once([lambda: return_refund(refund=given, at=AT) for _ in range(8)])

    given.refresh_from_db()
    assert (given.attempts, given.returned_at) == (1, AT)
    assert SimulatedCardPayment.objects.get(reference="card").refunded_amount == 100


def test_cash_is_handed_over_once(charge):
    charge.lot.operator.refund_limit = 0
    charge.lot.operator.save()
    people = [make_cashier(charge.lot, drawer=str(number)) for number in range(8)]
    cash: Payment = take_payment(
        charge=charge, method="cash", amount=None, idempotency_key="cash", taken_by=people[0], at=AT
    )
    given = approve_refund(asked=ask(cash, make_user(), "key"), by=make_user(), at=AT).refund

    results = codes_at_once([lambda by=by: pay_out_refund(refund=given, by=by, at=AT) for by in people])

    assert len({result.returned_by_id for result in results}) == 1
