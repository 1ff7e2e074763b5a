"""Cars without a plate that can be read: each is a car of its own, and no plate is made of what the device sent."""

import datetime as dt
import json
import uuid

import pytest
from django.db import IntegrityError
from django.test import Client

from accounts.blocklist import BlockTerms, block_plate
from accounts.models import BlockedPlate
from accounts.readable_plates import UnreadablePlateError
from billing.models import Debt
from billing.services import record_debt
from common.plates import NO_PLATE_WORDS
from devices.models import DeviceKind
from gates.models import GateEvent
from gates.reads.body import ReadBody
from gates.services import confirm_silent_passages, let_in, let_out, open_lost_ticket
from tests.factories import make_charge, make_device, make_ticket, make_user
from tests.gates.lanes import Lane, Lanes, at
from tickets.models import Ticket, TicketStatus
from tickets.services import NoPlateToOweError, Settlement, close_from_review

pytestmark = pytest.mark.django_db
WORDS = pytest.mark.parametrize("word", ["NOPLATE", "No Plate", None, "", "MUELLER TRANSPORTE GMBH"])
LONG_AGO = dt.timedelta(hours=2, minutes=30)


@pytest.fixture
def lanes() -> Lanes:
    return Lanes(spots={"regular": 9})


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def read_by(lanes: Lanes, kind: str, plate: str, **fields: object) -> dict:
    _device, key = make_device(lanes.entry.gate, kind)
    body = {"event_id": str(uuid.uuid4()), "plate": plate} | fields
    path = f"/api/v1/gates/{lanes.entry.gate.code}/reads"
    client = Client(headers={"authorization": f"Bearer {key}"})
    return client.post(path, body, content_type="application/json").json()


# --- the words are a setting per kind of device


def test_each_kind_of_device_has_words_of_its_own(settings):
    assert set(settings.NO_PLATE_WORDS) == set(DeviceKind.values)
    assert all(words == NO_PLATE_WORDS for words in settings.NO_PLATE_WORDS.values())


@pytest.mark.parametrize("offline", [False, True])
def test_words_of_a_kind_count_for_its_devices_only(lanes, settings, offline):
    settings.NO_PLATE_WORDS = settings.NO_PLATE_WORDS | {"kiosk": frozenset({"KEINS"})}
    fields = {"offline": True, "captured_at": at(-60)} if offline else {}

    assert read_by(lanes, "kiosk", "keins", **fields)["ticket"]["plate"] is None
    assert read_by(lanes, "kiosk", "none", **fields)["ticket"]["plate"] == "NONE"
    assert read_by(lanes, "camera", "keins", **fields)["ticket"]["plate"] == "KEINS"
    assert read_by(lanes, "camera", "none", **fields)["ticket"]["plate"] is None


def test_words_count_where_the_body_names_the_gate_too(lanes):
    body = {"gate": lanes.entry.gate.code, "event_id": str(uuid.uuid4()), "plate": "NOPLATE"}
    answer = lanes.entry.client.post("/api/v1/entry", json.dumps(body), content_type="application/json").json()
    assert (answer["action"], answer["ticket"]["plate"]) == ("open", None)


def test_person_may_type_what_cameras_send_for_none(lanes):
    person = make_user("attendant", lanes.lot.operator)
    body = ReadBody(event_id=uuid.uuid4(), plate="NONE")
    let_in(gate=lanes.entry.gate, body=body, by=person, note="as on the car", at=now())

    assert Ticket.objects.get().plate_normalised == "NONE"


# --- each is a car of its own


@WORDS
def test_two_cars_without_plates_have_two_stays(lanes, word):
    answers = [lanes.entry.read(word) for _ in range(2)]

    assert [answer["action"] for answer in answers] == ["open", "open"]
    assert len({answer["ticket"]["number"] for answer in answers}) == 2
    assert set(Ticket.objects.values_list("status", "plate", "no_grace")) == {(TicketStatus.ACTIVE, None, False)}


def test_two_cars_without_plates_at_two_gates_are_no_passback(lanes):
    second = Lane(lanes.lot, "entry")
    assert [lane.read("NOPLATE")["reason"] for lane in (lanes.entry, second)] == ["ok", "ok"]


def test_late_records_of_cars_without_plates_are_two_stays(lanes):
    for minutes in (-50, -90):
        assert lanes.entry.read("NOPLATE", captured_at=at(minutes), offline=True)["action"] == "open"
    assert Ticket.objects.filter(status=TicketStatus.ACTIVE, plate=None).count() == 2


def test_car_without_a_plate_that_left_makes_no_other_a_reentry(lanes):
    number = lanes.entry.read("NOPLATE")["ticket"]["number"]
    lanes.exit.read("NOPLATE", ticket_number=number)
    lanes.entry.read("NOPLATE")

    assert not Ticket.objects.latest("id").no_grace


def test_car_without_a_plate_is_matched_to_nobody_at_the_exit(lanes):
    make_ticket(lanes.lot, None, entry_at=now() - LONG_AGO)
    assert lanes.exit.read("NOPLATE")["reason"] == "no_ticket"


# --- no debt, no block


