"""Gates that a person holds open: who may, what passes meanwhile, and what barriers are told."""

import datetime as dt
import time
import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing.models import Debt
from common.web.asking_again import ASKED_SINCE, ASKS_AGAIN, HEADER
from gates.models import GateEvent
from gates.reads.gates import known_gate
from gates.services import (
    ActConflictError,
    NoteMissingError,
    confirm_silent_passages,
    end_hold,
    hold_open,
    open_by_hand,
)
from lots.models import Gate
from lots.services import LotNotLockedError, hold_gate_open
from tests.actions import listen
from tests.at_once import at_once
from tests.factories import make_blocked_plate, make_ticket, make_user
from tests.gates.lanes import Lane, Lanes
from tests.gates.test_passages import tell
from tests.invariants import broken
from tickets.fees import fee_of
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Held(Lanes):
    """A lot both of whose gates can be held open by its attendant."""

    def __init__(self, **lot: Any) -> None:
        super().__init__(**{"spots": {"regular": 3}} | lot)
        self.attendant = make_user("attendant", self.lot.operator)

    def hold(self, lane: Lane, note: str = "Fire alarm", key: uuid.UUID | None = None) -> Gate:
        return hold_open(gate=lane.gate, by=self.attendant, note=note, at=now(), key=key or uuid.uuid4())

    def end(self, lane: Lane) -> Gate:
        return end_hold(gate=lane.gate, by=self.attendant, at=now())


@pytest.fixture
def lanes() -> Held:
    return Held()


def holds(gate: Gate) -> list[tuple[str, str]]:
    return list(GateEvent.objects.filter(gate=gate, kind="hold").order_by("id").values_list("action", "note"))


# --- holding and ending


def test_hold_names_its_person_time_and_reason(lanes):
    gate = lanes.hold(lanes.exit)

    assert (gate.is_held_open, gate.held_open_by, gate.held_open_why) == (True, lanes.attendant, "Fire alarm")
    event = GateEvent.objects.get()
    assert (event.action, event.person, event.note, event.at) == (
        "hold_open",
        lanes.attendant,
        "Fire alarm",
        gate.held_open_since,
    )
    assert event.flags == ["by_hand"]


def test_hold_needs_a_reason(lanes):
    with pytest.raises(NoteMissingError):
        lanes.hold(lanes.exit, note="  ")
    assert not GateEvent.objects.exists()


def test_held_gate_keeps_its_first_person_and_reason(lanes):
    lanes.hold(lanes.exit)
    other = make_user("admin", lanes.lot.operator)
    again = hold_open(gate=lanes.exit.gate, by=other, note="Event", at=now(), key=uuid.uuid4())

    assert (again.held_open_by, again.held_open_why) == (lanes.attendant, "Fire alarm")
    assert holds(lanes.exit.gate) == [("hold_open", "Fire alarm")]


def test_form_sent_again_after_the_end_holds_nothing(lanes):
    key = uuid.uuid4()
    lanes.hold(lanes.exit, key=key)
    lanes.end(lanes.exit)

    assert not lanes.hold(lanes.exit, key=key).is_held_open
    assert holds(lanes.exit.gate) == [("hold_open", "Fire alarm"), ("release", "")]


def test_key_of_another_act_is_refused(lanes):
    key = uuid.uuid4()
    open_by_hand(gate=lanes.exit.gate, by=lanes.attendant, note="Delivery", at=now(), key=key)
    with pytest.raises(ActConflictError):
        lanes.hold(lanes.exit, key=key)


def test_hold_is_ended_once(lanes):
    lanes.hold(lanes.exit)

    assert [lanes.end(lanes.exit).is_held_open, lanes.end(lanes.exit).is_held_open] == [False, False]
    assert holds(lanes.exit.gate) == [("hold_open", "Fire alarm"), ("release", "")]
    assert lanes.end(lanes.entry).is_held_open is False
    assert holds(lanes.entry.gate) == []


