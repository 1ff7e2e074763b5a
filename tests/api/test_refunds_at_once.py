"""The same refund asked for, or decided about, over the API at the same moment: money goes back once."""

import pytest
from django.db.models import Sum

from billing.models import Refund, RefundRequest, SimulatedCardPayment
from billing.services import take_payment
from tests.api.documented import post
from tests.at_once import at_once
from tests.billing.conftest import AT
from tests.factories import make_charge, make_lot, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)
TIMES = 32
BODY = {"amount": 600, "reason": "The lift was out of order.", "goodwill": True}


@pytest.fixture
def payment():
    charge = make_charge(make_lot(), 600)
    return take_payment(charge=charge, method="card", amount=None, idempotency_key="card", token="tok_ok", at=AT)


@pytest.fixture
def admin(payment):
    return make_user("admin", payment.charge.lot.operator)


def ask_many(person, payment, *, key=""):
    path = f"/payments/{payment.pk}/refunds"
    return at_once([lambda: post(person, path, BODY, key=key) for _ in range(TIMES)])


def given_back(payment):
    payment.charge.refresh_from_db()
    by_provider = SimulatedCardPayment.objects.aggregate(sum=Sum("refunded_amount"))["sum"]
    return payment.charge.refunded_amount, by_provider


def test_without_the_lock_the_database_has_to_refuse(payment, admin, monkeypatch):
    for module in ("approving", "giving"):
        monkeypatch.setattr(f"billing.services.refunds.{module}.require_refundable", lambda order: order.payment)
    monkeypatch.setattr("billing.services.refunds.approving.lock_charge", lambda charge: charge)

    answers = ask_many(admin, payment)

    errors = [str(answer) for answer in answers if isinstance(answer, Exception)]
    assert errors
    assert all("charge_refunded_within_captured" in error for error in errors)


def test_same_request_at_once_gives_back_once(payment, admin):
    answers = ask_many(admin, payment, key="k")

    assert [answer.status_code for answer in answers] == [201] * TIMES
    assert {answer.json()["id"] for answer in answers} == {str(Refund.objects.get().pk)}
    assert given_back(payment) == (600, 600)
    assert broken() == []


def test_as_many_requests_at_once_never_give_back_more_than_was_paid(payment, admin):
    answers = ask_many(admin, payment)

    assert sorted(answer.status_code for answer in answers) == [201] + [422] * (TIMES - 1)
    assert {answer.json()["code"] for answer in answers if answer.status_code == 422} == {"refund_exceeds_payment"}
    assert given_back(payment) == (600, 600)


def test_one_request_is_approved_once_however_many_decide(payment, admin):
    operator = payment.charge.lot.operator
    operator.refund_limit = 0
    operator.save()
    [asked, *others] = ask_many(admin, payment, key="k")
    assert {answer.status_code for answer in [asked, *others]} == {202}
    assert {answer.json()["id"] for answer in others} == {asked.json()["id"]}
    assert RefundRequest.objects.count() == 1
    second, third = make_user("admin", operator), make_user("admin", operator)

    answers = at_once(
        [
            lambda person=person: post(person, f"/refunds/{asked.json()['id']}/approve")
            for person in [second, third] * (TIMES // 2)
        ]
    )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] * (TIMES // 2) + [409] * (TIMES // 2)
    assert Refund.objects.count() == 1
    assert given_back(payment) == (600, 600)
    assert broken() == []
