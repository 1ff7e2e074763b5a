"""A booking's own page: seen, changed, extended, cancelled and given back, with what it costs shown first."""

import datetime as dt
import re
from email import message_from_bytes
from email.policy import default as modern

import pytest
from django.utils.timezone import now
from icalendar import Calendar

from billing.models import Payment
from billing.services import PayBy
from common.web.wall_clock import as_typed
from lots.calendar import zone_of
from notifications.models import Message
from notifications.rendering import render_message
from reservations.booked_time import BookedTime
from reservations.models import Reservation, ReservationStatus
from reservations.services import BookingWish, book, cancel_booking
from tests.factories import make_lot, make_user

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\xa0", " ")


def booked(start=24, hours=2, lot=None, plate="ZH 1", token="", **fields):
    at = now().replace(second=0, microsecond=0)
    time = BookedTime(at + start * HOUR, at + (start + hours) * HOUR)
    who = fields if fields.keys() & {"driver", "email"} else {"driver": make_user()}
    wish = BookingWish(time=time, plate=plate)
    return book(lot=lot or make_lot(name="Central"), wish=wish, at=at, pay_by=PayBy(token=token), **who)


def page_of(booking, act=""):
    return f"/bookings/{booking.token}/{act}"


def typed(booking, **fields):
    zone = zone_of(booking.lot)
    given = {"start": as_typed(booking.starts_at, zone), "end": as_typed(booking.ends_at, zone)}
    return given | {"spot_type": booking.spot_type, "spot": "", "plate": booking.plate} | fields


def later(booking, hours):
    return as_typed(booking.ends_at + hours * HOUR, zone_of(booking.lot))


def reloaded(booking):
    return Reservation.objects.select_related("lot", "spot", "charge").get(pk=booking.pk)


def test_the_page_says_when_where_which_plate_and_what_it_costs_now(client):
    booking = booked()

    said = text_of(client.get(page_of(booking)))

    for words in ("Your place is booked", "Central", booking.code, "ZH 1", "CHF 6.00", "Cancel free of charge"):
        assert words in said


def test_a_code_opens_a_booking_only_to_who_made_it(client):
    booking = booked()
    path = f"/bookings/{booking.code}/"
    assert client.get(path).url == "/bookings/"
    client.force_login(make_user())
    assert client.get(path).status_code == 404
    client.force_login(booking.driver)

    assert client.get(path).status_code == 200


@pytest.mark.parametrize("reference", ["nothing", "%00", "BK-0000000000"])
def test_a_wrong_link_shows_nothing(client, reference):
    client.force_login(make_user())

    assert client.get(f"/bookings/{reference}/").status_code == 404


def test_a_guest_finds_the_booking_by_its_code_and_address(client):
    booking = booked(email="guest@example.com")

    found = client.post("/bookings/", {"code": booking.code.lower(), "email": "Guest@Example.com"})
    other = client.post("/bookings/", {"code": booking.code, "email": "other@example.com"})

    assert found.url == page_of(booking)
    assert (other.status_code, "code" in other.context["form"].errors) == (422, True)


def test_a_change_shows_its_difference_before_it_is_made(client):
    booking = booked()

    shown = client.post(page_of(booking, "change/"), typed(booking, end=later(booking, 2)))

    assert "CHF 6.00 more than before" in text_of(shown)
    assert reloaded(booking).ends_at == booking.ends_at
    agreed = typed(booking, end=later(booking, 2), plate="ZH 2") | {"amount": "600", "agree": "yes"}
    assert client.post(page_of(booking, "change/"), agreed).url == page_of(booking)
    changed = reloaded(booking)
    assert (changed.ends_at, changed.plate) == (booking.ends_at + 2 * HOUR, "ZH 2")
    assert (changed.price_amount, changed.sequence) == (1200, 1)
    assert Message.objects.filter(template="booking_changed").count() == 1