@WORDS
def test_fee_of_a_car_without_a_plate_is_nobodys_debt(lanes, word):
    for _ in range(3):
        ticket = make_ticket(lanes.lot, None, entry_at=now() - LONG_AGO)
        lanes.exit.read(word, ticket_number=ticket.number)
        answer = lanes.exit.read(word, ticket_number=ticket.number, minute=3)
        assert (answer["action"], answer["reason"]) == ("open", "owed")
        ticket.refresh_from_db()
        assert ticket.status == TicketStatus.REVIEW

    assert not Debt.objects.exists()
    assert not BlockedPlate.objects.exists()
    assert lanes.entry.read(word)["action"] == "open"


@WORDS
def test_record_of_a_car_without_a_plate_makes_no_debt(lanes, word):
    ticket = make_ticket(lanes.lot, None, entry_at=now() - LONG_AGO)
    lanes.exit.read(word, ticket_number=ticket.number, captured_at=at(-1), offline=True)

    ticket.refresh_from_db()
    assert (ticket.status, Debt.objects.exists()) == (TicketStatus.REVIEW, False)


@WORDS
def test_debt_of_a_known_car_stands_on_its_own_plate_whatever_the_exit_read(lanes, word):
    ticket = make_ticket(lanes.lot, "ZH 1", entry_at=now() - LONG_AGO)
    lanes.exit.read(word, ticket_number=ticket.number)
    answer = lanes.exit.read(word, ticket_number=ticket.number, minute=3)

    assert answer["reason"] == "owed"
    ticket.refresh_from_db()
    assert (Debt.objects.get().plate_normalised, ticket.exit_plate) == ("ZH1", None)


@WORDS
def test_confirmed_exit_owes_on_the_stays_own_plate(word):
    lanes = Lanes()
    lanes.exit = Lane(lanes.lot, "exit", confirms_passage=True)
    ticket = make_ticket(lanes.lot, "ZH 1", entry_at=now() - LONG_AGO)
    lanes.exit.read(word, ticket_number=ticket.number)
    lanes.exit.read(word, ticket_number=ticket.number, minute=3)
    confirm_silent_passages(at=now() + dt.timedelta(minutes=10))

    assert (Debt.objects.get().plate, Debt.objects.get().plate_normalised) == ("ZH 1", "ZH1")


def test_attendant_lets_a_car_without_a_plate_go_and_nobody_owes(lanes):
    ticket = make_ticket(lanes.lot, None, entry_at=now() - LONG_AGO)
    person = make_user("attendant", lanes.lot.operator)
    let_out(ticket=ticket, gate=lanes.exit.gate, by=person, note="police", at=now(), key=uuid.uuid4())

    ticket.refresh_from_db()
    assert (ticket.status, Debt.objects.exists()) == (TicketStatus.REVIEW, False)


def test_review_of_a_car_without_a_plate_can_make_no_debt(lanes):
    ticket = make_ticket(lanes.lot, None, entry_at=now() - LONG_AGO, status="review")
    with pytest.raises(NoPlateToOweError):
        close_from_review(
            ticket=ticket,
            left_at=now(),
            agreed=900,
            settlement=Settlement.DEBT,
            why="left",
            at=now(),
            by=make_user("admin", lanes.lot.operator),
        )


def test_lost_ticket_of_a_car_without_a_plate_is_no_other_cars(lanes):
    make_ticket(lanes.lot, None)
    person = make_user("attendant", lanes.lot.operator)
    lost = open_lost_ticket(gate=lanes.exit.gate, plate=None, by=person, at=now(), key=uuid.uuid4())
    assert (lost.lost, Ticket.objects.count()) == (True, 2)


@pytest.mark.parametrize("plate", ["", " - "])
def test_debt_on_no_plate_is_refused(lanes, plate):
    with pytest.raises(UnreadablePlateError):
        record_debt(charge=make_charge(lanes.lot, 500), plate=plate, reason="unpaid", at=now())


def test_database_keeps_no_debt_and_no_block_without_a_plate(lanes):
    fields = {"operator": lanes.lot.operator, "plate": "", "plate_normalised": ""}
    with pytest.raises(IntegrityError):
        BlockedPlate.objects.create(**fields, reason="x", blocked_at=now())


@pytest.mark.parametrize("word", ["NOPLATE", "none", "无牌车"])
def test_word_that_cameras_send_for_none_is_not_blocked(lanes, word):
    with pytest.raises(UnreadablePlateError):
        block_plate(operator=lanes.lot.operator, plate=word, terms=BlockTerms("x"), today=now().date(), at=now())


def test_word_is_blocked_where_the_cameras_read_it_as_a_plate(lanes, settings):
    settings.NO_PLATE_WORDS = settings.NO_PLATE_WORDS | {"camera": frozenset({"KEINS"})}
    block_plate(operator=lanes.lot.operator, plate="NONE", terms=BlockTerms("x"), today=now().date(), at=now())
    assert lanes.entry.read("NONE")["reason"] == "blocked"


def test_block_on_a_typed_word_stops_no_car_without_a_plate(lanes):
    BlockedPlate.objects.create(
        operator=lanes.lot.operator, plate="NONE", plate_normalised="NONE", reason="3 open debts", blocked_at=now()
    )
    assert lanes.entry.read("NONE")["action"] == "open"


def test_what_a_camera_sent_for_none_is_kept_as_it_came_but_is_no_plate(lanes):
    lanes.exit.read("NOPLATE")
    event = GateEvent.objects.get()
    assert (event.plate, event.plate_normalised, event.readable_plate) == ("NOPLATE", None, None)
