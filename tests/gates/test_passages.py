"""Gates whose barrier confirms passages: a decision is a promise until the car has passed."""

import datetime as dt
import uuid

import pytest

from gates.models import GateEvent
from gates.services import confirm_silent_passages
from tests.factories import make_ticket
from tests.gates.lanes import Lane, Lanes
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def lanes():
    lanes = Lanes(spots={"regular": 2})
    lanes.entry = Lane(lanes.lot, "entry", confirms_passage=True)
    lanes.exit = Lane(lanes.lot, "exit", confirms_passage=True)
    return lanes


def tell(lane, of_event, outcome, **fields):
    body = {"event_id": str(uuid.uuid4()), "of_event": of_event, "outcome": outcome} | fields
    return lane.send(body, f"/api/v1/gates/{lane.gate.code}/passages")


def test_stay_is_entering_until_the_car_has_passed(lanes):
    answer = lanes.entry.read()
    assert Ticket.objects.get().status == TicketStatus.ENTERING

    assert tell(lanes.entry, answer["event_id"], "passed").status_code == 200
    ticket = Ticket.objects.get()
    assert ticket.status == TicketStatus.ACTIVE
    assert ticket.spot is not None


def test_car_that_backs_out_never_was_and_its_spot_is_free(lanes):
    answer = lanes.entry.read()
    tell(lanes.entry, answer["event_id"], "backed_out")

    assert Ticket.objects.get().status == TicketStatus.VOID
    assert lanes.lot.spots.available().count() == 2


def test_exit_closes_when_the_car_has_passed(lanes):
    ticket = make_ticket(lanes.lot, "ZH 1", status="paid", paid_at=dt.datetime.now(dt.UTC))
    answer = lanes.exit.read("ZH 1")
    ticket.refresh_from_db()
    assert (answer["action"], ticket.status) == ("open", TicketStatus.PAID)

    tell(lanes.exit, answer["event_id"], "passed")
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.CLOSED


def test_silence_counts_as_passed_once_and_is_listed(lanes):
    lanes.entry.read()
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=4)

    assert (confirm_silent_passages(at=later), confirm_silent_passages(at=later)) == (1, 0)
    assert Ticket.objects.get().status == TicketStatus.ACTIVE
    assert GateEvent.objects.latest("id").flags == ["unconfirmed"]


def test_same_passage_again_answers_the_same(lanes):
    opening, again = lanes.entry.read()["event_id"], str(uuid.uuid4())
    first = tell(lanes.entry, opening, "passed", event_id=again).json()

    assert tell(lanes.entry, opening, "passed", event_id=again).json() == first | {"replayed": True}
    assert tell(lanes.entry, opening, "fault", event_id=again).status_code == 409


def test_passage_of_nothing_is_refused(lanes):
    assert tell(lanes.entry, str(uuid.uuid4()), "passed").status_code == 404
    assert tell(lanes.entry, str(uuid.uuid4()), "flew").status_code == 422
