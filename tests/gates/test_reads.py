"""Reads at the gate endpoint, from a camera's words to the rows they leave."""

import datetime as dt
import uuid

import pytest

from accounts.models import BlockedPlate
from billing.models import Charge, Debt
from gates.models import GateEvent
from lots.models import SpotCount
from tests.factories import make_ticket
from tests.gates.lanes import Lane, Lanes, at
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(params=["spots", "levels"])
def lanes(request):
    return Lanes(tracking=request.param, spots={"regular": 3})


def occupied(lot) -> int:
    return sum(row.occupied for row in SpotCount.objects.filter(lot=lot))


def test_entry_opens_a_ticket_with_a_place_and_moves_the_counter(lanes):
    answer = lanes.entry.read("ZH 123456")

    ticket = Ticket.objects.get()
    assert (answer["action"], answer["reason"], answer["replayed"]) == ("open", "ok", False)
    assert answer["ticket"]["number"] == ticket.number
    assert answer["ticket"]["plate"] == "ZH123456"
    assert answer["spot"]["type"] == "regular"
    assert answer["message"].startswith("Welcome.")
    assert occupied(lanes.lot) == 1
    assert [change.to_status for change in ticket.changes.all()] == ["active"]


def test_exit_within_grace_opens_and_frees_the_place():
    lanes = Lanes(spots={"regular": 1}, tariff=hourly(grace_minutes=10))
    lanes.entry.read()
    assert occupied(lanes.lot) == 1

    answer = lanes.exit.read()

    assert (answer["action"], answer["reason"]) == ("open", "grace")
    assert Ticket.objects.get().status == TicketStatus.CLOSED
    assert occupied(lanes.lot) == 0
    assert not Charge.objects.exists()


def hourly(**fields):
    return {"plans": [{"bands": [{"from": "00:00", "to": "24:00", "price": 300, "increment_minutes": 60}]}]} | fields


def test_exit_asks_for_the_fee_and_a_full_lot_turns_away(lanes):
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(hours=2, minutes=30))
    for plate in ("ZH 2", "ZH 3"):
        assert lanes.entry.read(plate)["action"] == "open"

    assert lanes.entry.read("ZH 4")["reason"] == "full"
    answer = lanes.exit.read("ZH 1")

    assert (answer["action"], answer["reason"], answer["fee"]["amount"]) == ("pay", "fee_due", 900)
    assert answer["fee"]["lines"]
    assert Ticket.objects.get(plate="ZH 1").status == TicketStatus.ACTIVE


def ago(**delta):
    return dt.datetime.now(dt.UTC) - dt.timedelta(**delta)


def test_same_event_answers_the_same_and_leaves_nothing_new(lanes):
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 123456", "confidence": 0.9}
    first, second = lanes.entry.send(body).json(), lanes.entry.send(body | {"unknown": 1}).json()

    assert second == first | {"replayed": True}
    assert GateEvent.objects.count() == Ticket.objects.count() == 1


def test_same_event_with_another_body_is_a_conflict(lanes):
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 123456"}
    lanes.entry.send(body)
    response = lanes.entry.send(body | {"plate": "ZH 999"})

    assert response.status_code == 409
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "event_conflict"
    assert GateEvent.objects.count() == 1


def test_same_plate_seen_again_gets_the_earlier_answer(lanes):
    first, second = lanes.entry.read(), lanes.entry.read()

    assert second["ticket"] == first["ticket"]
    assert Ticket.objects.count() == 1
    assert GateEvent.objects.earliest("id").first_id is None
    assert GateEvent.objects.filter(first__isnull=False).count() == 1


def test_plate_at_another_gate_moments_later_calls_an_attendant(lanes):
    other = Lane(lanes.lot, "entry")
    lanes.entry.read()

    answer = other.read()

    assert (answer["action"], answer["reason"]) == ("attend", "passback")
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("spots", [1, 2])
def test_missed_exit_goes_to_review_and_its_place_serves_again(spots):
    lanes = Lanes(spots={"regular": spots})
    lost = make_ticket(lanes.lot, "ZH 123456", entry_at=ago(days=1))

    answer = lanes.entry.read()

    lost.refresh_from_db()
    assert answer["reason"] == "reentry"
    assert (lost.status, lost.changed_why) == (TicketStatus.REVIEW, f"reentry at {lanes.entry.gate}")
    assert Ticket.objects.open().get().spot == lost.spot
    assert occupied(lanes.lot) == 1


def test_unknown_car_waits_for_a_person_and_is_let_out_in_the_end(lanes):
    assert lanes.exit.read("ZH 9", minute=-1.2)["reason"] == "no_ticket"
    assert lanes.exit.read("ZH 9", minute=0.7)["action"] == "attend"

    answer = lanes.exit.read("ZH 9", minute=0.9)

    assert (answer["action"], answer["reason"]) == ("open", "unattended")
    assert "unanswered" in GateEvent.objects.latest("id").flags


def test_record_that_arrives_meanwhile_keeps_no_waiting_car_from_being_let_out(lanes):
    assert lanes.exit.read("ZH 9", minute=-1.2)["reason"] == "no_ticket"
    lanes.exit.read("BE 5", captured_at=at(-60), offline=True)

    assert lanes.exit.read("ZH 9", minute=0.9)["reason"] == "unattended"


def test_asked_to_pay_too_long_lets_the_car_go_with_a_debt(lanes):
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(hours=2))
    assert lanes.exit.read("ZH 1", minute=-1.2)["action"] == "pay"

    answer = lanes.exit.read("ZH 1", minute=1.5)

    assert (answer["action"], answer["reason"]) == ("open", "owed")
    assert Debt.objects.get().amount == 900
    assert Ticket.objects.get().closed_reason == "owed"
    assert occupied(lanes.lot) == 0


