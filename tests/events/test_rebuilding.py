"""A receiver that begins with the first event ends with what the database says."""

import datetime as dt
import random
import uuid

import pytest

from events.models import Event
from events.services import number_events
from tests.events.read_model import ReadModel, database_of
from tests.gates.lanes import Lanes
from tickets.models import Ticket
from tickets.paying import pay_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def replay(operator) -> ReadModel:
    while number_events():
        pass
    model = ReadModel()
    for event in Event.objects.filter(operator=operator).order_by("number"):
        model.take(event.kind, event.subject, event.data)
    return model


def busy(lanes: Lanes, seed: int, acts: int) -> None:
    """Let cars come, pay, leave, come again and be misread, in an order that the seed decides."""
    chosen = random.Random(seed)
    plates = [f"ZH {number}" for number in range(100, 112)]
    minute = 0.0
    for _ in range(acts):
        minute += chosen.choice([0.6, 3, 25])
        plate = chosen.choice(plates)
        lane = chosen.choice([lanes.entry, lanes.entry, lanes.exit, lanes.exit, lanes.exit])
        answer = lane.read(plate, minute=minute, confidence=chosen.choice([0.95, 0.95, 0.4]))
        if answer["action"] == "pay":
            _pay(answer["ticket"]["number"], minute)
            lane.read(plate, minute=minute + 0.6)
            minute += 0.6


def _pay(number: str, minute: float) -> None:
    at = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minute + 0.1)
    pay_ticket(
        ticket=Ticket.objects.get(number=number),
        method="card",
        token="tok_ok",
        amount=None,
        idempotency_key=uuid.uuid4().hex,
        at=at,
        by_number=False,
    )


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("tracking", ["spots", "levels"])
def test_copy_made_of_events_equals_the_database(seed, tracking):
    lanes = Lanes(spots={"regular": 4, "ev": 1}, tracking=tracking)
    busy(lanes, seed, acts=40)

    model, database = replay(lanes.lot.operator), database_of(lanes.lot)

    assert len(model.stays) > 1
    assert model.paid
    assert model.stays == database["stays"]
    assert model.occupied == database["occupied"]
    assert model.paid == database["paid"]
    assert model.refunds == database["refunds"]


def test_copy_that_gets_events_twice_is_the_same():
    lanes = Lanes(spots={"regular": 3})
    busy(lanes, seed=3, acts=15)
    number_events()
    model = ReadModel()
    for event in Event.objects.order_by("number"):
        model.take(event.kind, event.subject, event.data)
        model.take(event.kind, event.subject, event.data)

    assert model.stays == database_of(lanes.lot)["stays"]
