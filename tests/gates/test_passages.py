"""Gates whose barrier confirms passages: a decision is a promise until the car has passed."""

import datetime as dt
import uuid

import pytest
from django.test import Client

from gates.models import GateEvent
from gates.services import confirm_silent_passages
from tests.factories import make_ticket
from tests.gates.lanes import Lane, Lanes
from tests.wsgi import WsgiClient
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


@pytest.mark.parametrize("client", [Client, WsgiClient], ids=["slow path", "fast path"])
def test_read_with_the_event_id_of_a_passage_is_a_conflict(lanes, client):
    for lane in (lanes.entry, lanes.exit):
        lane.client = client(headers={"authorization": f"Bearer {lane.key}"})
    make_ticket(lanes.lot, "ZH 7", status="paid", paid_at=dt.datetime.now(dt.UTC))
    for lane, plate in ((lanes.entry, "ZH 1"), (lanes.exit, "ZH 7")):
        told = tell(lane, lane.read(plate)["event_id"], "passed").json()
        for body in ({"plate": plate}, {"plate": "ZH 2"}, {"plate": None}, {"plate": plate, "offline": True}):
            response = lane.send({"event_id": told["event_id"]} | body)
            assert (response.status_code, response.json()["code"]) == (409, "event_conflict")


def test_passage_with_the_event_id_of_a_read_is_a_conflict(lanes):
    opening = lanes.entry.read()["event_id"]
    response = tell(lanes.entry, opening, "passed", event_id=opening)

    assert (response.status_code, response.json()["code"]) == (409, "event_conflict")
    assert Ticket.objects.get().status == TicketStatus.ENTERING


def test_event_ids_of_other_devices_are_none_of_ours(lanes):
    opening = lanes.entry.read("ZH 1")["event_id"]
    make_ticket(lanes.lot, "ZH 7", status="paid", paid_at=dt.datetime.now(dt.UTC))

    assert lanes.exit.read("ZH 7", event_id=opening)["ticket"]["plate"] == "ZH7"
    assert tell(lanes.exit, opening, "passed").json()["outcome"] == "passed"
    assert [ticket.status for ticket in Ticket.objects.order_by("plate")] == ["entering", "closed"]


def test_passage_of_a_passage_is_no_opening(lanes):
    told = tell(lanes.entry, lanes.entry.read()["event_id"], "passed").json()
    response = tell(lanes.entry, told["event_id"], "backed_out")

    assert (response.status_code, response.json()["code"]) == (409, "not_an_opening")


def test_passage_is_understood_in_every_zone_that_can_be_written(lanes):
    for hours in (23, -23):
        at = dt.datetime.now(dt.timezone(dt.timedelta(hours=hours, minutes=59 * hours // 23)))
        opening = lanes.entry.read(f"ZH {hours}")["event_id"]

        assert tell(lanes.entry, opening, "passed", at=at.isoformat()).status_code == 200
        assert GateEvent.objects.latest("id").at == at


def test_passage_of_nothing_is_refused(lanes):
    assert tell(lanes.entry, str(uuid.uuid4()), "passed").status_code == 404
    assert tell(lanes.entry, str(uuid.uuid4()), "flew").status_code == 422
