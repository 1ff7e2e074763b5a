"""A barrier that listens lets a waiting car out as soon as it may leave: paid meanwhile, or unanswered for too long."""

import datetime as dt
import uuid
from contextlib import nullcontext
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Debt, Payment
from gates.models import EventKind, GateEvent
from gates.services import confirm_silent_passages, open_by_hand
from tests.at_once import at_once
from tests.factories import make_ticket, make_user
from tests.gates.lanes import Lane, Lanes
from tests.gates.test_lane_payments import pay
from tests.gates.test_lock_is_held import hold
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db(transaction=True)

PLATE = "ZH 1"


@pytest.fixture
def lanes() -> Lanes:
    lanes = Lanes(spots={"regular": 3})
    make_ticket(lanes.lot, PLATE, now() - dt.timedelta(hours=2, minutes=30))
    return lanes


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def asked(lane: Lane, *, after: int = 0, minute: float = 0) -> list[dict[str, Any]]:
    """Ask as the lane's barrier what it has to do, `minute` from now."""
    later = now() + dt.timedelta(minutes=minute)
    with patch("api.gate_reads.now", lambda: later) if minute else nullcontext():
        answer = lane.client.get(f"/api/v1/gates/{lane.gate.code}/commands", {"after": after})
    assert answer.status_code == 200, answer.content
    return answer.json()["items"]


def tell(lane: Lane, of_event: str, outcome: str) -> int:
    body = {"event_id": str(uuid.uuid4()), "of_event": of_event, "outcome": outcome}
    return lane.send(body, f"/api/v1/gates/{lane.gate.code}/passages").status_code


def released() -> list[tuple[str, str]]:
    return list(GateEvent.objects.filter(kind=EventKind.RELEASE).values_list("action", "reason"))


def test_paying_opens_the_lane_by_itself_once(lanes):
    assert lanes.exit.read(PLATE)["reason"] == "fee_due"
    assert asked(lanes.exit) == []
    assert pay("tok_ok", "one") < 300

    (told,) = asked(lanes.exit)

    assert (told["action"], told["reason"]) == ("open", "paid")
    assert asked(lanes.exit) == [told]
    assert asked(lanes.exit, after=told["id"]) == []
    assert released() == [("open", "paid")]
    ticket = Ticket.objects.get()
    assert (ticket.status, ticket.closed_reason) == (TicketStatus.CLOSED, "paid")


def test_camera_that_reads_a_released_car_again_opens_for_it_and_takes_no_more(lanes):
    lanes.exit.read(PLATE)
    pay("tok_ok", "one")
    asked(lanes.exit)

    assert lanes.exit.read(PLATE)["action"] == "open"
    assert (Payment.objects.count(), Debt.objects.count()) == (1, 0)


def test_car_that_nobody_answers_is_let_out_owing_after_two_minutes(lanes):
    lanes.exit.read(PLATE, minute=-2.1)
    assert asked(lanes.exit, minute=-0.2) == []

    (told,) = asked(lanes.exit)

    assert told["reason"] == "owed"
    assert Debt.objects.get().amount == 900
    assert "unanswered" in GateEvent.objects.latest("id").flags


@pytest.mark.parametrize("read", [{"plate": "BE 777"}, {"plate": None}, {"plate": None, "ticket_number": "junk"}])
def test_car_without_a_stay_is_let_out_when_nobody_answers(lanes, read):
    lanes.exit.read(read.pop("plate"), minute=-2.1, **read)

    assert [one["reason"] for one in asked(lanes.exit)] == ["unattended"]
    assert Ticket.objects.get().is_open


def test_car_is_known_by_the_ticket_it_showed(lanes):
    lanes.exit.read(None, ticket_number=Ticket.objects.get().number)
    pay("tok_ok", "one")

    assert [one["reason"] for one in asked(lanes.exit)] == ["paid"]


def test_car_that_may_have_gone_is_not_let_out(lanes):
    lanes.exit.read(PLATE, minute=-5.1)
    pay("tok_ok", "one")

    assert asked(lanes.exit) == []