def test_a_change_that_costs_more_than_was_shown_is_shown_again(client):
    booking = booked()
    agreed = typed(booking, end=later(booking, 2)) | {"amount": "300", "agree": "yes"}

    answer = client.post(page_of(booking, "change/"), agreed)

    assert answer.status_code == 200
    assert "CHF 6.00 more than before" in text_of(answer)
    assert reloaded(booking).sequence == 0


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"end": "nonsense"}, "end"),
        ({"start": "2020-01-01T08:00"}, "start"),
        ({"plate": "---"}, "plate"),
        ({"spot": "nowhere"}, "spot"),
        ({"spot_type": "tent"}, "spot_type"),
    ],
)
def test_a_refused_change_is_shown_at_its_field(client, fields, wrong):
    booking = booked()

    answer = client.post(page_of(booking, "change/"), typed(booking, **fields))

    assert answer.status_code == 422
    assert wrong in answer.context["form"].errors
    assert reloaded(booking).sequence == 0


def bays_of(answer):
    return {bay.number: (bay.is_free, bay.is_chosen) for _level, bays in answer.context["plan"] for bay in bays}


def test_a_spot_is_chosen_on_the_plan_among_those_that_are_free_then(client):
    lot = make_lot(spots={"regular": 3, "ev": 1})
    booking, other = booked(lot=lot), booked(lot=lot, plate="ZH 2")
    Reservation.objects.filter(pk=other.pk).update(asked_for=True)  # it is not moved for another
    page = page_of(booking, "change/")
    numbers = [spot.number for spot in lot.spots.filter(spot_type="regular")]
    own, taken = (numbers.index(one.spot.number) for one in (booking, other))
    [free] = {0, 1, 2} - {own, taken}

    shown = bays_of(client.get(page))
    assert [shown[one][0] for one in numbers] == [index != taken for index in range(3)]
    asked = typed(booking, spot=numbers[free], plan_of="regular")
    assert bays_of(client.post(page, asked))[numbers[free]] == (True, True)
    reversed_ = client.post(page, asked | {"end": asked["start"], "start": asked["end"]})
    assert (reversed_.status_code, len(bays_of(reversed_))) == (422, 3)
    electric = client.post(page, asked | {"spot_type": "ev"})
    assert list(bays_of(electric).values()) == [(True, False)]
    assert client.post(page, asked | {"amount": "0", "agree": "yes"}).url == page_of(booking)

    assert (reloaded(booking).spot.number, reloaded(booking).asked_for) == (numbers[free], True)
    assert client.post(page, typed(booking, spot=numbers[taken])).context["form"].errors.keys() == {"spot"}


def test_what_a_prepaid_booking_costs_more_is_paid_by_card_first(client):
    booking = booked(lot=make_lot(prepay="capture"), token="tok_ok")
    assert booking.status == ReservationStatus.CONFIRMED
    given = typed(booking, end=later(booking, 1))
    shown = client.post(page_of(booking, "change/"), given)
    assert "payment" in shown.context["form"].fields
    agreed = given | {"amount": "300", "agree": "yes"}

    declined = client.post(page_of(booking, "change/"), agreed | {"payment": "tok_declined"})
    assert declined.status_code == 402
    assert reloaded(booking).ends_at == booking.ends_at
    client.post(page_of(booking, "change/"), agreed | {"payment": "tok_ok"})

    assert reloaded(booking).ends_at == booking.ends_at + HOUR
    assert sum(payment.captured_amount for payment in Payment.objects.all()) == 900


def test_a_car_that_is_inside_only_stays_longer(client):
    booking = booked(start=0)
    Reservation.objects.filter(pk=booking.pk).update(status=ReservationStatus.ACTIVE)
    form = client.get(page_of(booking, "change/")).context["form"]
    assert [field.name for field in form.shown] == ["end"]

    client.post(page_of(booking, "change/"), {"end": later(booking, 1), "amount": "300", "agree": "yes"})

    assert reloaded(booking).ends_at == booking.ends_at + HOUR


