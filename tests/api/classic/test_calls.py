"""The seven calls of the classic API, as a client of one garage makes them."""

import datetime as dt
from unittest.mock import patch

import pytest
from django.utils.timezone import now

from billing.models import Debt, Payment, Shift
from gates.models import GateEvent
from lots.models import Lot
from tests.api.classic.client import GarageClient, message
from tests.factories import make_blocked_plate, make_gate, make_lot, make_ticket
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db

TICKET = [
    *("id", "ticketNumber", "licensePlate", "vehicleType", "entryTime", "exitTime", "durationMinutes", "amountPaid"),
    *("status", "paymentMethod"),
]


@pytest.fixture(autouse=True)
def demo(settings):
    settings.PARKING_DEMO = settings.CLASSIC_API = True


@pytest.fixture
def lot():
    """Make the garage of the classic API: five regular spots, a gate in and one out, CHF 3.00 an hour."""
    lot = make_lot(spots={"regular": 3, "large": 1, "motorcycle": 1})
    make_gate(lot, "entry")
    make_gate(lot, "exit")
    return lot


@pytest.fixture
def garage(lot):
    return GarageClient()


def later(hours: float):
    return patch("api.classic.garage.now", lambda: now() + dt.timedelta(hours=hours, seconds=5))


def test_status_is_ok(garage):
    assert (garage.get("status").status_code, garage.get("status").json()) == (200, {"status": "ok"})


def test_a_car_comes_in_is_found_and_leaves_with_its_fee_paid(garage, lot):
    created = garage.park("ZH 123 456", "Car")
    ticket = created.json()
    assert created.status_code == 201
    assert list(ticket) == TICKET
    assert (ticket["licensePlate"], ticket["vehicleType"], ticket["status"]) == ("ZH 123 456", "Car", "active")
    assert (ticket["exitTime"], ticket["durationMinutes"], ticket["paymentMethod"]) == (None, None, None)
    assert ticket["amountPaid"] == 0
    assert dt.datetime.fromisoformat(ticket["entryTime"]).utcoffset() is not None
    assert garage.get(f"tickets/{ticket['ticketNumber']}").json() == ticket

    with later(hours=2.5):
        left = garage.leave(ticket["ticketNumber"])
    done = left.json()
    assert left.status_code == 200
    assert (done["status"], done["amountPaid"], done["durationMinutes"]) == ("completed", 900, 150)
    assert done["paymentMethod"] == "Credit Card"
    assert {name: done[name] for name in TICKET[:5]} == {name: ticket[name] for name in TICKET[:5]}
    assert garage.get(f"tickets/{ticket['ticketNumber']}").json() == done
    stay = Ticket.objects.get(number=ticket["ticketNumber"])
    assert (stay.status, stay.charge.balance_amount, stay.spot.stay) == (TicketStatus.CLOSED, 0, None)


def test_statistics_are_those_of_the_rows(garage, lot):
    before = garage.get("garage/stats").json()
    assert before == {
        "totalSpaces": 5,
        "occupiedSpaces": 0,
        "availableSpaces": 5,
        "occupiedSpacesPercentage": 0,
        "availableSpacesPercentage": 100,
        "hourlyRate": 300,
        "todaysRevenue": 0,
        "vehiclesProcessedToday": 0,
        "averageStayTime": 0,
    }
    garage.park("ZH 1")
    inside = make_ticket(lot, "ZH 2", entry_at=now() - dt.timedelta(minutes=45, seconds=5))
    garage.leave(inside.number)

    stats = garage.get("garage/stats").json()
    assert (stats["occupiedSpaces"], stats["availableSpaces"]) == (1, 4)
    assert (stats["occupiedSpacesPercentage"], stats["availableSpacesPercentage"]) == (20, 80)
    assert (stats["vehiclesProcessedToday"], stats["averageStayTime"], stats["todaysRevenue"]) == (1, 45, 300)


def test_statistics_of_a_garage_without_places_or_prices():
    make_lot(spots={}, tariff=None)
    stats = GarageClient().get("garage/stats").json()
    assert set(stats.values()) == {0}


def test_activities_are_listed_newest_first(garage):
    numbers = [garage.park(f"ZH {n}").json()["ticketNumber"] for n in (1, 2)]
    with later(hours=0.9):
        garage.leave(numbers[0])

    listed = garage.get("activities?limit=2").json()
    assert [(one["type"], one["ticketNumber"], one["licensePlate"]) for one in listed] == [
        ("exit", numbers[0], "ZH 1"),
        ("entry", numbers[1], "ZH 2"),
    ]
    assert (listed[0]["amount"], listed[1]["amount"]) == (300, None)
    assert len(garage.get("activities").json()) == 3
    assert len(garage.get("activities?limit=100000").json()) == 3
    for limit in ("0", "-1", "many", "1.5", "9" * 5_000):
        message(garage.get(f"activities?limit={limit}"), 400)


def test_the_documentation_names_each_call_and_loads_nothing_from_elsewhere(garage, client):
    page = garage.get("docs")
    text = page.content.decode()
    assert page.status_code == 200
    for call in ("/api/status", "/api/garage/stats", "/api/tickets", "/exit", "/api/activities?limit=10"):
        assert call in text
    assert not [link for link in text.split('src="')[1:] if not link.startswith("/static/")]


@pytest.mark.parametrize(
    ("word", "kind", "said"),
    [
        ("car", "regular", "Car"),
        ("SUV", "regular", "Car"),
        ("Spaceship", "regular", "Car"),
        ("", "regular", "Car"),
        (None, "regular", "Car"),
        ("Delivery Van", "large", "Truck"),
        ("TRUCK", "large", "Truck"),
        ("Motorcycle", "motorcycle", "Motorcycle"),
        ("Compact car", "compact", "Compact"),
        ("Electric Car", "regular", "Electric Car"),
    ],
)
def test_any_word_names_a_vehicle(garage, word, kind, said):
    ticket = garage.park(kind=word).json()
    stay = Ticket.objects.get(number=ticket["ticketNumber"])
    assert (stay.vehicle_type, stay.electric, ticket["vehicleType"]) == (kind, said.startswith("Electric"), said)


