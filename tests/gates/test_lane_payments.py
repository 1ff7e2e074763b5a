"""A driver who pays at the lane: by phone, while the barrier waits."""

import datetime as dt

import pytest
from django.test import Client

from billing.models import Debt, Payment, PaymentState
from tests.factories import make_ticket
from tests.gates.lanes import Lanes
from tests.invariants import broken
from tickets.models import Ticket, TicketStatus
from tickets.services import assess_ticket

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


@pytest.mark.parametrize("is_record", [False, True])
def test_part_payment_that_turns_out_to_be_enough_settles_the_stay(lanes, is_record):
    """Asked for three hours, and a part of that paid; by the clock of the camera it had left within two."""
    Ticket.objects.update(entry_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2, seconds=20))
    assert lanes.exit.read("ZH 1")["fee"]["amount"] == 900
    pay("tok_partial_700", "one")

    left_at = (dt.datetime.now(dt.UTC) - dt.timedelta(seconds=60)).isoformat()
    answer = lanes.exit.read("ZH 1", captured_at=left_at, offline=is_record)

    assert (answer["action"], answer["reason"]) == ("open", "paid")
    charge = Ticket.objects.get().charge
    assert (charge.due_amount, charge.captured_amount, charge.balance_amount) == (700, 700, 0)
    assert charge.settled_at is not None
    assert broken() == []


def test_declines_before_the_lane_asked_do_not_count(lanes):
    pay("tok_declined", "one")
    pay("tok_declined", "two")
    Payment.objects.update(created_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))

    assert lanes.exit.read("ZH 1", minute=-0.8)["reason"] == "fee_due"
    assert lanes.exit.read("ZH 1")["reason"] == "fee_due"


def test_provider_that_does_not_answer_in_time_counts_as_down(lanes):
    lanes.exit.read("ZH 1", minute=-1)
    try_silently()

    assert lanes.exit.read("ZH 1", minute=0)["reason"] == "owed"


def test_a_payer_on_the_page_of_a_provider_has_not_tried_yet(lanes):
    lanes.exit.read("ZH 1", minute=-1)
    try_silently(page_url="https://bank.example/", page_until=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5))

    assert lanes.exit.read("ZH 1", minute=0)["reason"] == "fee_due"


def try_silently(**fields) -> None:
    """Leave a payment without an answer since five seconds."""
    Payment.objects.create(
        charge=assess_ticket(ticket=Ticket.objects.get(), at=dt.datetime.now(dt.UTC)),
        method="card",
        state=PaymentState.PENDING,
        amount=900,
        idempotency_key="silent",
        created_at=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5),
        **fields,
    )


def at_second(second: float) -> dt.datetime:
    """An instant of a car's 25 seconds at the lane, which are over by now."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(seconds=40 - second)


def decline_at(second: float, *, in_browser: bool) -> None:
    if in_browser:
        card = {"token": "tok_declined", "receipt_email": "", "key": f"at {second}", "amount": 900}
        assert Client().post(f"/pay/{Ticket.objects.get().token}/", card).status_code == 302
    else:
        assert pay("tok_declined", f"at {second}") == 402
    Payment.objects.filter(pk=Payment.objects.latest("pk").pk).update(
        created_at=at_second(second), finished_at=at_second(second)
    )


@pytest.mark.parametrize("in_browser", [False, True], ids=["by program", "in the browser"])
def test_second_decline_within_the_time_of_repeated_reads_is_seen(lanes, in_browser):
    """A lane gives its earlier answer again for 30 seconds, but not when a card has been declined since."""

    def read(second: float) -> str:
        answer = lanes.exit.read("ZH 1", minute=(second - 40) / 60)
        return f"{answer['action']}/{answer['reason']}"

    assert read(0) == "pay/fee_due"
    decline_at(5, in_browser=in_browser)
    assert read(10) == "pay/fee_due"
    assert read(12) == "pay/fee_due"
    decline_at(15, in_browser=in_browser)

    assert read(18) == "open/owed"
    assert (Debt.objects.get().amount, Debt.objects.get().reason) == (900, "card declined twice")
    assert read(20) == "open/owed"


def test_two_declines_before_the_next_read_are_both_seen(lanes):
    assert lanes.exit.read("ZH 1", minute=-40 / 60)["reason"] == "fee_due"
    decline_at(5, in_browser=False)
    decline_at(9, in_browser=True)

    assert lanes.exit.read("ZH 1", minute=-25 / 60)["reason"] == "owed"
