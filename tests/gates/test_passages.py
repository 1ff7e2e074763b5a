"""Gates whose barrier confirms passages: a decision is a promise until the car has passed."""

import datetime as dt
import uuid

import pytest
from django.test import Client

from gates.models import GateEvent
from gates.services import confirm_silent_passages
from reservations.models import Reservation
from tests.factories import make_ticket
from tests.gates.lanes import Lane, Lanes
from tests.gates.test_races import promise
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


def test_booking_of_a_car_that_backs_out_waits_for_its_driver_again(lanes):
    promise(lanes, 1)
    booking = Reservation.objects.get()
    for _ in range(2):
        answer = lanes.entry.read("B 1", minute=100)
        assert answer["reason"] == "reservation"
        tell(lanes.entry, answer["event_id"], "backed_out")

        booking.refresh_from_db()
        assert booking.status == "confirmed"


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
        opening = lanes.entry.read(f"ZH {hours}")["event_id"]
        at = dt.datetime.now(dt.timezone(dt.timedelta(hours=hours, minutes=59 * hours // 23)))

        assert tell(lanes.entry, opening, "passed", at=at.isoformat()).status_code == 200
        assert GateEvent.objects.latest("id").at == at


def test_passage_of_nothing_is_refused(lanes):
    assert tell(lanes.entry, str(uuid.uuid4()), "passed").status_code == 404
    assert tell(lanes.entry, str(uuid.uuid4()), "flew").status_code == 422


# --- dirty fields


def paid_inside(lanes):
    return make_ticket(lanes.lot, "ZH 1", status="paid", paid_at=dt.datetime.now(dt.UTC))


def test_car_that_backed_out_and_is_read_again_gets_a_new_stay(lanes):
    first = lanes.entry.read()
    tell(lanes.entry, first["event_id"], "backed_out")
    second = lanes.entry.read()
    tell(lanes.entry, second["event_id"], "passed")

    assert [ticket.status for ticket in Ticket.objects.order_by("id")] == [TicketStatus.VOID, TicketStatus.ACTIVE]


def test_report_on_the_second_of_two_reads_is_about_the_same_car(lanes):
    ticket = paid_inside(lanes)
    lanes.exit.read("ZH 1")
    again = lanes.exit.read("ZH 1")
    tell(lanes.exit, again["event_id"], "backed_out")

    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=4)
    assert confirm_silent_passages(at=later) == 0
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.PAID


def test_fault_ends_the_promise_and_a_later_passage_still_counts(lanes):
    ticket = paid_inside(lanes)
    opened = lanes.exit.read("ZH 1")
    tell(lanes.exit, opened["event_id"], "fault")
    assert confirm_silent_passages(at=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=4)) == 0

    other = Lane(lanes.lot, "exit")
    assert other.read("ZH 1")["action"] == "open"
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.CLOSED


def test_car_that_is_read_again_after_a_fault_at_the_entry_keeps_its_stay(lanes):
    opened = lanes.entry.read("ZH 1", vehicle_ref="7")
    tell(lanes.entry, opened["event_id"], "fault")
    again = lanes.entry.read("GE 99", vehicle_ref="7", confidence=0.5)
    assert again["ticket"] == opened["ticket"]
    assert Ticket.objects.get().status == TicketStatus.ENTERING

    assert confirm_silent_passages(at=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=4)) == 1
    assert Ticket.objects.get().status == TicketStatus.ACTIVE


def test_car_that_stands_in_the_opened_exit_is_promised_once(lanes):
    ticket = paid_inside(lanes)
    lanes.exit.read("ZH 1")
    later = lanes.exit.read("ZH 1", minute=0.7)
    tell(lanes.exit, later["event_id"], "backed_out")

    assert confirm_silent_passages(at=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=4)) == 0
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.PAID


def test_second_exit_that_opens_for_a_stay_is_listed(lanes):
    paid_inside(lanes)
    other = Lane(lanes.lot, "exit", confirms_passage=True)
    lanes.exit.read("ZH 1", minute=0.1)
    assert other.read("ZH 1", minute=0.2)["action"] == "attend"
    assert other.read("ZH 1", minute=2.3)["action"] == "open"
    assert GateEvent.objects.latest("id").flags == ["promised_twice"]


def test_passage_after_a_fault_counts(lanes):
    ticket = paid_inside(lanes)
    opened = lanes.exit.read("ZH 1")
    tell(lanes.exit, opened["event_id"], "fault")
    tell(lanes.exit, opened["event_id"], "passed")
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.CLOSED


def test_one_ticket_opens_one_confirming_exit_at_a_time(lanes):
    paid_inside(lanes)
    other = Lane(lanes.lot, "exit", confirms_passage=True)
    opened = lanes.exit.read("ZH 1")
    refused = other.read("ZH 1")
    assert (opened["action"], refused["action"], refused["reason"]) == ("open", "attend", "passback")

    tell(lanes.exit, opened["event_id"], "fault")
    assert other.read("ZH 1")["action"] == "open"


def test_backing_out_of_an_exit_keeps_a_stay_whose_entry_was_never_confirmed(lanes):
    lanes.entry.read("ZH 1")
    opened = lanes.exit.read("ZH 1")
    tell(lanes.exit, opened["event_id"], "backed_out")
    assert Ticket.objects.get().status == TicketStatus.ENTERING

    tell(lanes.exit, lanes.exit.read("ZH 1")["event_id"], "passed")
    assert Ticket.objects.get().status == TicketStatus.CLOSED


def test_lane_that_a_car_backed_out_of_does_not_open_again_by_its_plate_alone(lanes):
    ticket = paid_inside(lanes)
    opened = lanes.exit.read("BE 987654", ticket_number=ticket.number)
    tell(lanes.exit, opened["event_id"], "backed_out")
    assert lanes.exit.read("BE 987654", minute=1)["action"] == "attend"

    again = lanes.exit.read("BE 987654", ticket_number=ticket.number, minute=1.1)
    tell(lanes.exit, again["event_id"], "passed")
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.CLOSED


def test_passage_with_an_empty_time_counts_at_the_time_of_the_server(lanes):
    opening = lanes.entry.read()["event_id"]
    assert tell(lanes.entry, opening, "passed", at=None).status_code == 200
    assert Ticket.objects.get().status == TicketStatus.ACTIVE


@pytest.mark.parametrize("year", [2000, 2076])
def test_wild_clock_of_a_barrier_moves_no_money(lanes, year):
    ticket = make_ticket(lanes.lot, "ZH 1", entry_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=2))
    lanes.exit.read("ZH 1")
    opened = lanes.exit.read("ZH 1", minute=3)
    assert opened["reason"] == "owed"
    tell(lanes.exit, opened["event_id"], "passed", at=f"{year}-01-01T00:00:00Z")
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.CLOSED
    assert ticket.charge.due_amount == ticket.charge.balance_amount <= 900
    assert abs(ticket.exit_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    told = GateEvent.objects.latest("id")
    assert (told.captured_at.year, told.skew_seconds is not None) == (year, True)


def test_fault_of_a_barrier_is_listed(lanes):
    tell(lanes.entry, lanes.entry.read()["event_id"], "fault")

    assert GateEvent.objects.latest("id").flags == ["fault"]
