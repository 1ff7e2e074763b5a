"""What happens when a booking finds no place: who is told, what it costs, and how the driver gets everything back."""

import datetime as dt
from email import message_from_bytes
from email.policy import default as modern

import pytest
from icalendar import Calendar

from billing.models import Debt, Payment, PaymentState
from billing.services import PayBy, approve_refund
from gates.services import decide_reports, report_not_parked
from notifications.models import Message
from notifications.rendering import render_message
from reservations.booked_time import BookedTime
from reservations.models import Reservation
from reservations.services import (
    BookingChange,
    BookingStateError,
    BookingWish,
    NoAvailabilityError,
    ReportWordMissingError,
    book,
    cancel_booking,
    change_booking,
    give_other_place,
    hold_due_spots,
    lapse_unconfirmed,
    mark_no_shows,
    refund_report,
    reject_report,
)
from tests.factories import make_lot, make_ticket, make_user
from tests.gates.lanes import Lanes
from tests.invariants import broken
from tests.reservations.bookings import DAY, HOUR, MINUTE, NOW, booked, reloaded

pytestmark = pytest.mark.django_db
LOST = NOW + 3.5 * HOUR


def lose_place(**fields):
    """A booking whose only spot a car without a booking stands on."""
    lot = make_lot(**{"spots": {"regular": 1}} | fields)
    booking = booked(lot, 4, 5, pay_by=PayBy(token="tok_ok"))
    make_ticket(lot, "GE 1", NOW + HOUR, spot=booking.spot)
    assert hold_due_spots(at=LOST) == 0
    return reloaded(booking)


def templates():
    return list(Message.objects.order_by("pk").values_list("template", flat=True))


def test_driver_and_admins_are_told_once_when_no_place_is_left_and_again_when_there_is_one():
    lot = make_lot(spots={"regular": 1})
    admin, attendant = make_user("admin", lot.operator), make_user("attendant", lot.operator)
    booking = booked(lot, 4, 5)
    make_ticket(lot, "GE 1", NOW + HOUR, spot=booking.spot)
    for minute in range(3):
        hold_due_spots(at=LOST + minute * MINUTE)

    told = dict(Message.objects.exclude(template="booking_confirmed").values_list("recipient", "template"))
    assert told == {booking.email: "booking_place_lost", admin.email: "booking_place_lost_here"}
    assert attendant.email not in told
    for message in Message.objects.all():
        assert render_message(message).body

    lot.tickets.all().delete()
    assert hold_due_spots(at=LOST + 4 * MINUTE) == 1
    found = Message.objects.get(template="booking_moved")
    assert "spot R0-1" in render_message(found).body
    assert reloaded(booking).sequence == 1


def test_a_larger_spot_is_a_free_upgrade_and_can_be_kept_for_longer():
    lot = make_lot(spots={"regular": 1, "compact": 1, "ev": 1, "large": 1})
    booking = booked(lot, 4, 5)
    make_ticket(lot, "GE 1", NOW + HOUR, spot=booking.spot)

    assert hold_due_spots(at=LOST) == 1

    upgraded = reloaded(booking)
    assert (upgraded.spot.spot_type, upgraded.spot_type, upgraded.price_amount) == ("large", "regular", 300)
    assert "(Large), at the price that you booked" in render_message(Message.objects.get(template="booking_moved")).body
    Reservation.objects.filter(pk=booking.pk).update(status="active")
    lot.spots.update(hold=None)
    make_ticket(lot, booking.plate, NOW + 4 * HOUR, spot=upgraded.spot, reservation=upgraded)
    longer = change_booking(booking=upgraded, change=BookingChange(end=NOW + 6 * HOUR), at=NOW + 4.5 * HOUR)
    assert (longer.booking.spot_id, longer.difference) == (upgraded.spot_id, 300)
    assert broken() == []


def test_a_spot_that_was_asked_for_is_replaced_with_a_word():
    lot = make_lot(spots={"regular": 2})
    booking = booked(lot, 4, 5, spot="R0-1")
    make_ticket(lot, "GE 1", NOW + HOUR, spot=booking.spot)

    assert hold_due_spots(at=LOST) == 1

    mail = render_message(Message.objects.get(template="booking_moved"))
    assert "spot R0-2" in mail.body
    file = next(part for part in message_from_bytes(mail.message().as_bytes(), policy=modern).iter_attachments())
    event = Calendar.from_ical(file.get_payload(decode=True)).walk("VEVENT")[0]
    assert (event["uid"].partition("@")[0], int(event["sequence"])) == (booking.code, 1)


