"""Two hundred cars at once by the classic API: each gets a place of its own, and the books are the sum of what was paid."""

import datetime as dt
from collections import Counter

import pytest
from django.db.models import F, Sum

from billing.models import Charge, Payment, Shift
from billing.shifts import sums_of_till
from gates.models import GateEvent
from lots.models import SpotCount
from tests.api.classic.client import GarageClient
from tests.at_once import at_once
from tests.factories import make_gate, make_lot
from tests.invariants import broken
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db(transaction=True)
CARS, AT_ONCE = 200, 20


@pytest.fixture(autouse=True)
def demo(settings):
    settings.PARKING_DEMO = settings.CLASSIC_API = True


def in_turns(calls):
    """Twenty clients, each of which makes its share of the calls one after another."""

    def made(share):
        garage = GarageClient()
        return [call(garage) for call in share]

    shares = [calls[start::AT_ONCE] for start in range(AT_ONCE)]
    return [answer for told in at_once([lambda s=s: made(s) for s in shares]) for answer in told]


def test_two_hundred_cars_come_and_go_at_once():
    lot = make_lot(spots={"regular": CARS - 10})
    make_gate(lot, "entry")
    make_gate(lot, "exit")

    came = in_turns([lambda garage, n=n: garage.park(f"CAR {n}") for n in range(CARS)])
    assert Counter(answer.status_code for answer in came) == {201: CARS - 10, 400: 10}
    tickets = [answer.json() for answer in came if answer.status_code == 201]
    spots = Ticket.objects.open().values_list("spot", flat=True)
    assert len({*spots}) == len(spots) == CARS - 10
    assert SpotCount.objects.get(lot=lot).free == 0

    Ticket.objects.update(entry_at=F("entry_at") - dt.timedelta(minutes=90))
    methods = ["Cash", "Credit Card"]
    leaving = [(one["ticketNumber"], methods[turn % 2]) for turn, one in enumerate(tickets)]
    leaving += leaving[:AT_ONCE]  # these have left, or are just leaving
    gone = in_turns([lambda garage, n=n, m=m: garage.leave(n, m) for n, m in leaving])
    assert Counter(answer.status_code for answer in gone) == {200: CARS - 10, 400: AT_ONCE}

    paid = [answer.json() for answer in gone if answer.status_code == 200]
    assert {one["status"] for one in paid} == {"completed"}
    assert {one["amountPaid"] for one in paid} == {600}
    total = 600 * (CARS - 10)
    assert Payment.objects.aggregate(sum=Sum("captured_amount"))["sum"] == total
    assert Charge.objects.aggregate(sum=Sum("due_amount"))["sum"] == total
    till = Shift.objects.get()
    assert {(row.tender, row.amount) for row in sums_of_till(till) if row.kind == "sale"} == {
        ("cash", total // 2),
        ("card", total // 2),
    }
    assert Ticket.objects.filter(status=TicketStatus.CLOSED).count() == SpotCount.objects.get(lot=lot).free == CARS - 10
    opened = GateEvent.objects.filter(action="open").values_list("gate__direction", flat=True)
    assert Counter(opened) == {"entry": CARS - 10, "exit": CARS - 10}
    stats = GarageClient().get("garage/stats").json()
    assert (stats["todaysRevenue"], stats["vehiclesProcessedToday"]) == (total, CARS - 10)
    assert broken() == []


def test_of_twenty_requests_for_one_car_one_brings_it_in_and_one_out():
    lot = make_lot(spots={"regular": 30})
    make_gate(lot, "entry")
    make_gate(lot, "exit")

    came = at_once([lambda: GarageClient().park("ZH 1")] * AT_ONCE)
    assert Counter(answer.status_code for answer in came) == {201: 1, 400: AT_ONCE - 1}
    stay = Ticket.objects.get()
    Ticket.objects.update(entry_at=F("entry_at") - dt.timedelta(minutes=90))
    gone = at_once([lambda: GarageClient().leave(stay.number, "Cash")] * AT_ONCE)
    assert Counter(answer.status_code for answer in gone) == {200: 1, 400: AT_ONCE - 1}
    assert Payment.objects.get().captured_amount == 600
