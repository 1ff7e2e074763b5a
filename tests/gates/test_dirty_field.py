"""What cameras, clocks, scanners and clever drivers really do at the lanes, each seen end to end."""

import datetime as dt

import pytest

from billing.models import Debt
from gates.models import GateEvent
from tests.factories import make_ticket
from tests.gates.lanes import Lanes, at
from tests.invariants import broken
from tickets.links import ticket_link
from tickets.models import Ticket, TicketStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def lanes():
    return Lanes(spots={"regular": 3})


def ago(**parts):
    return dt.datetime.now(dt.UTC) - dt.timedelta(**parts)


def test_scanned_ticket_without_a_plate_does_not_hide_a_plate_that_owes(lanes):
    own = make_ticket(lanes.lot, "ZH 1", entry_at=ago(hours=2, minutes=30))
    fresh = lanes.entry.read(None, confidence=0.0)["ticket"]["number"]

    asked = lanes.exit.read("ZH 1", ticket_number=fresh)
    assert (asked["action"], asked["reason"]) == ("attend", "ambiguous")
    let_go = lanes.exit.read("ZH 1", ticket_number=fresh, minute=2.1)
    assert (let_go["action"], let_go["reason"]) == ("open", "owed")
    own.refresh_from_db()
    assert (own.status, Debt.objects.get().amount) == (TicketStatus.CLOSED, 900)
    assert Ticket.objects.get(number=fresh).is_open


def test_car_that_is_in_out_and_in_again_within_seconds_has_a_new_stay_without_grace(lanes):
    first = lanes.entry.read("ZH 1")
    assert lanes.exit.read("ZH 1", minute=0.1)["reason"] == "grace"
    second = lanes.entry.read("ZH 1", minute=0.3)

    assert second["ticket"]["number"] != first["ticket"]["number"]
    assert [(one.status, one.no_grace) for one in Ticket.objects.order_by("id")] == [
        (TicketStatus.CLOSED, False),
        (TicketStatus.ACTIVE, True),
    ]


@pytest.mark.parametrize("other", ["ZH I23456", "ZH 12345", "ZH 1234"])
def test_second_reading_of_one_car_opens_both_ways_again(lanes, other):
    assert lanes.entry.read("ZH 123456")["ticket"] == lanes.entry.read(other, confidence=0.5, minute=0.1)["ticket"]
    assert Ticket.objects.count() == 1
    assert lanes.exit.read("ZH 123456", minute=1)["action"] == "open"
    assert lanes.exit.read(other, minute=1.1)["action"] == "open"


@pytest.mark.parametrize("signs", [(-1, 1), (1, -1)])
def test_waiting_is_measured_by_our_clock(lanes, signs):
    """A camera may be 118 s off either way without being found out."""
    make_ticket(lanes.lot, "ZH 1", entry_at=ago(hours=2))
    first, second = (118 / 60 * sign for sign in signs)
    assert lanes.exit.read("ZH 1", captured_at=at(first))["action"] == "pay"
    assert lanes.exit.read("ZH 1", minute=1.9, captured_at=at(1.9 + second))["action"] == "pay"
    assert lanes.exit.read("ZH 1", minute=2.05, captured_at=at(2.05 + second))["reason"] == "owed"


def test_record_of_the_future_is_taken_at_our_time_and_flagged(lanes):
    ticket = make_ticket(lanes.lot, "ZH 1", entry_at=ago(hours=2, minutes=30))
    lanes.exit.read("ZH 1", captured_at=at(60 * 24 * 365), offline=True)

    ticket.refresh_from_db()
    assert abs(ticket.exit_at - ago()) < dt.timedelta(minutes=1)
    assert Debt.objects.get().amount == 900
    assert "clock" in GateEvent.objects.get().flags


def test_record_of_the_year_2000_prices_no_lane(lanes):
    lanes.entry.read("ZH 1", captured_at="2000-01-01T00:00:00Z", offline=True)

    asked = lanes.exit.read("ZH 1", minute=1)
    assert (asked["action"], asked["reason"], asked["fee"]) == ("attend", "owed", None)
    let_go = lanes.exit.read("ZH 1", minute=3.1)
    assert (let_go["action"], let_go["reason"]) == ("open", "unattended")
    assert Ticket.objects.get().status == TicketStatus.REVIEW
    assert not Debt.objects.exists()


def test_cyrillic_at_the_entry_is_latin_at_the_exit(lanes):
    entered = lanes.entry.read("АА1234ВС")
    left = lanes.exit.read("AA1234BC", minute=1)

    assert (left["action"], left["ticket"]["number"]) == ("open", entered["ticket"]["number"])


@pytest.mark.parametrize(
    "written",
    [
        lambda ticket: ticket_link(ticket.token),
        lambda ticket: ticket_link(ticket.token) + "\r\n",
        lambda ticket: ticket.number + "\r",
        lambda ticket: ticket.number.replace("-", "\u2013"),
        lambda ticket: ticket.number.replace("-", "\u00a0"),
        lambda ticket: f"\u200b{ticket.number[:6]}\u200b{ticket.number[6:]}\ufeff",
    ],
    ids=["link", "link and line end", "carriage return", "en dash", "no-break space", "zero-width space"],
)
def test_ticket_is_understood_as_scanners_write_it(lanes, written):
    ticket = make_ticket(lanes.lot, None, entry_at=ago(minutes=5))

    answer = lanes.exit.read(None, ticket_number=written(ticket))
    assert (answer["action"], answer["ticket"]["number"]) == ("open", ticket.number)


def test_name_that_a_camera_gives_a_car_late_is_that_of_all_its_readings(lanes):
    first = lanes.entry.read("ZH 12345")
    named = lanes.entry.read("ZH 123456", vehicle_ref="7", confidence=0.5)
    misread = lanes.entry.read("BE 55555", vehicle_ref="7", confidence=0.4)

    assert {one["ticket"]["number"] for one in (first, named, misread)} == {Ticket.objects.get().number}


def test_exit_that_a_ticket_has_opened_opens_for_its_plate_too(lanes):
    ticket = make_ticket(lanes.lot, "ZH 1", entry_at=ago(minutes=5))

    scanned = lanes.exit.read(None, ticket_number=ticket.number)
    seen = lanes.exit.read("ZH 1", minute=0.05)

    assert [(one["action"], one["reason"]) for one in (scanned, seen)] == [("open", "grace")] * 2


@pytest.mark.parametrize("year", ["0001", "1500", "1999"])
@pytest.mark.parametrize("direction", ["entry", "exit"])
def test_record_of_any_year_is_taken_whatever_is_known_of_its_car(lanes, year, direction):
    for lane in (lanes.entry, lanes.exit):
        lane.read("ZH 1", offline=True, captured_at=at(-30))

    answer = getattr(lanes, direction).read("ZH 1", offline=True, captured_at=f"{year}-01-01T00:00:00Z")

    assert answer["action"] == "open"
    assert broken() == []
