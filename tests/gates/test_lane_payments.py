"""A driver who pays at the lane: by phone, while the barrier waits."""

import datetime as dt

import pytest
from django.test import Client

from billing.models import Debt, Payment, PaymentState
from tests.factories import make_ticket
from tests.gates.lanes import Lanes
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lanes():
    lanes = Lanes(spots={"regular": 2})
    make_ticket(lanes.lot, "ZH 1", dt.datetime.now(dt.UTC) - dt.timedelta(hours=2, minutes=30))
    return lanes


def pay(token: str, key: str) -> int:
    number = Ticket.objects.get().number
    body = {"method": "card", "token": token, "amount": None}
    headers = {"Idempotency-Key": key}
    return Client().post(f"/api/v1/tickets/{number}/pay", body, "application/json", headers=headers).status_code


def test_paying_at_the_lane_opens_it_at_the_next_read(lanes):
    assert lanes.exit.read("ZH 1")["reason"] == "fee_due"
    assert pay("tok_ok", "one") < 300

    assert lanes.exit.read("ZH 1")["reason"] == "paid"
    assert Ticket.objects.get().status == TicketStatus.CLOSED


def test_one_decline_asks_once_more_and_the_second_lets_the_car_go_owing(lanes):
    lanes.exit.read("ZH 1", minute=-1)
    pay("tok_declined", "one")
    assert lanes.exit.read("ZH 1", minute=-0.4)["action"] == "pay"

    pay("tok_declined", "two")
    answer = lanes.exit.read("ZH 1", minute=0.2)

    assert (answer["action"], answer["reason"]) == ("open", "owed")
    assert Debt.objects.get().amount == 900


def test_partial_approval_lets_the_car_go_owing_the_rest(lanes):
    lanes.exit.read("ZH 1", minute=-1)
    pay("tok_partial_400", "one")

    assert lanes.exit.read("ZH 1")["reason"] == "owed"
    assert Debt.objects.get().amount == 500


def test_declines_before_the_lane_asked_do_not_count(lanes):
    pay("tok_declined", "one")
    pay("tok_declined", "two")
    Payment.objects.update(created_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))

    assert lanes.exit.read("ZH 1", minute=-0.8)["reason"] == "fee_due"
    assert lanes.exit.read("ZH 1")["reason"] == "fee_due"


def test_provider_that_does_not_answer_in_time_counts_as_down(lanes):
    lanes.exit.read("ZH 1", minute=-1)
    pay("tok_declined", "one")
    Payment.objects.update(
        state=PaymentState.PENDING,
        failure="",
        finished_at=None,
        created_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5),
    )

    assert lanes.exit.read("ZH 1", minute=0)["reason"] == "owed"
