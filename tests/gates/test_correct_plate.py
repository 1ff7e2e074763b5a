"""A plate that a person corrects: the stay is matched and priced as if its car had come in with it."""

import datetime as dt
from uuid import uuid4

import pytest
from psycopg.types.range import TimestamptzRange

from common.errors import InvalidValueError
from common.plates import PlateError, skeleton
from gates.services import ActConflictError, PlateInsideError, correct_plate
from tests.at_once import codes_at_once
from tests.factories import make_charge, make_reservation, make_ticket
from tests.gates.lanes import Lanes, at
from tests.gates.test_desk_services import HOURS, NOW, Desk
from tests.invariants import broken
from tickets.fees import fee_of
from tickets.models import PlateCorrection, Ticket, TicketStatus
from tickets.services import TicketStateError

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(db):
    return Desk("ZH 1Z3")


def correct(desk, plate="ZH 123", *, ticket=None, key=None, why="", at=NOW):
    return correct_plate(
        ticket=ticket or desk.ticket, plate=plate, by=desk.attendant, at=at, key=key or uuid4(), why=why
    )


def book(desk, plate="ZH 123", *, starts=-3.0, ends=2.0, spot=None, **fields):
    start, end = NOW + starts * HOURS, NOW + ends * HOURS
    return make_reservation(desk.lot, plate, start, end, spot=spot, during=TimestamptzRange(start, end), **fields)


def test_stay_has_the_plate_and_its_history_both_spellings(desk):
    ticket = correct(desk, "zh 123", why="Z for 2")

    assert (ticket.plate, ticket.plate_normalised, ticket.plate_skeleton) == ("ZH 123", "ZH123", skeleton("ZH123"))
    kept = PlateCorrection.objects.get()
    assert (kept.ticket, kept.from_plate, kept.to_plate) == (ticket, "ZH 1Z3", "ZH 123")
    assert (kept.by, kept.at, kept.why) == (desk.attendant, NOW, "Z for 2")
    assert (ticket.status, ticket.spot) == (TicketStatus.ACTIVE, desk.ticket.spot)


def test_stay_without_a_plate_gets_one(desk):
    unread = make_ticket(desk.lot, None)

    assert correct(desk, "GE 1", ticket=unread).plate == "GE 1"
    assert PlateCorrection.objects.get().from_plate == ""


def test_stay_in_review_is_corrected_and_stays_there(desk):
    Ticket.objects.update(status=TicketStatus.REVIEW, changed_why="its exit was missed")

    ticket = correct(desk)
    assert (ticket.plate, ticket.status, ticket.changed_why) == ("ZH 123", "review", "its exit was missed")


def test_same_form_twice_corrects_once(desk):
    key = uuid4()
    correct(desk, key=key)
    correct(desk, "ZH 999")

    assert correct(desk, key=key).plate == "ZH 999"
    assert PlateCorrection.objects.count() == 2


def test_plate_that_it_has_already_changes_nothing(desk):
    assert correct(desk, "zh 1z3").plate == "ZH 1Z3"
    assert not PlateCorrection.objects.exists()


def test_form_of_another_stay_is_refused(desk):
    key = uuid4()
    correct(desk, key=key)

    with pytest.raises(ActConflictError):
        correct(desk, "GE 1", ticket=make_ticket(desk.lot, "GE 7"), key=key)


def test_plate_of_another_open_stay_is_refused_by_its_number(desk):
    other = make_ticket(desk.lot, "ZH-123")

    with pytest.raises(PlateInsideError, match=other.number) as refused:
        correct(desk)
    assert refused.value.errors[0].path == "plate"
    Ticket.objects.filter(pk=other.pk).update(status=TicketStatus.REVIEW)
    assert correct(desk).plate == "ZH 123"


@pytest.mark.parametrize(
    ("plate", "error"), [("?!", InvalidValueError), ("", InvalidValueError), ("A" * 16, PlateError)]
)
def test_text_that_is_no_plate_is_refused(desk, plate, error):
    with pytest.raises(error):
        correct(desk, plate)


@pytest.mark.parametrize("status", ["closed", "void"])
def test_stay_that_has_ended_is_refused(desk, status):
    ended = {"exit_at": NOW, "closed_reason": "paid"} if status == "closed" else {}
    Ticket.objects.update(status=status, **ended)

    with pytest.raises(TicketStateError):
        correct(desk)


def test_booking_of_the_plate_counts_as_at_the_gate(desk):
    spot = desk.lot.spots.order_by("-pk").first()
    booking = book(desk, spot=spot)
    desk.lot.spots.filter(pk=spot.pk).update(hold=booking.pk)
    before = fee_of(Ticket.objects.get(), NOW)

    ticket = correct(desk)
    booking.refresh_from_db()
    assert (ticket.reservation, booking.status) == (booking, "active")
    assert (booking.spot, desk.lot.spots.get(pk=spot.pk).hold) == (ticket.spot, None)
    assert (before.owed, fee_of(ticket, NOW).owed) == (900, 1500)


def test_booking_keeps_its_own_place_when_the_car_stands_on_one_promised_to_another(desk):
    spot = desk.lot.spots.order_by("-pk").first()
    book(desk, "GE 1", starts=1, ends=3, spot=desk.ticket.spot)
    booking = book(desk, spot=spot)

    correct(desk)
    booking.refresh_from_db()
    assert (booking.status, booking.spot) == ("active", spot)