@pytest.mark.parametrize("prepay", ["none", "hold", "capture"])
def test_without_a_place_cancelling_and_not_coming_cost_nothing(prepay):
    booking = lose_place(prepay=prepay)

    cancelled = cancel_booking(booking=booking, at=LOST)
    assert (cancelled.status, cancelled.fee_amount) == ("cancelled", 0)

    missed = lose_place(prepay=prepay)
    assert mark_no_shows(at=NOW + 4.5 * HOUR) == 1
    assert (reloaded(missed).status, reloaded(missed).fee_amount) == ("no_show", 0)
    captured = Payment.objects.filter(state=PaymentState.CAPTURED)
    assert all(payment.refunded_amount == payment.captured_amount for payment in captured)
    assert not Payment.objects.filter(state=PaymentState.AUTHORISED).exists()
    assert broken() == []


def test_a_person_gives_a_place_of_another_kind_at_the_same_price():
    lot = make_lot(spots={"regular": 1, "ev": 1})
    booking = booked(lot, 4, 5)
    make_ticket(lot, "GE 1", NOW + HOUR, spot=booking.spot)
    hold_due_spots(at=LOST)

    with pytest.raises(NoAvailabilityError):
        give_other_place(booking=booking, spot_type="large", at=LOST)
    for _ in range(2):
        given = give_other_place(booking=booking, spot_type="ev", at=LOST)

    assert (given.spot.spot_type, given.price_amount, given.place_lost_at) == ("ev", 300, None)
    assert lot.spots.get(hold=booking.pk).spot_type == "ev"
    assert templates().count("booking_moved") == 1


def test_a_mail_says_once_that_a_guests_booking_lapsed_and_what_a_no_show_costs():
    lot = make_lot(no_show_percent=50)
    booked(lot, email="guest@example.com")
    booked(lot, 1, 3, "ZH 2")
    for minute in (11, 12):
        lapse_unconfirmed(at=NOW + minute * MINUTE)
    for minute in (75, 76):
        mark_no_shows(at=NOW + minute * MINUTE)

    assert templates().count("booking_lapsed") == templates().count("booking_missed") == 1
    said = render_message(Message.objects.get(template="booking_missed")).body.replace("\xa0", " ")
    assert "This costs CHF 3.00: 50 % of the price of CHF 6.00" in said
    assert "09:15" in said


def turned_away(*, prepay="none", minute=0.0):
    """A booking of now whose car a lane has just turned away, as all was full."""
    lanes = Lanes(spots={"regular": 1}, prepay=prepay)
    at = now()
    wish = BookingWish(time=BookedTime(at + MINUTE, at + 2 * HOUR), plate="ZH 1")
    booking = book(lot=lanes.lot, wish=wish, driver=make_user(), at=at, pay_by=PayBy(token="tok_ok"))
    make_ticket(lanes.lot, "GE 1", at - HOUR, spot=booking.spot)
    assert lanes.entry.read("ZH 1", minute=minute)["reason"] == "full"
    return lanes, booking


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


@pytest.mark.parametrize("prepay", ["none", "hold", "capture"])
def test_who_was_turned_away_gets_everything_back_by_itself_after_fifteen_minutes(prepay):
    _lanes, booking = turned_away(prepay=prepay)
    for _ in range(2):
        report = report_not_parked(booking=booking, at=now() + MINUTE)
    assert (report.outcome, report.turned_away_at is None) == ("", False)
    assert decide_reports(at=now() + 14 * MINUTE) == 0
    mark_no_shows(at=now() + 20 * MINUTE)  # is not charged before
    assert reloaded(booking).status == "confirmed"

    assert [decide_reports(at=now() + 21 * MINUTE) for _ in range(2)] == [1, 0]

    assert (reloaded(booking).status, reloaded(booking).fee_amount) == ("cancelled", 0)
    charge = reloaded(booking).charge
    assert charge is None or (charge.balance_amount, charge.captured_amount - charge.refunded_amount) == (0, 0)
    assert not Payment.objects.filter(state=PaymentState.AUTHORISED).exists()
    assert templates().count("booking_refunded") == 1
    assert broken() == []


