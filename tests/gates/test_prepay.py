"""Plates that owe for three stays, at an operator who demands prepayment from then on instead of blocking them."""

import datetime as dt
from uuid import uuid4

import pytest
from django.utils.timezone import now

from accounts.blocklist import BlockTerms, block_plate, lift_block
from billing.models import CreditKind, Debt, Payment
from billing.services import authorise_payment, credit_charge, record_debt, take_payment, void_hold
from gates.models import GateEvent
from gates.reads import ReadBody
from gates.services import let_in
from tests.factories import make_charge, make_ticket, make_user
from tests.gates.lanes import Lanes, at
from tests.gates.test_apply import book
from tickets.models import Ticket

pytestmark = pytest.mark.django_db

PLATE = "ZH 1"
PREPAY, BLOCKED = ("attend", "prepay"), ("deny", "blocked")


def choose(lanes, consequence):
    lanes.lot.operator.debt_consequence = consequence
    lanes.lot.operator.save(update_fields=["debt_consequence"])


@pytest.fixture
def lanes():
    lanes = Lanes(spots={"regular": 3})
    choose(lanes, "prepay")
    for _ in range(3):
        record_debt(charge=make_charge(lanes.lot), plate=PLATE, reason="left without paying", at=now())
    return lanes


def answer(lanes, minute=0.0):
    read = lanes.entry.read(PLATE, minute=minute)
    return read["action"], read["reason"]


def booked(lanes, price=500):
    """Book for now, with a price."""
    return book(lanes.lot, PLATE, charge=make_charge(lanes.lot, price), price_amount=price)


def hold(booking, amount=None):
    return authorise_payment(charge=booking.charge, amount=amount, idempotency_key="hold", at=now(), token="tok_ok")


def pay(booking, amount=None):
    given = {"method": "online", "token": "tok_ok", "idempotency_key": "pay"}
    take_payment(charge=booking.charge, amount=amount, at=now(), **given)


def test_a_plate_with_three_debts_waits_for_an_attendant(lanes):
    read = lanes.entry.read(PLATE)

    assert (read["action"], read["reason"]) == PREPAY
    assert read["message"] == "Only with a prepaid booking. Please book, or wait for an attendant."
    assert (read["ticket"], read["spot"], read["fee"]) == (None, None, None)
    assert GateEvent.objects.get().flags == ["prepay"]


def test_an_attendant_lets_it_in_all_the_same(lanes):
    assert answer(lanes) == PREPAY
    body = ReadBody(event_id=uuid4(), plate=PLATE)

    event = let_in(gate=lanes.entry.gate, body=body, by=make_user(), note="pays in the office", at=now())

    assert (event.action, event.flags) == ("open", ["prepay"])
    assert Ticket.objects.get().status == "active"
    assert answer(lanes, minute=2) == ("open", "ok")  # it still stands in the lane


def test_a_booking_that_is_not_paid_does_not_let_it_in(lanes):
    booked(lanes)

    assert answer(lanes) == PREPAY


@pytest.mark.parametrize("prepay", [hold, pay])
def test_a_booking_that_is_paid_or_held_in_full_lets_it_in(lanes, prepay):
    prepay(booked(lanes))

    assert answer(lanes) == ("open", "reservation")


@pytest.mark.parametrize("prepay", [hold, pay])
def test_a_part_of_the_price_is_not_enough(lanes, prepay):
    prepay(booked(lanes), 400)

    assert answer(lanes) == PREPAY


def test_a_part_paid_and_the_rest_held_is_enough(lanes):
    booking = booked(lanes)
    pay(booking, 200)
    hold(booking)

    assert answer(lanes) == ("open", "reservation")


def test_a_hold_that_is_let_go_or_over_does_not_count(lanes):
    payment = hold(booked(lanes))
    Payment.objects.filter(pk=payment.pk).update(capture_before=now() - dt.timedelta(minutes=1))
    assert answer(lanes) == PREPAY

    void_hold(payment=payment, at=now())
    assert answer(lanes, minute=1) == PREPAY


def test_a_booking_without_a_price_yet_is_not_prepaid_but_one_that_costs_nothing_is(lanes):
    booking = booked(lanes, price=0)
    assert answer(lanes) == PREPAY

    booking.charge.settled_at = now()
    booking.charge.save(update_fields=["settled_at"])
    assert answer(lanes, minute=1) == ("open", "reservation")


def test_who_pays_while_waiting_in_the_lane_is_let_in_by_the_next_read(lanes):
    booking = booked(lanes)
    assert answer(lanes) == PREPAY
    assert answer(lanes) == PREPAY
    assert GateEvent.objects.filter(first=None).count() == 1  # the same answer again

    pay(booking)

    assert answer(lanes) == ("open", "reservation")


def test_paying_one_of_the_three_lifts_it_at_once(lanes):
    assert answer(lanes) == PREPAY
    charge = Debt.objects.earliest("id").charge

    credit_charge(charge=charge, amount=600, kind=CreditKind.WAIVED, reason="x", granted_by=make_user(), at=now())

    assert answer(lanes) == ("open", "ok")


def test_another_choice_holds_at_once_for_plates_that_owe_already(lanes):
    pay(booked(lanes))
    choose(lanes, "block")
    assert answer(lanes) == BLOCKED

    choose(lanes, "prepay")
    assert answer(lanes, minute=1) == ("open", "reservation")


def test_whom_a_person_has_blocked_stays_blocked(lanes):
    pay(booked(lanes))
    own = block_plate(
        operator=lanes.lot.operator, plate=PLATE, terms=BlockTerms("Threatened staff"), today=now().date(), at=now()
    )
    assert answer(lanes) == BLOCKED

    lift_block(blocked=own, at=now())
    assert answer(lanes, minute=1) == ("open", "reservation")


def test_a_car_that_is_inside_drives_out_as_ever(lanes):
    make_ticket(lanes.lot, PLATE, entry_at=now() - dt.timedelta(minutes=5))

    assert lanes.exit.read(PLATE)["reason"] == "grace"


def test_a_record_of_an_entry_is_taken_and_listed(lanes):
    assert lanes.entry.read(PLATE, captured_at=at(-5), offline=True)["action"] == "open"
    assert GateEvent.objects.get().flags == ["prepay"]