def test_car_behind_which_another_was_read_is_not_let_out(lanes):
    lanes.exit.read(PLATE)
    lanes.exit.read("BE 777")
    pay("tok_ok", "one")

    assert asked(lanes.exit) == []
    assert Ticket.objects.get().is_open


def test_car_after_which_a_person_opened_is_not_let_out_again(lanes):
    lanes.exit.read(PLATE)
    clerk = make_user("attendant", lanes.lot.operator)
    open_by_hand(gate=lanes.exit.gate, by=clerk, note="Ambulance", at=now(), key=uuid.uuid4())
    pay("tok_ok", "one")

    assert [one["reason"] for one in asked(lanes.exit)] == ["by_hand"]
    assert Ticket.objects.get().is_open


def test_gate_that_is_held_open_releases_nobody(lanes):
    lanes.exit.read(PLATE, minute=-2.1)
    hold(lanes.exit)

    assert [one["action"] for one in asked(lanes.exit)] == ["hold_open"]
    assert released() == []


def test_record_that_arrives_meanwhile_changes_nothing(lanes):
    lanes.exit.read(PLATE)
    lanes.exit.read("BE 777", offline=True, captured_at=(now() - dt.timedelta(hours=1)).isoformat())
    pay("tok_ok", "one")

    assert [one["reason"] for one in asked(lanes.exit)] == ["paid"]


def test_entry_lets_nobody_in_by_itself():
    lanes = Lanes(low_confidence="attend")
    assert lanes.entry.read(PLATE, minute=-3, confidence=0.1)["action"] == "attend"

    assert asked(lanes.entry) == []


def test_released_car_is_promised_and_leaves_when_it_has_passed():
    lanes = Lanes(spots={"regular": 3})
    lanes.exit = Lane(lanes.lot, "exit", confirms_passage=True)
    make_ticket(lanes.lot, PLATE, now() - dt.timedelta(hours=2, minutes=30))
    lanes.exit.read(PLATE)
    pay("tok_ok", "one")

    (told,) = asked(lanes.exit)

    assert Ticket.objects.get().is_open
    assert tell(lanes.exit, told["event_id"], "passed") == 200
    assert Ticket.objects.get().closed_reason == "paid"


def test_released_car_whose_barrier_keeps_silent_counts_as_passed():
    lanes = Lanes(spots={"regular": 3})
    lanes.exit = Lane(lanes.lot, "exit", confirms_passage=True)
    make_ticket(lanes.lot, PLATE, now() - dt.timedelta(hours=2, minutes=30))
    lanes.exit.read(PLATE, minute=-2.1)
    asked(lanes.exit)

    assert confirm_silent_passages(at=now() + dt.timedelta(minutes=4)) == 1
    assert (Ticket.objects.get().closed_reason, Debt.objects.get().amount) == ("owed", 900)


def test_barriers_that_ask_at_once_let_a_car_out_once(lanes):
    lanes.exit.read(PLATE)
    pay("tok_ok", "one")

    answers = at_once([lambda: asked(lanes.exit) for _ in range(32)])

    assert released() == [("open", "paid")]
    assert {one["id"] for answer in answers for one in answer} == set(
        GateEvent.objects.filter(kind=EventKind.RELEASE).values_list("pk", flat=True)
    )


def test_stay_that_changes_meanwhile_is_looked_at_when_the_barrier_asks_again(lanes):
    lanes.exit.read(PLATE)
    pay("tok_ok", "one")
    with patch("gates.reads.releasing.apply_decision", side_effect=_lost()):
        assert asked(lanes.exit) == []

    assert [one["reason"] for one in asked(lanes.exit)] == ["paid"]


def _lost() -> Exception:
    from gates.reads.effects import PlaceLostError

    return PlaceLostError()


def test_asking_costs_one_query_more_while_no_car_waits(lanes):
    lanes.exit.read("BE 777", minute=-6)
    asked(lanes.entry)
    with CaptureQueriesContext(connection) as entry:
        asked(lanes.entry)
    asked(lanes.exit)
    with CaptureQueriesContext(connection) as leaving:
        asked(lanes.exit)

    assert len(leaving) == len(entry) + 1