def test_who_says_it_later_gets_the_no_show_back_at_once():
    _lanes, booking = turned_away()
    mark_no_shows(at=now() + 20 * MINUTE)
    assert Debt.objects.open().count() == 1

    report = report_not_parked(booking=booking, at=now() + DAY)

    assert report.outcome == "refunded"
    assert not Debt.objects.open().exists()
    assert reloaded(booking).status == "cancelled"
    assert broken() == []


def test_who_cancels_meanwhile_gets_the_fee_back_too():
    _lanes, booking = turned_away(prepay="capture")
    report_not_parked(booking=booking, at=now())
    assert cancel_booking(booking=booking, at=now()).fee_amount == 300

    assert decide_reports(at=now() + 16 * MINUTE) == 1

    booking = reloaded(booking)
    left = booking.charge.captured_amount - booking.charge.refunded_amount
    assert (booking.fee_amount, booking.charge.balance_amount, left) == (0, 0, 0)
    assert broken() == []


def test_a_car_that_came_in_after_all_pays_its_booking():
    lanes, booking = turned_away()
    report_not_parked(booking=booking, at=now())
    lanes.lot.tickets.all().delete()
    assert lanes.entry.read("ZH 1", minute=5)["reason"] == "reservation"

    assert decide_reports(at=now() + 21 * MINUTE) == 1
    assert booking.not_parked.outcome == "parked"
    assert reloaded(booking).status == "active"


def test_without_a_read_that_was_full_a_person_decides():
    operator = make_lot().operator
    admin = make_user("admin", operator)
    reports = []
    for number, prepay in enumerate(("none", "capture", "capture")):
        booking = booked(make_lot(operator, prepay=prepay), 1, 3, f"ZH {number}", pay_by=PayBy(token="tok_ok"))
        with pytest.raises(BookingStateError):
            report_not_parked(booking=booking, at=NOW)
        reports.append(report_not_parked(booking=booking, at=NOW + 2 * HOUR))
    assert decide_reports(at=NOW + 3 * HOUR) == 0
    assert {reloaded(report.booking).status for report in reports} == {"no_show"}

    with pytest.raises(ReportWordMissingError):
        reject_report(report=reports[0], by=admin, word=" ", at=NOW + DAY)
    for report in reports[:2]:
        for _ in range(2):
            decided, asked = refund_report(report=report, by=admin, word="Our barrier was broken.", at=NOW + DAY)
            assert (decided.outcome, asked) == ("refunded", None)
    reject_report(report=reports[2], by=admin, word="There was room.", at=NOW + DAY)

    left = [reloaded(report.booking) for report in reports]
    assert [booking.status for booking in left] == ["cancelled", "cancelled", "no_show"]
    assert [booking.charge.captured_amount - booking.charge.refunded_amount for booking in left] == [0, 0, 600]
    assert [booking.charge.balance_amount for booking in left] == [0, 0, 0]
    assert not Debt.objects.open().exists()
    assert templates().count("booking_not_refunded") == 1
    assert broken() == []


def test_a_refund_above_the_limit_waits_for_a_second_person():
    lot = make_lot(prepay="capture")
    lot.operator.refund_limit = 100
    lot.operator.save()
    booking = booked(lot, 1, 3, pay_by=PayBy(token="tok_ok"))
    report = report_not_parked(booking=booking, at=NOW + 2 * HOUR)
    admin, second = make_user("admin", lot.operator), make_user("admin", lot.operator)
    waiting, asked = refund_report(report=report, by=admin, word="Sorry", at=NOW + DAY)
    assert waiting.outcome == ""
    approve_refund(asked=asked, by=second, at=NOW + DAY)
    decided, asked = refund_report(report=report, by=admin, word="Sorry", at=NOW + DAY)

    assert (decided.outcome, asked) == ("refunded", None)
    assert reloaded(booking).charge.balance_amount == 0
    assert broken() == []
