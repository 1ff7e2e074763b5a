"""Money under simultaneous hands: never overpaid, blocked at the third debt."""

from collections import Counter
from threading import Barrier
from typing import Any

import pytest

from accounts.models import BlockedPlate
from billing.models import Charge, Payment, PaymentState, Refund, SimulatedCardPayment
from billing.services import authorise_payment, capture_hold, record_debt, take_payment, void_hold
from tests.at_once import at_once, codes_at_once
from tests.billing.conftest import AT
from tests.factories import make_charge, make_lot

AT_ONCE = 20

pytestmark = pytest.mark.django_db(transaction=True)


def pay(charge: Charge, key: str, method: str = "terminal", **fields: Any) -> Payment:
    return take_payment(charge=charge, method=method, amount=None, idempotency_key=key, at=AT, **fields)


def test_without_the_lock_two_payments_both_see_the_balance(monkeypatch):
    monkeypatch.setattr(
        "billing.services.payments.in_hand.lock_charge", lambda charge: Charge.objects.get(pk=charge.pk)
    )
    both_have_read = Barrier(2, timeout=30)
    write = Payment.objects.create
    monkeypatch.setattr(Payment.objects, "create", lambda **fields: (both_have_read.wait(), write(**fields))[1])
    charge = make_charge(make_lot(), 600)

    with pytest.raises(Exception, match="charge_never_overpaid"):
        codes_at_once([lambda: pay(charge, "a"), lambda: pay(charge, "b")])


def test_cash_at_once_is_taken_once():
    charge = make_charge(make_lot(), 600)

    results = codes_at_once([lambda key=f"key-{n}": pay(charge, key) for n in range(8)])

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.captured_amount) == (0, 600)
    assert sum(isinstance(result, Payment) for result in results) == 1
    assert {result for result in results if isinstance(result, str)} == {"nothing_owed"}


def test_cards_at_once_keep_no_more_than_is_owed():
    charge = make_charge(make_lot(), 600)

    results = codes_at_once([lambda key=f"key-{n}": pay(charge, key, "card", token="tok_ok") for n in range(8)])

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.captured_amount - charge.refunded_amount) == (0, 600)
    assert {result for result in results if isinstance(result, str)} <= {"nothing_owed"}
    given_back = Refund.objects.values_list("payment", "amount", "returned_at")
    twice = Payment.objects.filter(failure="paid_twice")
    assert set(given_back) == {(payment.pk, 600, AT) for payment in twice}
    at_provider = SimulatedCardPayment.objects.exclude(reference__startswith="refund-")
    assert sum(card.approved_amount - card.refunded_amount for card in at_provider) == 600


def test_the_same_key_at_once_pays_once():
    charge = make_charge(make_lot(), 600)

    results = codes_at_once([lambda: pay(charge, "key", "card", token="tok_ok") for _ in range(8)])

    assert Payment.objects.get().state == PaymentState.CAPTURED
    assert set(map(str, results)) <= {"Card 600", "payment_running"}


def test_three_debts_at_once_block_the_plate():
    lot = make_lot()
    charges = [make_charge(lot, 100) for _ in range(3)]

    at_once([lambda charge=charge: record_debt(charge=charge, plate="ZH 1", reason="x", at=AT) for charge in charges])

    assert Counter(BlockedPlate.objects.in_force().values_list("plate_normalised", flat=True)) == {"ZH1": 1}


@pytest.mark.parametrize("times", [40, pytest.param(1000, marks=pytest.mark.proof)])
def test_many_payments_with_one_key_capture_once(times):
    charge = make_charge(make_lot(), 600)

    results = crowd([lambda: pay(charge, "key", "card", token="tok_ok") for _ in range(times)])

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.captured_amount, charge.refunded_amount) == (0, 600, 0)
    assert Payment.objects.get().state == PaymentState.CAPTURED
    assert SimulatedCardPayment.objects.get().approved_amount == 600
    assert set(map(str, results)) <= {"Card 600", "payment_running"}


@pytest.mark.parametrize("times", [40, pytest.param(1000, marks=pytest.mark.proof)])
def test_many_payments_with_different_keys_keep_no_more_than_is_owed(times):
    charge = make_charge(make_lot(), 600)

    crowd([lambda key=f"key-{n}": pay(charge, key, "card", token="tok_ok") for n in range(times)])

    charge.refresh_from_db()
    assert (charge.balance_amount, charge.captured_amount - charge.refunded_amount) == (0, 600)
    at_provider = SimulatedCardPayment.objects.exclude(reference__startswith="refund-")
    assert sum(card.approved_amount - card.refunded_amount for card in at_provider) == 600
    assert not Refund.objects.filter(returned_at=None).exists()


def test_a_hold_is_captured_once_by_many():
    charge = make_charge(make_lot(), 600)
    held = authorise_payment(charge=charge, amount=None, idempotency_key="hold", at=AT, token="tok_ok")

    results = crowd([lambda act=act: act(payment=held, at=AT) for act in [capture_hold, void_hold] * 10])

    held.refresh_from_db()
    charge.refresh_from_db()
    at_provider = SimulatedCardPayment.objects.get()
    assert (held.state, charge.captured_amount) in {("captured", 600), ("voided", 0)}
    assert (at_provider.approved_amount, at_provider.held_amount) == (charge.captured_amount, 0)
    assert {result for result in results if isinstance(result, str)} == {"hold_state"}


def crowd(calls):
    """Run many calls, as many at once as there are connections; refusals' codes stand in their place."""
    results = []
    for first in range(0, len(calls), AT_ONCE):
        results += codes_at_once(calls[first : first + AT_ONCE])
    return results