@pytest.mark.parametrize(
    ("word", "method", "said"),
    [
        ("Cash", "cash", "Cash"),
        ("credit card", "terminal", "Credit Card"),
        ("Debit", "terminal", "Credit Card"),
        ("Mobile Pay", "terminal", "Credit Card"),
    ],
)
def test_any_word_names_a_way_to_pay(garage, lot, word, method, said):
    inside = make_ticket(lot, entry_at=now() - dt.timedelta(hours=1, minutes=30))
    assert garage.leave(inside.number, word).json()["paymentMethod"] == said
    payment = Payment.objects.get()
    assert (payment.method, payment.captured_amount, payment.state) == (method, 600, "captured")
    till = Shift.objects.get()
    assert (payment.shift, till.device.name, till.person, till.float_amount) == (till, "Classic API", None, 0)


@pytest.mark.parametrize("word", ["none", "Unpaid", "  ", "", "waived", "Free of charge", "voucher", 7, None, ["Cash"]])
def test_nobody_leaves_without_the_fee(garage, lot, word):
    inside = make_ticket(lot)
    message(garage.leave(inside.number, word), 400)
    inside.refresh_from_db()
    assert (inside.status, Payment.objects.count(), Debt.objects.count()) == (TicketStatus.ACTIVE, 0, 0)


def test_a_car_in_its_free_minutes_pays_nothing(garage):
    number = garage.park().json()["ticketNumber"]
    done = garage.leave(number, "Cash").json()
    assert (done["status"], done["amountPaid"], done["paymentMethod"]) == ("completed", 0, None)
    assert not Payment.objects.exists()


def test_cash_is_rounded_to_the_coins_of_the_garage(garage, lot):
    Lot.objects.update(cash_rounding=500)
    inside = make_ticket(lot, entry_at=now() - dt.timedelta(minutes=90))
    done = garage.leave(inside.number, "Cash").json()
    assert done["amountPaid"] == 500


def test_a_car_that_is_inside_can_not_come_in(garage):
    garage.park("ZH 123 456")
    for plate in ("ZH 123 456", "zh123456", "ZH-123.456"):
        assert "inside already" in message(garage.park(plate), 400)
    assert (Ticket.objects.count(), GateEvent.objects.count()) == (1, 1)


def test_plates_that_a_camera_might_confuse_are_different_cars(garage):
    numbers = {garage.park(plate).json()["ticketNumber"] for plate in ("CAR1", "CAR10", "CAR1O")}
    assert len(numbers) == 3


def test_a_car_that_has_left_comes_in_again(garage):
    first = garage.park().json()["ticketNumber"]
    garage.leave(first)
    assert garage.park().json()["ticketNumber"] != first


def test_a_full_garage_takes_nobody(garage):
    for number in range(4):
        assert garage.park(f"ZH {number}").status_code == 201
    assert message(garage.park("ZH 9"), 400) == "The garage is full."
    assert Ticket.objects.open().count() == 4
    assert GateEvent.objects.order_by("-id")[0].reason == "full"


def test_a_closed_garage_and_a_blocked_plate_are_refused(garage, lot):
    make_blocked_plate(lot.operator, "ZH 1")
    assert message(garage.park("ZH 1"), 400) == "This license plate is blocked."
    Lot.objects.update(is_closed=True)
    assert message(garage.park("ZH 2"), 400) == "The garage is closed."


def test_a_stay_that_is_over_can_not_leave_again(garage, lot):
    number = garage.park().json()["ticketNumber"]
    garage.leave(number)
    assert "not inside" in message(garage.leave(number), 400)
    review = make_ticket(lot, "ZH 7", status=TicketStatus.REVIEW)
    message(garage.leave(review.number), 400)


@pytest.mark.parametrize("number", ["PS-0000000000", "nonsense", "PS-", "%00", "x" * 500, "1"])
def test_an_unknown_ticket_is_not_found(garage, number):
    message(garage.get(f"tickets/{number}"), 404)
    message(garage.leave(number), 404)


def test_a_ticket_of_another_garage_or_a_void_one_is_not_found(garage, lot):
    elsewhere, void = make_ticket(make_lot()), make_ticket(lot, "ZH 8", status=TicketStatus.VOID)
    for ticket in (elsewhere, void):
        message(garage.get(f"tickets/{ticket.number}"), 404)
        message(garage.leave(ticket.number), 404)
        message(garage.get(f"tickets/{ticket.token}"), 404)


def test_a_garage_without_gates_answers_and_takes_nobody():
    ticket = make_ticket(make_lot())
    garage = GarageClient()
    assert "no gate" in message(garage.park("ZH 5"), 400)
    assert "no gate" in message(garage.leave(ticket.number), 400)
    assert garage.get(f"tickets/{ticket.number}").status_code == 200


@pytest.mark.parametrize("direction", ["entry", "exit"])
def test_a_gate_with_a_barrier_of_its_own_is_no_way_past_the_fee(direction):
    lot = make_lot()
    make_gate(lot, "entry", confirms_passage=direction == "entry")
    make_gate(lot, "exit", confirms_passage=direction == "exit")
    garage = GarageClient()
    number = garage.park().json()["ticketNumber"]
    with later(hours=0.9):
        done = garage.leave(number, "Cash").json()
    assert (done["status"], done["amountPaid"]) == ("completed", 300)
