"""Automatic payments that drivers say were not theirs: listed for the operator's people, decided by one of them."""

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import Operator
from analytics.attention import attention_of
from analytics.scope import scope_of
from billing.models import (
    Credit,
    Objection,
    ObjectionOutcome,
    Payment,
    Refund,
    RefundRequest,
    SimulatedCardPayment,
)
from billing.objecting import objection_token
from billing.services import approve_refund
from notifications.models import Message
from tests.factories import make_lot, make_objection, make_user, make_vehicle
from tests.gates.agreed_car import FEE, AgreedCar
from tests.invariants import broken

pytestmark = pytest.mark.django_db


@pytest.fixture
def objected():
    """A car that was charged at its exit, whose driver has said that it was not theirs."""
    car = AgreedCar()
    car.ticket = car.comes_in()
    assert car.leaves() == "open/charged"
    Client().post(f"/not-me/{objection_token(Payment.objects.get())}/")
    return car


@pytest.fixture
def admin(objected, client):
    admin = make_user("admin", objected.lot.operator)
    client.force_login(admin)
    return admin


def decide(client, outcome, word="We saw the pictures."):
    return client.post(f"/manage/objections/{Objection.objects.get().pk}/", {"outcome": outcome, "word": word})


def test_objection_is_in_every_list_that_people_look_at(client, admin, objected):
    pages = [client.get(path).content.decode() for path in ("/manage/exceptions/", "/manage/objections/")]

    assert all("ZH 314159" in page and "Waits for a person" in page for page in pages)
    (finding,) = [one for one in attention_of(scope_of(admin, ""), now()) if one.kind == "objection"]
    assert finding.text == "1 driver says that an automatic payment was not theirs"
    assert (
        f"/manage/stays/{objected.ticket.number}/"
        in client.get(f"/manage/objections/{Objection.objects.get().pk}/").content.decode()
    )


def test_car_is_not_charged_again(objected):
    objected.comes_in()

    assert objected.lanes.exit.read("ZH 314159", minute=1)["reason"] == "fee_due"


def test_refund_out_of_goodwill_returns_the_money_and_nothing_is_owed(client, admin, objected):
    assert decide(client, "refunded").status_code == 302

    objected.ticket.refresh_from_db()
    refund, row = Refund.objects.get(), SimulatedCardPayment.objects.get(reference__startswith="automatic")
    assert (refund.amount, refund.goodwill, refund.refunded_by, row.refunded_amount) == (FEE, True, admin, FEE)
    assert (Credit.objects.get().amount, objected.ticket.charge.balance_amount) == (FEE, 0)
    objection = Objection.objects.get()
    assert (objection.outcome, objection.decided_by) == (ObjectionOutcome.REFUNDED, admin)
    assert broken() == []


def test_rejection_keeps_the_money_and_says_why(client, admin, objected):
    assert decide(client, "rejected").status_code == 302

    assert (Refund.objects.count(), Objection.objects.get().word) == (0, "We saw the pictures.")
    mail = Message.objects.get(template="objection_answered")
    assert (mail.recipient, mail.context["is_refunded"]) == (objected.driver.email, False)
    assert mail.context["word"] == "We saw the pictures."


@pytest.mark.parametrize("wrong", [{"word": "  "}, {"outcome": ""}, {"outcome": "both"}])
def test_decision_needs_an_outcome_and_a_word(client, admin, wrong):
    form = {"outcome": "refunded", "word": "ok"} | wrong
    response = client.post(f"/manage/objections/{Objection.objects.get().pk}/", form)

    assert (response.status_code, Refund.objects.count(), Objection.objects.waiting().count()) == (422, 0, 1)


def test_same_decision_twice_refunds_once_and_another_is_refused(client, admin):
    statuses = [decide(client, outcome).status_code for outcome in ("refunded", "refunded", "rejected")]

    assert (statuses, Refund.objects.count()) == ([302, 302, 409], 1)
    assert Message.objects.filter(template="objection_answered").count() == 1


def test_refund_above_the_limit_waits_for_a_second_person_and_the_objection_with_it(client, admin, objected):
    Operator.objects.update(refund_limit=0)

    assert decide(client, "refunded")["Location"] == "/manage/refunds/"
    assert (Objection.objects.waiting().count(), Refund.objects.count()) == (1, 0)
    approve_refund(asked=RefundRequest.objects.get(), by=make_user("admin", objected.lot.operator), at=now())
    assert decide(client, "refunded")["Location"] == "/manage/objections/"

    assert (Objection.objects.waiting().count(), Refund.objects.get().amount) == (0, FEE)
    assert Message.objects.filter(template="objection_answered").count() == 1
    assert broken() == []


def test_other_operators_see_nothing_of_it(client, objected):
    client.force_login(make_user("admin", make_lot().operator))

    assert "ZH 314159" not in client.get("/manage/objections/").content.decode()
    assert decide(client, "refunded").status_code == 404


def test_list_takes_as_many_queries_for_many(client, admin, objected, django_assert_max_num_queries):
    for number in range(10):
        make_objection(objected.lot, make_vehicle(make_user(), f"BE {number}"))

    with django_assert_max_num_queries(12):
        client.get("/manage/objections/")
