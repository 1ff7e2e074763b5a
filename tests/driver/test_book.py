"""The page on which a place is booked, without JavaScript."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.utils.timezone import now

from billing.models import Payment
from driver.book_forms import typed_times
from notifications.models import Message
from notifications.rendering import render_message
from reservations.booked_time import BookedTime
from reservations.models import Reservation, ReservationStatus
from tests.factories import make_lot, make_promo_code, make_saved_method, make_user, make_vehicle

pytestmark = pytest.mark.django_db

ZONE = ZoneInfo("Europe/Zurich")
HOUR = dt.timedelta(hours=1)
KEY = "k" * 32


@pytest.fixture
def lot():
    return make_lot(name="Central", slug="central", spots={"regular": 2, "ev": 1})


@pytest.fixture
def driver(client):
    driver = make_user()
    client.force_login(driver)
    return driver


def times(start=24, end=26):
    at = now().astimezone(ZONE).replace(minute=0)
    at = at.replace(hour=max(at.hour, 2))  # an hour before is the same day
    ends = {"start": at.astimezone(dt.UTC) + start * HOUR, "end": at.astimezone(dt.UTC) + end * HOUR}
    return {name: f"{instant.astimezone(ZONE):%Y-%m-%dT%H:%M}" for name, instant in ends.items()}


def submit(client, slug="central", **fields):
    given = {"plate": "ZH 1", "vehicle_type": "regular", "key": KEY, "amount": 600, "spot_type": "regular", "spot": ""}
    return client.post(f"/book/{slug}/", given | times() | fields)


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\xa0", " ")


def errors_of(answer):
    """What is wrong with each field of the page's forms."""
    context = answer.context
    return {
        name: list(problems) for form in (context["period"], context["form"]) for name, problems in form.errors.items()
    }


def test_the_lots_page_leads_to_booking_where_the_lot_is_bookable(client, lot):
    assert 'href="/book/central/"' in client.get("/lots/central/").content.decode()

    lot.bookable = False
    lot.save()

    assert 'href="/book/central/"' not in client.get("/lots/central/").content.decode()
    assert client.get("/book/central/").url == "/lots/central/"


def test_the_page_offers_two_hours_from_the_next_full_five_minutes(client, lot):
    answer = client.get("/book/central/")

    time = answer.context["period"].time
    assert dt.timedelta() <= time.start - now() + dt.timedelta(seconds=5) <= dt.timedelta(minutes=5, seconds=5)
    assert time.end - time.start == dt.timedelta(hours=2)
    assert "Book for CHF 6.00" in text_of(answer)


def test_the_page_says_before_booking_what_each_change_of_mind_costs(client, lot):
    said = text_of(client.get("/book/central/", times()))

    assert re.search(r"Cancel free until tomorrow \d\d:\d\d ?, later CHF 3\.00", said)
    assert re.search(r"Don't come CHF 6\.00 ?; we keep the place until tomorrow \d\d:15", said)
    assert "free from tomorrow" in said
    assert "30 min longer: CHF 3.00" in said
    assert "2 h longer: CHF 6.00" in said


def test_the_page_shows_what_is_free_then_of_each_kind(client, lot, driver):
    submit(client)

    said = text_of(client.get("/book/central/", times()))

    assert re.search(r"Regular 1 free · CHF 6\.00", said)
    assert re.search(r"1 free · CHF 6\.00", said)


def test_a_full_period_says_so(client, lot, driver):
    submit(client, spot_type="ev")

    answer = client.get("/book/central/", times() | {"spot_type": "ev"})

    assert "Nothing of this kind is free" in text_of(answer)


def test_a_driver_books_and_gets_a_mail_with_the_booking(client, lot, driver):
    answer = submit(client)

    booking = Reservation.objects.get()
    assert answer.url == f"/bookings/{booking.token}/"
    assert (booking.driver, booking.status, booking.plate) == (driver, ReservationStatus.CONFIRMED, "ZH 1")
    assert "Your place is booked" in text_of(client.get(answer.url))
    message = Message.objects.get()
    assert (message.template, message.recipient) == ("booking_confirmed", driver.email)


def test_the_same_form_sent_twice_books_once(client, lot, driver):
    assert submit(client).url == submit(client).url
    assert Reservation.objects.count() == 1
    assert Message.objects.count() == 1