def test_skewed_clock_is_recorded_and_not_believed(lanes):
    lanes.entry.read(captured_at=at(-600))

    event = GateEvent.objects.get()
    assert event.skew_seconds == pytest.approx(-36000, abs=2)
    assert abs(event.at - event.received_at) < dt.timedelta(seconds=1)
    assert Ticket.objects.get().entry_at == event.at


def test_offline_reads_are_records_at_their_own_time(lanes):
    lanes.entry.read(captured_at=at(-600), offline=True)
    answer = lanes.exit.read(captured_at=at(-299.5), offline=True)

    ticket = Ticket.objects.get()
    assert (answer["action"], answer["reason"]) == ("open", "owed")
    assert ticket.exit_at - ticket.entry_at == pytest.approx(
        dt.timedelta(hours=5, seconds=30), abs=dt.timedelta(seconds=2)
    )
    assert Debt.objects.get().amount == ticket.charge.due_amount == 1800


def test_third_unpaid_exit_blocks_the_plate_and_not_the_second():
    lanes = Lanes(spots={"regular": 1})
    for hours, blocked in ((12, False), (9, False), (6, True), (3, True)):
        lanes.entry.read("ZH 1", captured_at=at(-60 * hours), offline=True)
        answer = lanes.exit.read("ZH 1", captured_at=at(-60 * hours + 90), offline=True)

        assert (answer["action"], answer["reason"], answer["ticket"]["status"]) == ("open", "owed", "closed")
        assert BlockedPlate.objects.in_force().count() == blocked
    assert [(debt.amount, debt.plate_normalised) for debt in Debt.objects.all()] == [(600, "ZH1")] * 4
    block = BlockedPlate.objects.get()
    assert (block.plate_normalised, block.reason, block.blocked_by) == ("ZH1", "3 open debts", None)


def test_offline_entry_into_a_full_lot_has_no_place_and_is_listed():
    lanes = Lanes(spots={})
    answer = lanes.entry.read(offline=True)

    assert answer["action"] == "open"
    assert answer["spot"] is None
    assert GateEvent.objects.get().flags == ["no_spot"]


def test_car_that_still_stands_in_the_opened_lane_is_let_out_again(lanes):
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(minutes=30), status="paid", paid_at=ago(minutes=1))
    assert lanes.exit.read("ZH 1", minute=-1.5)["reason"] == "paid"

    answer = lanes.exit.read("ZH 1", minute=0)

    assert (answer["action"], answer["reason"]) == ("open", "paid")


def test_car_that_follows_another_out_is_not_let_out_by_its_answer(lanes):
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(minutes=30), status="paid", paid_at=ago(minutes=1))
    make_ticket(lanes.lot, "ZH 8", entry_at=ago(minutes=30), status="paid", paid_at=ago(minutes=1))
    lanes.exit.read("ZH 1", minute=-1.5)
    lanes.exit.read("ZH 8", minute=-1)

    assert lanes.exit.read("ZH 1", minute=0)["reason"] == "no_ticket"


def test_alike_plate_leaves_and_both_spellings_are_kept(lanes):
    lanes.entry.read("ZH 123456")
    answer = lanes.exit.read("ZH I23456")

    ticket = Ticket.objects.get()
    assert answer["action"] in {"open", "pay"}
    assert answer["ticket"]["number"] == ticket.number
    assert ticket.plate == "ZH 123456"


def test_one_edit_away_only_suggests(lanes):
    lanes.entry.read("ZH 123456")
    answer = lanes.exit.read("ZH 123457")

    assert (answer["action"], answer["reason"]) == ("attend", "ambiguous")


def test_scanned_number_finds_the_stay_as_people_type_it(lanes):
    number = lanes.entry.read(None, confidence=0.0)["ticket"]["number"]
    answer = lanes.exit.read(None, ticket_number=number.lower().replace("-", ""))

    assert answer["ticket"]["number"] == number


@pytest.mark.parametrize("direction", ["entry", "exit"])
def test_named_gate_must_lead_the_asked_way(lanes, direction):
    lane = lanes.entry if direction == "entry" else lanes.exit
    wrong = "exit" if direction == "entry" else "entry"
    body = {"event_id": str(uuid.uuid4()), "plate": "ZH 1", "gate": lane.gate.code}

    assert lane.send(body, f"/api/v1/{wrong}").status_code == 422
    assert not GateEvent.objects.exists()
    assert lane.send(body, f"/api/v1/{direction}").status_code == 200


@pytest.mark.parametrize("year", [2000, 2100])
def test_clock_that_is_off_by_a_lifetime_is_recorded_as_far_as_it_fits(lanes, year):
    answer = lanes.entry.read(captured_at=f"{year}-12-31T23:59:59+00:00")

    event = GateEvent.objects.get(event_id=answer["event_id"])
    assert (answer["action"], event.at) == ("open", event.received_at)
    assert event.captured_at.year == year
    assert event.skew_seconds == (2**31 - 1 if year == 2100 else round((event.captured_at - event.at).total_seconds()))


@pytest.mark.parametrize("minutes", [1_439, -1_439, 960, -960])
def test_read_is_understood_in_every_zone_that_can_be_written(lanes, minutes):
    zone = dt.timezone(dt.timedelta(minutes=minutes))
    here = dt.datetime.now(zone).replace(microsecond=0)
    entered = lanes.entry.read(captured_at=here.isoformat())
    recorded = lanes.exit.read(captured_at=here.isoformat(), offline=True)

    assert (entered["action"], recorded["reason"]) == ("open", "grace")
    assert {event.at for event in GateEvent.objects.all()} == {here}
    assert entered["ticket"]["entry_time"].endswith("+00:00")
