"""Several charges paid in one go: all of them or none, also by many at once."""

from uuid import NAMESPACE_OID, uuid5

import pytest

from billing.documents.issuing import issue_receipts
from billing.models import Payment
from billing.services import OwedChangedError, pay_together
from tests.at_once import codes_at_once
from tests.billing.conftest import AT
from tests.factories import make_cashier, make_charge, make_lot

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def charges():
    lot = make_lot()
    return [make_charge(lot, amount) for amount in (400, 500, 600)]


def pay(charges, key, method="terminal", **fields):
    owed = [(charge, charge.balance_amount) for charge in charges]
    return pay_together(
        owed=owed, method=method, idempotency_key=key, together=uuid5(NAMESPACE_OID, key), at=AT, **fields
    )


def balances(charges):
    for charge in charges:
        charge.refresh_from_db()
    return [charge.balance_amount for charge in charges]


def test_many_who_pay_the_same_charges_at_once_pay_them_once(charges):
    backwards = charges[::-1]

    results = codes_at_once([lambda n=n: pay(backwards if n % 2 else charges, f"key-{n}") for n in range(8)])

    assert balances(charges) == [0, 0, 0]
    assert Payment.objects.count() == len(charges)
    assert results.count("nothing_owed") == len(results) - 1


def test_one_key_at_once_pays_once(charges):
    results = codes_at_once([lambda: pay(charges, "key") for _ in range(8)])

    assert {tuple(payment.pk for payment in result) for result in results} == {
        tuple(Payment.objects.order_by("charge_id").values_list("pk", flat=True))
    }


def test_another_amount_than_agreed_takes_nothing(charges):
    charges[1].due_amount = 700
    charges[1].save(update_fields=["due_amount"])

    with pytest.raises(OwedChangedError):
        pay(charges, "key")

    assert not Payment.objects.exists()


def test_a_card_stops_at_the_first_that_does_not_pay_in_full(charges):
    payments = pay(charges, "key", "card", token="tok_partial_450")

    assert [payment.captured_amount for payment in payments] == [400, 450]
    assert balances(charges) == [0, 50, 600]


def test_payments_taken_together_share_a_receipt_of_all_of_them(charges):
    paid = pay(charges, "key")

    [receipt] = issue_receipts(paid[:1], at=AT)

    assert set(receipt.payments.all()) == set(paid)
    assert receipt.total_amount == 1500
    assert issue_receipts(paid, at=AT) == []


def test_cash_of_one_go_is_rounded_once():
    lot = make_lot(cash_rounding=5)
    charges = [make_charge(lot, amount) for amount in (402, 502, 602)]

    paid = pay(charges, "key", method="cash", taken_by=make_cashier(lot))

    assert [payment.rounding_amount for payment in paid] == [-2, 3, -2]
    assert sum(payment.amount for payment in paid) == 1505
    assert balances(charges) == [0, 0, 0]