def test_the_same_form_with_the_last_use_of_a_code_sent_twice_books_once(client, lot, driver):
    make_promo_code(lot.operator, max_uses=1)
    answers = [submit(client, promo_code="summer26", amount=300) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    late = submit(client, promo_code="summer26", amount=300, key="x" * 32, plate="ZH 2")
    assert (late.status_code, errors_of(late)) == (409, {"promo_code": ["This code has been used up."]})


def test_a_vehicle_of_ones_own_is_offered_and_comes_with_its_kind(client, driver):
    make_lot(slug="bikes", spots={"motorcycle": 1})
    make_vehicle(driver, "ZH 77", vehicle_type="motorcycle")
    assert 'value="ZH 77"' in client.get("/book/bikes/").content.decode()

    submit(client, "bikes", spot_type="motorcycle", plate="zh-77")

    assert Reservation.objects.get().vehicle_type == "motorcycle"


def test_a_particular_spot_is_booked(client, lot, driver):
    submit(client, spot="R0-2")

    booking = Reservation.objects.get()
    assert (booking.spot.number, booking.asked_for) == ("R0-2", True)
    plan = client.get("/book/central/", times()).context["plan"]
    assert [(level, [(bay.number, bay.is_free) for bay in bays]) for level, bays in plan] == [
        ("Ground", [("R0-1", True), ("R0-2", False)])
    ]


def test_a_spot_that_is_not_free_then_is_refused_before_it_is_booked(client, lot, driver):
    submit(client, spot="R0-2")

    answer = client.get("/book/central/", times() | {"spot": "R0-2"})

    assert "No spot R0-2" in answer.context["period"].errors["spot"][0]


def test_a_guest_books_with_an_address_that_is_confirmed_by_the_mailed_link(client, lot):
    answer = submit(client, email="guest@example.com")

    booking = Reservation.objects.get()
    assert booking.status == ReservationStatus.PENDING
    assert "Confirm your email address" in text_of(client.get(answer.url))
    link = Message.objects.get(template="booking_confirm").context["confirm_link"]
    path = link.removeprefix(re.match(r"https?://[^/]+", link).group())
    assert "Yes, book it" in text_of(client.get(path))
    booking.refresh_from_db()
    assert booking.status == ReservationStatus.PENDING, "opening the link confirms nothing"

    assert client.post(path).url == f"/bookings/{booking.token}/"

    booking.refresh_from_db()
    assert booking.status == ReservationStatus.CONFIRMED
    assert Message.objects.filter(template="booking_confirmed", recipient="guest@example.com").count() == 1
    assert client.get(path).url == f"/bookings/{booking.token}/"


def test_a_forged_link_confirms_nothing(client, lot):
    assert client.get("/bookings/confirm/MQ:x/").status_code == 404


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"start": "nonsense"}, "start"),
        ({"start": "2020-01-01T08:00"}, "start"),
        (times(26, 24), "end"),
        (times(24, 24.2), "end"),
        (times(24, 24 + 31 * 24), "end"),
        (times(24 * 100, 24 * 100 + 2), "start"),
        ({"spot": "nowhere"}, "spot"),
        ({"spot_type": "nowhere"}, "spot_type"),
        ({"plate": ""}, "plate"),
        ({"plate": "---"}, "plate"),
        ({"plate": "A" * 30}, "plate"),
        ({"email": "nonsense"}, "email"),
        ({"email": ""}, "email"),
    ],
)
def test_a_refusal_is_shown_at_its_field_and_what_was_typed_is_kept(client, lot, fields, wrong):
    answer = submit(client, **{"email": "guest@example.com", "plate": "ZH 9"} | fields)

    assert answer.status_code in {409, 422}
    assert wrong in errors_of(answer)
    for typed in ("email", "plate"):
        if fields.get(typed) != "" and typed not in fields:
            assert f'value="{ {"email": "guest@example.com", "plate": "ZH 9"}[typed] }"' in answer.content.decode()
    assert not Reservation.objects.exists()


def test_a_plate_that_is_booked_already_is_told_at_the_plate(client, lot, driver):
    submit(client)

    answer = submit(client, key="other")

    assert answer.status_code == 409
    assert "has a booking here at this time" in errors_of(answer)["plate"][0]