def test_database_refuses_a_hold_without_person_or_reason(lanes):
    for values in ({"held_open_since": NOW}, {"held_open_by": lanes.attendant}, {"held_open_why": "Event"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Gate.objects.filter(pk=lanes.exit.gate.pk).update(**values)


def test_gate_is_held_only_under_the_lots_lock(lanes):
    with pytest.raises(LotNotLockedError):
        hold_gate_open(gate=lanes.exit.gate, by=lanes.attendant, why="Event", at=NOW)


@pytest.mark.django_db(transaction=True)
def test_gate_that_many_hold_at_once_has_one_hold():
    lanes = Held()
    at_once([lambda: lanes.hold(lanes.exit) for _ in range(8)])
    assert holds(lanes.exit.gate) == [("hold_open", "Fire alarm")]

    at_once([lambda: lanes.end(lanes.exit) for _ in range(8)])
    assert holds(lanes.exit.gate) == [("hold_open", "Fire alarm"), ("release", "")]
    assert broken() == []


# --- what passes


def test_hold_counts_from_the_next_read_on_although_the_gate_is_cached(lanes):
    lanes.lot.spots.all().update(maintenance=True)
    assert lanes.entry.read("ZH 1")["reason"] == "full"
    cached, _ = known_gate(lanes.entry.gate.code)
    lanes.hold(lanes.entry)
    assert known_gate(lanes.entry.gate.code)[0] == cached

    assert lanes.entry.read("ZH 1")["action"] == "open"
    lanes.end(lanes.entry)
    assert lanes.entry.read("ZH 2")["reason"] == "full"


def test_hold_adds_no_statement_to_a_read(lanes):
    lanes.entry.read("ZH 1")
    before = len(listen(lambda: lanes.entry.read("ZH 2")))
    lanes.lot.spots.filter(stay=None).update(maintenance=False)
    lanes.hold(lanes.entry)
    lanes.entry.read("ZH 1", minute=1)  # reloads the gate
    assert len(listen(lambda: lanes.entry.read("ZH 3"))) == before


def test_blocked_car_comes_in_and_is_flagged(lanes):
    make_blocked_plate(lanes.lot.operator, "ZH 666")
    lanes.hold(lanes.entry)

    answer = lanes.entry.read("ZH 666")
    assert (answer["action"], answer["reason"], answer["spot"] is not None) == ("open", "ok", True)
    assert GateEvent.objects.get(kind="read").flags == ["held_open", "blocked"]
    assert Ticket.objects.get().status == TicketStatus.ACTIVE


@pytest.mark.parametrize("tracking", ["spots", "levels"])
def test_car_comes_into_a_full_lot_without_a_place(tracking):
    lanes = Held(spots={"regular": 1}, tracking=tracking)
    lanes.entry.read("ZH 1")
    lanes.hold(lanes.entry)

    answer = lanes.entry.read("ZH 2")
    assert (answer["action"], answer["spot"]) == ("open", None)
    assert GateEvent.objects.latest("id").flags == ["held_open", "no_spot"]
    assert broken() == []


def test_car_that_owes_nothing_leaves_as_usual(lanes):
    ticket = make_ticket(lanes.lot, "ZH 1", entry_at=now() - dt.timedelta(minutes=5))
    lanes.hold(lanes.exit)

    assert lanes.exit.read("ZH 1")["reason"] == "grace"
    ticket.refresh_from_db()
    assert ticket.status == TicketStatus.CLOSED


def test_car_that_owes_waits_in_review_with_its_fee_and_nobody_owes_it(lanes):
    ticket = make_ticket(lanes.lot, "ZH 1", entry_at=now() - dt.timedelta(hours=2, minutes=30))
    assert lanes.exit.read("ZH 1")["action"] == "pay"
    lanes.hold(lanes.exit)

    answer = lanes.exit.read("ZH 1")
    assert (answer["action"], answer["reason"], answer["fee"]["amount"]) == ("open", "held_open", 900)
    assert answer["message"] == "The gate is open. Please drive on."
    ticket.refresh_from_db()
    assert (ticket.status, ticket.spot.stay) == (TicketStatus.REVIEW, None)
    assert fee_of(ticket, ticket.changed_at).owed == 900
    assert not Debt.objects.exists()
    assert GateEvent.objects.latest("id").flags == ["held_open"]
    assert lanes.exit.read("ZH 1")["action"] == "open"
    assert broken() == []


def test_unknown_and_unreadable_cars_leave(lanes):
    lanes.hold(lanes.exit)

    for plate in ("ZH 404", None):
        answer = lanes.exit.read(plate)
        assert (answer["action"], answer["reason"]) == ("open", "held_open")
        assert GateEvent.objects.latest("id").flags == ["no_ticket", "held_open"]


def test_car_that_was_refused_a_moment_before_comes_in(lanes):
    make_blocked_plate(lanes.lot.operator, "ZH 666")
    assert lanes.entry.read("ZH 666")["action"] == "deny"
    lanes.hold(lanes.entry)
    assert lanes.entry.read("ZH 666")["action"] == "open"


def test_after_the_end_the_rules_hold_again(lanes):
    lanes.hold(lanes.exit)
    lanes.end(lanes.exit)
    make_ticket(lanes.lot, "ZH 1")
    assert lanes.exit.read("ZH 1")["action"] == "pay"


# --- gates that confirm passages


@pytest.fixture
def confirming() -> Held:
    lanes = Held()
    lanes.entry = Lane(lanes.lot, "entry", confirms_passage=True)
    lanes.exit = Lane(lanes.lot, "exit", confirms_passage=True)
    return lanes


def test_nothing_is_promised_while_a_gate_is_held_open(confirming):
    make_ticket(confirming.lot, "ZH 1", entry_at=now() - dt.timedelta(minutes=5))
    confirming.hold(confirming.entry)
    confirming.hold(confirming.exit)
    confirming.entry.read("ZH 2")
    confirming.exit.read("ZH 1")

    assert set(Ticket.objects.values_list("plate", "status")) == {("ZH 1", "closed"), ("ZH 2", "active")}
    assert confirm_silent_passages(at=now() + dt.timedelta(minutes=10)) == 0


def test_promise_made_before_the_hold_is_kept_by_silence(confirming):
    confirming.entry.read("ZH 2")
    confirming.hold(confirming.entry)

    assert confirm_silent_passages(at=now() + dt.timedelta(minutes=10)) == 1
    assert Ticket.objects.get().status == TicketStatus.ACTIVE


def test_passage_needs_no_promise_while_held_open(confirming):
    answer = confirming.exit.read("ZH 404")
    assert tell(confirming.exit, None, "passed").json()["code"] == "not_an_opening"
    confirming.hold(confirming.exit)

    for of_event in (None, answer["event_id"]):
        response = tell(confirming.exit, of_event, "passed")
        assert (response.status_code, response.json()["of_event"]) == (200, of_event)
    assert GateEvent.objects.filter(kind="passage", action="passed", ticket=None).count() == 2


def test_passage_during_a_hold_may_be_reported_after_its_end(confirming):
    confirming.hold(confirming.exit)
    during = now()
    confirming.end(confirming.exit)
    later = during + dt.timedelta(seconds=30)

    assert tell(confirming.exit, None, "passed", at=during.isoformat()).status_code == 200
    assert tell(confirming.exit, None, "passed", at=later.isoformat()).json()["code"] == "not_an_opening"


def test_car_that_backs_out_of_a_held_entry_is_left_to_a_person(confirming):
    confirming.hold(confirming.entry)
    answer = confirming.entry.read("ZH 2")
    tell(confirming.entry, answer["event_id"], "backed_out")

    assert Ticket.objects.get().status == TicketStatus.REVIEW


# --- what barriers are told


def commands(lane: Lane, **query: Any) -> Any:
    return lane.client.get(f"/api/v1/gates/{lane.gate.code}/commands", query)


def test_barrier_is_told_of_a_hold_and_of_its_end(lanes):
    assert commands(lanes.exit).json() == {"held_open": False, "items": []}
    lanes.hold(lanes.exit)
    told = commands(lanes.exit).json()
    assert (told["held_open"], [(one["action"], one["reason"]) for one in told["items"]]) == (
        True,
        [("hold_open", "held_open")],
    )
    last = told["items"][-1]["id"]
    assert commands(lanes.exit, after=last).json() == {"held_open": True, "items": []}

    lanes.end(lanes.exit)
    told = commands(lanes.exit, after=last).json()
    assert (told["held_open"], [one["action"] for one in told["items"]]) == (False, ["release"])
    assert commands(lanes.entry).json() == {"held_open": False, "items": []}


def test_barrier_that_was_away_is_told_the_latest_of_several_holds(lanes):
    for _ in range(2):
        lanes.hold(lanes.exit)
        lanes.end(lanes.exit)
    assert [one["action"] for one in commands(lanes.exit).json()["items"]] == ["release"]


def test_barrier_is_told_of_an_opening_by_hand_while_its_car_stands_there(lanes):
    act = {"gate": lanes.exit.gate, "by": lanes.attendant, "note": "Delivery"}
    open_by_hand(**act, at=now() - dt.timedelta(minutes=5), key=uuid.uuid4())
    assert commands(lanes.exit).json()["items"] == []
    open_by_hand(**act, at=now(), key=uuid.uuid4())
    (told,) = commands(lanes.exit).json()["items"]
    assert (told["action"], told["reason"]) == ("open", "by_hand")


def test_what_was_obeyed_is_not_told_again(lanes):
    lanes.hold(lanes.exit)
    open_by_hand(gate=lanes.exit.gate, by=lanes.attendant, note="Delivery", at=now(), key=uuid.uuid4())
    held, opened = (one["id"] for one in commands(lanes.exit).json()["items"])

    first, again = (obey(lanes.exit, opened).json() for _ in range(2))
    assert (first["id"], first["replayed"], again) == (opened, False, first | {"replayed": True})
    assert [one["id"] for one in commands(lanes.exit).json()["items"]] == [held]
    obey(lanes.exit, held)
    assert commands(lanes.exit).json() == {"held_open": True, "items": []}
    lanes.end(lanes.exit)
    assert [one["action"] for one in commands(lanes.exit).json()["items"]] == ["release"]


def test_only_commands_of_the_own_gate_are_obeyed(lanes):
    read = lanes.entry.read("ZH 1")
    event = GateEvent.objects.get(event_id=read["event_id"])
    lanes.hold(lanes.exit)
    hold = GateEvent.objects.get(kind="hold")

    assert obey(lanes.entry, event.pk).status_code == 404, "a read is no command"
    assert obey(lanes.entry, hold.pk).status_code == 404
    assert obey(lanes.entry, 2**70).status_code == 404
    path = f"/api/v1/gates/{lanes.exit.gate.code}/commands/{hold.pk}/ack"
    assert lanes.entry.client.post(path).json()["code"] == "wrong_gate"


def test_barrier_may_wait_for_commands_where_the_server_asks_again(lanes):
    path = f"/api/v1/stream/gates/{lanes.exit.gate.code}/commands"
    environment = {ASKS_AGAIN: True}

    assert HEADER not in lanes.exit.client.get(path, **environment)
    assert HEADER in lanes.exit.client.get(path, {"wait": 5}, **environment)
    late = {ASKED_SINCE: time.monotonic() - 6}
    assert HEADER not in lanes.exit.client.get(path, {"wait": 5}, **environment, **late)
    lanes.hold(lanes.exit)
    told = lanes.exit.client.get(path, {"wait": 5}, **environment)
    assert HEADER not in told
    assert [one["action"] for one in told.json()["items"]] == ["hold_open"]
    assert lanes.exit.client.get(path, {"wait": 26}).status_code == 422


def obey(lane: Lane, command: int) -> Any:
    return lane.client.post(f"/api/v1/gates/{lane.gate.code}/commands/{command}/ack")


def test_commands_are_for_the_gates_own_devices(lanes):
    path = f"/api/v1/gates/{lanes.exit.gate.code}/commands"
    assert lanes.entry.client.get(path).json()["code"] == "wrong_gate"
    assert lanes.exit.client.get(path.replace(lanes.exit.gate.code, "nowhere")).json()["code"] == "gate_not_found"
    for wrong in ("-1", "x", str(2**63)):
        assert commands(lanes.exit, after=wrong).status_code == 422
