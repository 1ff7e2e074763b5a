"""What operators read: histories, debts and the ends of reviews in words of the trade."""

import datetime as dt
import uuid

import pytest
from django.utils.timezone import now

from analytics.flags import FLAGS
from billing.services import record_debt
from gates.decision import Concern
from gates.feed import recent_activities
from gates.models import EventKind, GateEvent
from gates.services import end_hold, hold_open
from office.stays.stay_history import history_of, why_in_review
from office.templatetags.office import change_words
from tests.entrance.sessions import client_of
from tests.factories import make_charge, make_gate, make_lot, make_ticket, make_user
from tests.gates.lanes import Lanes
from tickets.models import PlateCorrection, Ticket, TicketChange
from tickets.numbers import new_number
from tickets.services import review_ticket

HOUR = dt.timedelta(hours=1)


def change(to_status, why, *, before="", by=None):
    return TicketChange(from_status=before, to_status=to_status, at=now(), why=why, by=by)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (change("active", "ok at Entry"), "drove in (Entry, camera)"),
        (change("active", "entered"), "drove in"),
        (change("active", "passed IN 1", before="entering"), "passed the barrier (IN 1, camera)"),
        (change("closed", "owed at OUT 2", before="active"), "drove out without paying (OUT 2, camera)"),
        (change("closed", "grace at OUT 2", before="active"), "drove out, nothing to pay (OUT 2, camera)"),
        (change("review", "reentry at IN 2", before="active"), "put in review: its exit was missed (IN 2, camera)"),
        (
            change("review", "held_open at OUT 2", before="active"),
            "drove out unpaid while the gate was held open (OUT 2, camera)",
        ),
        (change("void", "backed out of IN 1", before="entering"), "backed out (IN 1, camera)"),
        (change("paid", "paid", before="active"), "paid"),
        (change("active", "seen inside", before="review"), "back to parked: seen inside"),
        (change("closed", "Corrected by a late record", before="active"), "drove out, corrected by a late record"),
    ],
)
def test_history_says_what_happened_where_and_by_whom(line, said):
    assert [one.text for one in history_of([line])] == [said]


@pytest.mark.django_db
def test_history_names_the_person():
    line = change("closed", "owed at OUT 2", before="active", by=make_user(name="Anna Keller"))
    assert history_of([line])[0].text == "drove out without paying (OUT 2, Anna Keller)"


@pytest.mark.django_db
def test_debt_shows_the_plate_as_it_was_read_and_its_cause():
    lot = make_lot()
    stay = make_ticket(lot, "ZH 367172", charge=make_charge(lot))
    record_debt(charge=stay.charge, plate="ZH 367172", reason="card declined twice", at=now())
    page = client_of(make_user("admin", lot.operator)).get("/manage/debts/").content.decode()
    assert "ZH 367172" in page
    assert "Card declined twice" in page


def test_no_figures_of_a_week_ago_are_said_with_the_whole_day():
    friday = dt.datetime(2026, 3, 6, 11, tzinfo=dt.UTC)
    assert change_words(None, friday, "Europe/Zurich") == "no figures for last Friday"
    assert change_words(6, friday, "Europe/Zurich") == "+6 % on last Fri by now"


def test_review_says_its_cause():
    assert why_in_review("reentry at IN 2") == "its exit was missed, the plate came in again (IN 2)"
    assert why_in_review("held_open at OUT 2") == "drove out unpaid while OUT 2 was held open"
    assert why_in_review("a person's words") == "a person's words"


def test_every_concern_of_a_decision_has_words_for_the_office():
    assert {concern.value for concern in Concern} <= set(FLAGS)


@pytest.mark.django_db
def test_feed_says_what_passed_a_gate_held_open():
    lanes = Lanes()
    person = make_user("attendant", lanes.lot.operator, name="Beat Frei")
    hold_open(gate=lanes.exit.gate, by=person, note="Fire alarm", at=now(), key=uuid.uuid4())
    lanes.exit.read("ZH 404")
    end_hold(gate=lanes.exit.gate, by=person, at=now())

    lines = [(line.words, line.note, line.is_about_car) for line in reversed(recent_activities([lanes.lot.pk]))]
    assert lines == [
        ("held open by Beat Frei", "Fire alarm", False),
        ("drove out while held open", "", True),
        ("hold ended by Beat Frei", "", False),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("direction", "fields", "said"),
    [
        ("entry", {"reason": "ok"}, "let in by Beat Frei"),
        ("exit", {"reason": "paid"}, "let out by Beat Frei, paid"),
        ("exit", {"reason": "owed"}, "let out by Beat Frei, still owing"),
        ("exit", {"reason": "unattended"}, "let out by Beat Frei"),
    ],
)
def test_feed_says_who_let_a_car_through(direction, fields, said):
    gate = make_gate(make_lot(), direction)
    event = {"kind": EventKind.PERSON, "action": "open", "answer": {}, "body_hash": b"", "event_id": uuid.uuid4()}
    times = dict.fromkeys(("captured_at", "at", "received_at"), now())
    GateEvent.objects.create(
        lot=gate.lot, gate=gate, person=make_user(name="Beat Frei"), plate=None, **event | times | fields
    )
    assert recent_activities([gate.lot_id])[0].words == said


@pytest.mark.django_db
def test_settled_review_says_how_it_ended_and_leads_to_the_next():
    lot = make_lot()
    admin = client_of(make_user("admin", lot.operator))
    numbers = []
    for place in range(3):
        stay = make_ticket(lot, f"ZH {place}", now().replace(microsecond=0) - 5 * HOUR)
        numbers.append(new_number(lambda limit, place=place: (7 + place) % limit))
        Ticket.objects.filter(pk=stay.pk).update(number=numbers[-1])
        review_ticket(ticket=stay, at=now() - (3 - place) * HOUR, why="reentry at IN 2")
    path = f"/manage/stays/{numbers[0]}/"
    page = admin.get(path)
    assert "Stays in review" in page.content.decode()
    owed = page.context["fee"].owed
    form = {"left_at": page.context["exit_form"]["left_at"].value(), "agreed": owed}
    answer = admin.post(f"{path}close/", form | {"settlement": "waive", "why": "our camera"}, follow=True)
    said = " ".join(answer.content.decode().split())
    assert f"{numbers[0]} closed, CHF {owed / 100:.2f} written off." in said
    assert f'<a href="/manage/stays/{numbers[1]}/">Next in review: 2 left ›</a>' in said
    assert "<dt>Ended</dt><dd>written off</dd>" in said


@pytest.mark.django_db
def test_history_tells_both_plates_and_who_corrected_them():
    person = make_user("admin", name="Anna")
    corrected = PlateCorrection(from_plate="ZH 1Z3", to_plate="ZH 123", at=now(), by=person, why="Z for 2")
    added = PlateCorrection(from_plate="", to_plate="ZH 123", at=now(), by=person)
    read = PlateCorrection(from_plate="ZH 1Z3", to_plate="ZH 123", at=now(), why="read better at IN 1")

    assert [line.text for line in history_of([], [corrected, added, read])] == [
        f"plate corrected from ZH 1Z3 to ZH 123 ({person}): Z for 2",
        f"plate added: ZH 123 ({person})",
        "plate read better: ZH 123 instead of ZH 1Z3 (camera)",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "said"), [("active", "exit undone"), ("paid", "exit undone, paid")])
def test_history_tells_that_an_exit_was_undone(status, said):
    by = make_user("attendant")
    line = history_of([change(status, "undone at OUT 1", before="closed", by=by)])[0]

    assert line.text == f"{said} (OUT 1, {by})"