def test_the_last_place_is_refused_to_the_second(client, lot, driver):
    submit(client, spot_type="ev")

    answer = submit(client, key="other", spot_type="ev", plate="ZH 2")

    assert answer.status_code == 409
    assert "No place is free" in errors_of(answer)["start"][0]


def test_a_price_that_went_up_is_shown_before_it_is_agreed_to(client, lot, driver):
    answer = submit(client, amount=300)

    assert answer.status_code == 422
    assert "The price went up" in text_of(answer)
    assert 'name="amount" value="600"' in answer.content.decode()
    assert not Reservation.objects.exists()


def test_a_time_that_the_clock_skips_is_refused(client, lot):
    answer = client.get("/book/central/", {"start": "2027-03-28T02:30", "end": "2027-03-28T04:00"})

    assert answer.status_code == 422
    assert "skipped" in answer.context["period"].errors["start"][0]


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("2027-03-28T01:00", "2027-03-28T03:00", 1),
        ("2027-10-31T02:30", "2027-10-31T02:15", 0.75),
        ("2027-10-31T00:00", "2027-11-01T00:00", 25),
        ("2027-03-28T00:00", "2027-03-29T00:00", 23),
    ],
)
def test_a_period_across_a_change_of_the_clock_has_its_real_length(lot, start, end, hours):
    from driver.book_forms import PeriodForm

    form = PeriodForm(lot, ("regular",), dt.datetime(2027, 1, 1, tzinfo=dt.UTC), {"start": start, "end": end})

    assert form.is_valid(), form.errors
    assert form.time.end - form.time.start == dt.timedelta(hours=hours)


def test_each_of_two_equal_hours_can_be_chosen_and_booked(client, lot, driver, monkeypatch):
    monkeypatch.setattr("driver.book_page.now", lambda: dt.datetime(2027, 10, 30, 12, tzinfo=dt.UTC))
    first = dt.datetime(2027, 10, 31, 0, tzinfo=dt.UTC)
    answer = client.get("/book/central/", {"start": "2027-10-31T02:00", "end": "2027-10-31T02:00"})
    assert answer.context["period"].time == (first, first + dt.timedelta(hours=1))
    assert "shows 02:00 twice that night; this is the first time" in text_of(answer)

    hours = {one.hour.start.astimezone(dt.UTC): one for one in answer.context["strip"].hours}
    again = client.get(hours[first + dt.timedelta(hours=1)].href)

    assert len(hours) == 25
    assert again.context["period"].time == (first + dt.timedelta(hours=1), first + dt.timedelta(hours=2))
    assert "this is the second time" in text_of(again)
    [other] = again.context["twice"]
    assert client.get(other.href).context["period"].time.start == first
    typed = dict(re.findall(r'name="(start|end|start_again|end_again)" value="([^"]*)" form', again.content.decode()))
    assert submit(client, **typed, amount=300).status_code == 302
    assert Reservation.objects.get().starts_at == first + dt.timedelta(hours=1)


def test_times_are_on_the_clock_of_the_lot(client):
    make_lot(slug="far", timezone="America/New_York")
    typed = {"start": "2027-01-11T09:00", "end": "2027-01-11T11:00"}

    answer = client.get("/book/far/", typed)

    assert answer.context["period"].time.start == dt.datetime(2027, 1, 11, 14, tzinfo=dt.UTC)
    assert "America/New_York" in text_of(answer)


@pytest.mark.parametrize("given", [{"start": ""}, {"start": "\x00"}, {"spot": "\x00"}, {"spot_type": ["a", "b"]}])
def test_a_wild_address_is_answered(client, lot, given):
    assert client.get("/book/central/", given).status_code in {200, 422}


def test_a_prepaid_booking_asks_for_a_card_and_a_declined_one_books_nothing(client, driver):
    make_lot(slug="paid", prepay="capture")
    assert "Your card is charged now" in text_of(client.get("/book/paid/"))

    declined = submit(client, "paid", payment="tok_declined")
    assert declined.status_code == 402
    assert "declined" in errors_of(declined)["payment"][0]
    submit(client, "paid", payment="tok_ok", key=declined.context["form"].data["key"])

    booking = Reservation.objects.get(status=ReservationStatus.CONFIRMED)
    assert booking.charge.captured_amount == 600


