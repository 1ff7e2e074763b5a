"""Giving money back."""

import pytest

from billing.models import Refund, SimulatedCardPayment
from billing.providers import ProviderUnavailableError
from billing.providers.simulated import SimulatedProvider
from billing.services import RefundKeyUsedError, RefundTooLargeError, refund_payment, return_refund, take_payment
from billing.tasks import conclude_payments
from tests.at_once import codes_at_once
from tests.billing.conftest import AT
from tests.factories import make_charge, make_lot


@pytest.fixture
def cash(charge, at):
    return take_payment(charge=charge, method="terminal", amount=None, idempotency_key="cash", at=at)


@pytest.fixture
def card(charge, at):
    return take_payment(charge=charge, method="card", amount=None, idempotency_key="card", token="tok_ok", at=at)


def refund(payment, at, amount=600, key="refund", **fields):
    return refund_payment(payment=payment, amount=amount, reason="Mistake", idempotency_key=key, at=at, **fields)


def test_cash_given_back_is_owed_again(cash, charge, at):
    given = refund(cash, at, 200)

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.settled_at, given.returned_at) == (200, None, at)


def test_a_goodwill_refund_leaves_the_charge_settled(cash, charge, at, settled):
    refund(cash, at, 200, goodwill=True)

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.credited_amount, charge.refunded_amount) == (0, 200, 200)
    assert charge.settled_at == at
    assert settled == []


def test_the_same_key_refunds_once(cash, at):
    assert refund(cash, at, 200) == refund(cash, at, 200)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize("other", ["amount", "payment", "kind"])
def test_a_key_stands_for_one_refund_alone(cash, charge, at, other):
    refund(cash, at, 200)
    elsewhere = take_payment(charge=charge, method="terminal", amount=200, idempotency_key="more", at=at)

    payment, amount = elsewhere if other == "payment" else cash, 100 if other == "amount" else 200

    with pytest.raises(RefundKeyUsedError) as refused:
        refund(payment, at, amount, goodwill=other == "kind")

    assert (refused.value.status, refused.value.code) == (422, "idempotency_key_reused")
    assert Refund.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_key_for_two_charges_at_once_refunds_one_of_them():
    lot = make_lot()
    payments = [
        take_payment(charge=make_charge(lot), method="terminal", amount=None, idempotency_key=key, at=AT)
        for key in "ab"
    ]

    results = codes_at_once([lambda payment=payment: refund(payment, AT) for payment in payments])

    assert sorted(map(type, results), key=str) == [Refund, str]
    assert "idempotency_key_reused" in results
    assert Refund.objects.count() == 1


def test_a_refund_key_that_names_a_payment_still_reaches_the_provider(card, at):
    return_refund(refund=refund(card, at, key="card"), at=at)

    assert SimulatedCardPayment.objects.get(reference="card").refunded_amount == 600


def test_more_than_was_paid_is_not_given_back(cash, at):
    refund(cash, at, 400, "first")

    with pytest.raises(RefundTooLargeError):
        refund(cash, at, 201, "second")


def test_a_card_refund_waits_for_the_provider(card, at):
    given = refund(card, at)
    assert given.returned_at is None

    assert return_refund(refund=given, at=at).returned_at == at
    return_refund(refund=given, at=at)
    assert SimulatedCardPayment.objects.get(reference="card").refunded_amount == 600


def test_the_task_returns_a_refund_once_the_provider_is_back(card, at, monkeypatch):
    given = refund(card, at)
    with monkeypatch.context() as away:
        away.setattr(SimulatedProvider, "refund", _unavailable)
        conclude_payments()
        given.refresh_from_db()
        assert (given.returned_at, given.failure, given.attempts) == (None, "unavailable", 1)

    conclude_payments()
    given.refresh_from_db()
    assert given.returned_at is None, "it is not asked again before its pause is over"

    Refund.objects.update(next_attempt_at=at)
    conclude_payments()

    given.refresh_from_db()
    assert given.returned_at is not None


def _unavailable(*_, **__):
    raise ProviderUnavailableError
