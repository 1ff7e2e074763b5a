"""No car is trapped: however an exit reads it meanwhile, what nobody answered for two minutes opens."""

import datetime as dt

import pytest

from gates.models import GateEvent
from tests.factories import make_ticket
from tests.gates.lanes import Lane, Lanes
from tickets.models import TicketStatus

pytestmark = pytest.mark.django_db

PLATE, ALIKE = "ZH 123456", "ZHI23456"
OWN, ENDED, JUNK = "own", "ended", "junk"


@pytest.fixture
def lanes():
    return Lanes()


def ago(**delta: float) -> dt.datetime:
    return dt.datetime.now(dt.UTC) - dt.timedelta(**delta)


def owing(lanes, plate=PLATE, **fields):
    return make_ticket(lanes.lot, plate, entry_at=ago(hours=2), **fields)


def reads(lane, *looks):
    """Return the answers to looks of a plate and what else is read, each with the seconds when it comes."""
    return [lane.read(plate, minute=seconds / 60 - 2, **more) for seconds, plate, more in looks]


def told(answers):
    return [(answer["action"], answer["reason"]) for answer in answers]


@pytest.mark.parametrize("scanned", [ENDED, JUNK])
def test_unreadable_car_that_scans_a_ticket_of_no_open_stay_is_let_out(lanes, scanned):
    ended = make_ticket(lanes.lot, "GE 1", status=TicketStatus.CLOSED, exit_at=ago(hours=1), closed_reason="paid")
    scan = {"ticket_number": ended.number if scanned == ENDED else "junk"}

    answers = reads(lanes.exit, (0, None, scan), (100, None, scan), (125, None, scan))

    assert told(answers) == [("attend", "no_ticket"), ("attend", "no_ticket"), ("open", "unattended")]
    assert "unanswered" in GateEvent.objects.latest("id").flags


def test_car_that_is_read_otherwise_each_time_is_let_out(lanes):
    owing(lanes)
    looks = [(0, "BE 5555", {}), (12, "ZH 1234", {}), (43, None, {"ticket_number": "junk"}), (100, "VD 1", {})]

    answers = reads(lanes.exit, *looks, (121, "ZH 12345X", {}))

    assert [answer["action"] for answer in answers] == ["attend"] * 4 + ["open"]
    assert answers[-1]["reason"] == "unattended"


def test_car_alike_to_two_is_let_out_by_whichever_reading(lanes):
    owing(lanes)
    owing(lanes, ALIKE)

    answers = reads(lanes.exit, (0, "ZHL23456", {}), (121, "ZH 99", {"candidates": [{"plate": "ZHIZ3456"}]}))

    assert told(answers) == [("attend", "ambiguous"), ("open", "unattended")]


def test_stay_that_was_asked_to_pay_leaves_owing_by_whichever_reading_means_it(lanes):
    ticket = owing(lanes)

    answers = reads(
        lanes.exit,
        (0, PLATE, {}),
        (60, None, {"ticket_number": ticket.number}),
        (121, "ZH 99", {"candidates": [{"plate": "ZH 123456"}]}),
    )

    assert told(answers) == [("pay", "fee_due"), ("pay", "fee_due"), ("open", "owed")]


def test_camera_that_names_its_car_lets_it_out_by_any_reading(lanes):
    owing(lanes)
    named = {"vehicle_ref": "7"}

    answers = reads(lanes.exit, (0, PLATE, named), (60, None, named), (121, "BE 5555", named))

    assert [answer["action"] for answer in answers] == ["pay", "pay", "open"]


def test_car_that_was_read_unlike_its_stay_at_first_is_let_out_by_a_reading_alike(lanes):
    owing(lanes)
    named = {"vehicle_ref": "7"}

    answers = reads(lanes.exit, (0, None, named), (6, None, named), (131, ALIKE, named))

    assert told(answers) == [("attend", "no_ticket"), ("attend", "no_ticket"), ("open", "owed")]


def test_ticket_that_is_shown_after_a_long_search_can_be_paid(lanes):
    ticket = owing(lanes)
    named = {"vehicle_ref": "7"}

    answers = reads(lanes.exit, (0, None, named), (121, None, {"ticket_number": ticket.number, **named}))

    assert told(answers) == [("attend", "no_ticket"), ("pay", "fee_due")]


def test_stay_leaving_by_another_lane_is_let_out_here_by_whichever_reading_means_it(lanes):
    other = Lane(lanes.lot, "exit", confirms_passage=True)
    make_ticket(lanes.lot, PLATE, entry_at=ago(minutes=5))
    reads(other, (0, PLATE, {}))

    answers = reads(lanes.exit, (1, PLATE, {}), (122, "ZH 99", {"candidates": [{"plate": "ZH 123456"}]}))

    assert told(answers) == [("attend", "passback"), ("open", "grace")]


def test_car_whose_stay_is_known_is_asked_to_pay_however_long_the_lane_has_waited_for_another(lanes):
    owing(lanes)
    owing(lanes, "GE 77001")

    answers = reads(lanes.exit, (0, "BE 5555", {}), (20, "GE 77001", {}), (150, PLATE, {}))

    assert told(answers)[-1] == ("pay", "fee_due")


def test_wait_begins_anew_when_the_lane_has_opened(lanes):
    answers = reads(lanes.exit, (0, "BE 1", {}), (121, "BE 2", {}), (160, "BE 3", {}), (285, "BE 4", {}))

    assert [answer["action"] for answer in answers] == ["attend", "open", "attend", "open"]