def test_a_payer_who_has_to_agree_at_the_bank_comes_back_to_the_booking(client, driver):
    make_lot(slug="paid", prepay="hold")
    bank = submit(client, "paid", payment="tok_3ds").url
    booking = Reservation.objects.get()
    assert booking.status == ReservationStatus.PENDING
    assert "To the payment page" in text_of(client.get(f"/bookings/{booking.token}/"))

    back = client.post(bank, {"answer": "agree"}).url

    assert client.get(back).url == f"/bookings/{booking.token}/"
    booking.refresh_from_db()
    assert booking.status == ReservationStatus.CONFIRMED


def test_a_change_that_is_paid_at_the_bank_is_made_when_the_payer_comes_back(client, driver):
    make_lot(slug="paid", prepay="capture")
    submit(client, "paid", payment="tok_ok")
    booking = Reservation.objects.get()
    typed = times(24, 27) | {"spot_type": "regular", "spot": "", "plate": "ZH 1"}
    agreed = typed | {"payment": "tok_3ds", "amount": "300", "agree": "yes"}
    bank = client.post(f"/bookings/{booking.token}/change/", agreed).url

    back = client.post(bank, {"answer": "agree"}).url
    client.get(back)

    booking.refresh_from_db()
    assert booking.price_amount == 900


def test_a_saved_card_pays_and_nobody_elses_is_offered(client, driver):
    make_lot(slug="prepaid", prepay="capture")
    mine, other = make_saved_method(driver), make_saved_method(make_user())
    assert f'value="saved-{mine.pk}"' in client.get("/book/prepaid/", times()).content.decode()
    assert "payment" in errors_of(submit(client, "prepaid", payment=f"saved-{other.pk}"))

    submit(client, "prepaid", payment=f"saved-{mine.pk}")

    payment = Payment.objects.get()
    assert (payment.saved_method, payment.captured_amount) == (mine, 600)
    assert Reservation.objects.get().status == ReservationStatus.CONFIRMED


def test_a_plate_that_is_booked_in_another_lot_at_the_time_is_booked_with_a_warning(client, lot, driver):
    make_lot(slug="other", name="Other")
    submit(client, "other")

    answer = submit(client, key="x" * 32)

    assert "ZH 1 is booked at Other at this time, too" in text_of(client.get(answer.url))
    client.logout()
    for number, slug in enumerate(("other", "central")):
        submit(client, slug, plate="ZH 2", email="guest@example.com", key=str(number) * 32)
    said = [render_message(message).body for message in Message.objects.filter(template="booking_confirm")]
    assert sorted("booked at Other at this time, too" in one for one in said) == [False, True]


@pytest.mark.parametrize("word", ["NoPlate", "unknown", "无牌"])
def test_words_that_cameras_send_for_no_plate_are_no_plates_to_book_for(client, lot, driver, word):
    assert "plate" in errors_of(submit(client, plate=word))
    assert not Reservation.objects.exists()


def test_the_strip_shows_the_day_and_leads_to_its_hours(client, lot, driver):
    submit(client)
    strip = client.get("/book/central/", times()).context["strip"]

    chosen = [one for one in strip.hours if one.is_chosen]
    assert [one.hour.free for one in chosen] in ([1, 1], [1])  # over midnight, one of them
    shown = client.get(strip.hours[-1].href).context["period"]
    assert shown.time.start == strip.hours[-1].hour.start
    assert shown.time.end - shown.time.start == dt.timedelta(hours=2)
    assert client.get(strip.before).status_code == client.get(strip.after).status_code == 200


def test_time_that_the_clock_skips_is_an_hour_later():
    skipped = dt.datetime(2027, 3, 28, 2, 30, tzinfo=ZONE)
    given = typed_times(BookedTime(skipped, skipped.astimezone(dt.UTC) + HOUR), ZONE)

    assert given == {"start": "2027-03-28T03:30", "end": "2027-03-28T04:30"}


def test_a_phone_is_verified_before_a_guest_books(client):
    make_lot(slug="asking", asks_phone=True)
    given = {"email": "guest@example.com", "phone": "+41 79 123 45 67"}

    asked = submit(client, "asking", **given)

    assert (asked.status_code, Reservation.objects.exists()) == (422, False)
    code = re.search(r"“(\d{6})", text_of(asked))[1]
    assert "phone_code" in errors_of(submit(client, "asking", phone_code="1", **given))
    assert submit(client, "asking", phone_code=code, **given).status_code == 302
    assert Reservation.objects.get().phone == "+41791234567"