@pytest.mark.parametrize("times", [{"starts": -1}, {"starts": -5, "ends": -3}], ids=["too early", "over"])
def test_booking_that_does_not_cover_the_entry_does_not_count(desk, times):
    booking = book(desk, **times)

    assert correct(desk).reservation is None
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_booking_of_the_wrong_plate_waits_for_its_driver_again(desk):
    booking = book(desk, "ZH 1Z3", status="active")
    Ticket.objects.update(reservation=booking)

    assert correct(desk, "GE 777").reservation is None
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_booking_that_looks_like_both_plates_stays(desk):
    booking = book(desk, "ZH 123", status="active")
    Ticket.objects.update(reservation=booking)

    assert correct(desk, "ZH 123").reservation == booking
    booking.refresh_from_db()
    assert booking.status == "active"


def test_car_that_had_just_left_gets_no_second_grace(desk):
    left = desk.ticket.entry_at - dt.timedelta(minutes=10)
    make_ticket(desk.lot, "ZH 123", left - HOURS, status="closed", exit_at=left, closed_reason="paid", changed_at=left)

    assert not desk.ticket.no_grace
    assert correct(desk).no_grace
    assert not correct(desk, "GE 777").no_grace


@pytest.mark.parametrize(("region", "no_grace"), [("CH", True), ("", True), ("DE", False)])
def test_exit_of_a_car_from_elsewhere_takes_no_grace_where_the_lot_tells_cars_by_region(region, no_grace):
    desk = Desk("ZH 1Z3", plates_by_region=True)
    Ticket.objects.update(region="CH", plate_region="CH")
    times = {"exit_at": desk.ticket.entry_at - dt.timedelta(minutes=10), "changed_at": desk.ticket.entry_at}
    make_ticket(
        desk.lot, "ZH 123", times["exit_at"] - HOURS, status="closed", closed_reason="paid", region=region, **times
    )

    assert correct(desk).no_grace is no_grace


def test_what_was_paid_stays_paid(desk):
    desk.pay("tok_partial_400")
    ticket = correct(desk)

    assert (ticket.charge.captured_amount, fee_of(ticket, NOW).owed) == (400, 500)
    assert desk.pay().left
    assert not broken()


def test_exit_finds_the_new_plate_and_its_lane_decides_again():
    lanes = Lanes(spots={"regular": 2})
    desk = Desk.__new__(Desk)
    desk.attendant = Desk().attendant
    ticket = make_ticket(lanes.lot, "QQ 777", dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5))
    assert lanes.exit.read("ZH 123")["reason"] == "no_ticket"

    correct(desk, ticket=ticket, at=dt.datetime.now(dt.UTC))
    assert lanes.exit.read("ZH 123")["reason"] == "grace"


def test_late_record_changes_no_stay_whose_plate_a_person_corrected():
    lanes, desk = Lanes(spots={"regular": 2}), Desk("GE 1")
    lanes.entry.read("QQ 777", captured_at=at(-180), offline=True)
    ticket = Ticket.objects.get(lot=lanes.lot)
    correct(desk, ticket=ticket, at=dt.datetime.now(dt.UTC))
    lanes.exit.read("ZH 123", captured_at=at(-60), offline=True)

    lanes.entry.read("ZH 123", captured_at=at(-120), offline=True)
    left = Ticket.objects.get(pk=ticket.pk)
    assert (left.status, left.entry_at, left.closed_reason) == (TicketStatus.CLOSED, ticket.entry_at, "owed")


def test_better_reading_at_the_entry_is_kept_the_same_way():
    lanes = Lanes(spots={"regular": 2})
    lanes.entry.read("ZH 1Z3", confidence=0.7)
    lanes.entry.read("ZH 123", confidence=0.9)

    kept = PlateCorrection.objects.get()
    assert (kept.from_plate, kept.to_plate, kept.by) == ("ZH 1Z3", "ZH 123", None)
    assert kept.why == f"read better at {lanes.entry.gate}"
    assert kept.ticket.plate == "ZH 123"


@pytest.mark.django_db(transaction=True)
def test_two_stays_never_get_one_plate_at_once(desk):
    other = make_ticket(desk.lot, "GE 7")
    results = codes_at_once([lambda: correct(desk), lambda: correct(desk, ticket=other)])

    assert sum(result == "plate_inside" for result in results) == 1
    assert Ticket.objects.open().filter(plate_normalised="ZH123").count() == 1


@pytest.mark.django_db(transaction=True)
def test_correction_beside_an_exit_read_has_one_order():
    for _ in range(5):
        lanes, desk = Lanes(spots={"regular": 2}), Desk("GE 1")
        now = dt.datetime.now(dt.UTC)
        ticket = make_ticket(lanes.lot, "QQ 777", now - dt.timedelta(minutes=5))

        corrected, read = codes_at_once(
            [lambda t=ticket, d=desk, n=now: correct(d, ticket=t, at=n), lambda one=lanes: one.exit.read("QQ 777")]
        )

        ticket.refresh_from_db()
        if read["action"] == "open":  # it left by its old plate first, so there was nothing to correct
            assert (corrected, ticket.status, ticket.plate) == ("ticket_state", "closed", "QQ 777")
        else:
            assert (read["reason"], ticket.status, ticket.plate) == ("no_ticket", "active", "ZH 123")


def test_charge_of_another_stay_is_left_alone(desk):
    charge = make_charge(desk.lot, 300)
    correct(desk)

    charge.refresh_from_db()
    assert charge.balance_amount == 300


def test_no_camera_is_surer_than_the_person_who_corrected_the_plate(desk):
    lanes = Lanes(spots={"regular": 2})
    number = lanes.entry.read("ZH 1Z3", confidence=0.7)["ticket"]["number"]
    ticket = Ticket.objects.get(number=number)
    correct(desk, "ZH 123", ticket=ticket, at=NOW)

    again = lanes.entry.read("ZH I23", confidence=0.99)

    ticket.refresh_from_db()
    assert (again["ticket"]["number"], ticket.plate) == (number, "ZH 123")
