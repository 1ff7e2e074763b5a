"""A validated fee is the same at the lane, the desk, the pay page and the API, with its line."""

import datetime as dt

import pytest
from django.test import Client

from merchants.services import give_validation
from tests.factories import make_cashier, make_merchant, make_ticket, make_validation_type
from tests.gates.lanes import Lanes
from tests.invariants import broken
from tickets.models import Ticket

LABEL = "Café Rosso: 50 % off"


@pytest.fixture
def lanes(transactional_db):
    lanes = Lanes(spots={"regular": 3})
    make_ticket(lanes.lot, "ZH 1", dt.datetime.now(dt.UTC) - dt.timedelta(hours=2, minutes=30))
    return lanes


def validate(lanes, discount=None):
    kind = make_validation_type(make_merchant(lanes.lot, name="Café Rosso"), discount)
    return give_validation(kind=kind, ticket=Ticket.objects.get(), at=dt.datetime.now(dt.UTC), by=None)


def test_every_place_shows_the_same_lower_fee_with_its_line(lanes):
    validate(lanes)
    ticket = Ticket.objects.get()
    cashier = Client()
    cashier.force_login(make_cashier(lanes.lot))

    lane = lanes.exit.read("ZH 1")["fee"]
    api = Client().get(f"/api/v1/tickets/{ticket.number}/fee").json()
    assert [(one["amount"], one["lines"][-1]["label"], one["lines"][-1]["amount"]) for one in (lane, api)] == [
        (450, LABEL, -450)
    ] * 2
    for client, path in (
        (Client(), f"/pay/{ticket.token}/"),
        (cashier, f"/desk/stays/{ticket.number}/?lot={lanes.lot.slug}"),
    ):
        page = client.get(path).content.decode()
        assert LABEL in page
        assert "4.50" in page


def test_a_lane_that_has_asked_asks_for_less_or_opens(lanes):
    assert lanes.exit.read("ZH 1")["fee"]["amount"] == 900
    validate(lanes, {"amount": 200})
    assert lanes.exit.read("ZH 1")["fee"]["amount"] == 700
    validate_all = make_validation_type(make_merchant(lanes.lot), {"percent": "100"}, stackable=True)
    Ticket.objects.update(discounts=[])
    give_validation(kind=validate_all, ticket=Ticket.objects.get(), at=dt.datetime.now(dt.UTC), by=None)

    assert lanes.exit.read("ZH 1")["action"] == "open"
    assert Ticket.objects.get().status == "closed"


def test_paying_the_lower_fee_lets_the_car_out(lanes):
    validate(lanes)
    paid = Client().post(
        f"/api/v1/tickets/{Ticket.objects.get().number}/pay", {"method": "card", "token": "tok_ok"}, "application/json"
    )

    assert paid.json()["amount"] == 450
    assert lanes.exit.read("ZH 1")["reason"] == "paid"
    assert Ticket.objects.get().charge.due_amount == 450
    assert broken() == []