def test_a_place_is_given_back_early(client):
    booking = booked(start=0)
    assert "inside" in text_of(client.post(page_of(booking, "release/"), follow=True))
    Reservation.objects.filter(pk=booking.pk).update(status=ReservationStatus.ACTIVE)

    assert "Others can have your place" in text_of(client.post(page_of(booking, "release/"), follow=True))

    assert reloaded(booking).during.upper < booking.during.upper


def test_cancelling_says_what_it_costs_first(client):
    booking = booked()
    assert "free of charge until" in text_of(client.get(page_of(booking, "cancel/")))
    assert reloaded(booking).status == ReservationStatus.CONFIRMED

    answer = client.post(page_of(booking, "cancel/"), {"fee": "0"}, follow=True)

    assert "This booking was cancelled" in text_of(answer)
    assert reloaded(booking).status == ReservationStatus.CANCELLED
    assert client.get(page_of(booking, "cancel/")).url == page_of(booking)


def test_a_late_cancellation_costs_what_was_agreed_to(client):
    booking = booked(start=0.5)
    assert "CHF 3.00 of the price" in text_of(client.get(page_of(booking, "cancel/")))
    assert client.post(page_of(booking, "cancel/"), {"fee": "0"}).status_code == 422

    client.post(page_of(booking, "cancel/"), {"fee": "300"})

    assert reloaded(booking).fee_amount == 300


def test_the_calendar_file_keeps_its_uid_and_takes_the_event_out_when_cancelled(client):
    booking = booked()
    before = client.get(page_of(booking, "calendar/"))
    cancel_booking(booking=booking, at=now())

    after = client.get(page_of(booking, "calendar/"))

    files = [Calendar.from_ical(answer.content) for answer in (before, after)]
    assert [str(one["method"]) for one in files] == ["REQUEST", "CANCEL"]
    assert "method=REQUEST" in before["Content-Type"]
    assert "method=CANCEL" in after["Content-Type"]
    events = [one.walk("VEVENT")[0] for one in files]
    assert events[0]["uid"] == events[1]["uid"]
    assert [int(event["sequence"]) for event in events] == [0, 1]
    assert [str(event["status"]) for event in events] == ["CONFIRMED", "CANCELLED"]
    assert events[0]["dtstart"].dt == booking.starts_at
    assert f"mailto:{booking.email}" == str(events[1]["attendee"])


def test_the_mails_carry_the_calendar_file_with_its_method():
    booking = booked()
    cancel_booking(booking=booking, at=now())

    mails = [render_message(message) for message in Message.objects.order_by("pk")]

    sent = [message_from_bytes(mail.message().as_bytes(), policy=modern) for mail in mails]
    files = [next(mail.iter_attachments()) for mail in sent]
    assert [file.get_content_type() for file in files] == ["text/calendar"] * 2
    assert [file.get_param("method") for file in files] == ["REQUEST", "CANCEL"]
    assert "METHOD:CANCEL" in files[1].get_content()
    assert "free of charge" in mails[1].body
    assert booking.token in mails[0].body
    assert "{{" not in mails[0].body + mails[1].body


def test_my_page_shows_the_next_booking_with_a_countdown_and_all_others(client):
    driver, lot = make_user(), make_lot(name="Central")
    client.force_login(driver)
    booked(30, lot=lot, driver=driver, plate="ZH 2")
    sooner = booked(3, lot=lot, driver=driver)
    over = booked(50, lot=lot, driver=driver, plate="ZH 3")
    cancel_booking(booking=over, at=now())

    said = text_of(client.get("/me/"))

    assert "Next: Central" in said
    assert "Starts in 2 h 59 min" in said
    assert f"/bookings/{sooner.code}/" in client.get("/me/").content.decode()
    whole = text_of(client.get("/me/bookings/"))
    assert all(plate in whole for plate in ("ZH 1", "ZH 2", "ZH 3"))
    assert "Cancelled" in whole


def test_other_peoples_bookings_are_not_on_my_page(client):
    booked(3, plate="BE 9")
    client.force_login(make_user())

    assert "BE 9" not in text_of(client.get("/me/")) + text_of(client.get("/me/bookings/"))
