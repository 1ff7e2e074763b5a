"""Phones that are verified before a booking, by a code that is sent there."""

import re

import pytest

from common.errors import DomainError
from lots.models import Lot
from notifications.checks import check_text_provider
from notifications.models import MessageState, PhoneCode, TextMessage
from notifications.phone_codes import NoTextsError, TooManyCodesError, WrongPhoneCodeError
from notifications.text_delivery import deliver_texts
from reservations.booker_phones import GivenPhone, PhoneCodeNeededError
from reservations.models import Reservation
from reservations.services import book
from retention.services import end_clocks
from tests.factories import make_lot, make_user
from tests.reservations.bookings import DAY, HOUR, MINUTE, NOW, wish

pytestmark = pytest.mark.django_db
PHONE = "+41791234567"


@pytest.fixture
def lot():
    return make_lot(asks_phone=True)


def try_to_book(lot, code="", number="0041 79 123 45 67", at=NOW, plate="ZH 1", **who):
    given = GivenPhone(number=number, code=code)
    return book(lot=lot, wish=wish(plate=plate), phone=given, at=at, **who)


def last_code():
    return re.match(r"\d{6}", TextMessage.objects.order_by("pk").last().text)[0]


@pytest.mark.parametrize("is_guest", [True, False], ids=["guest", "account"])
def test_nothing_is_booked_before_the_code_is_right_and_an_account_is_asked_once(lot, is_guest):
    who = {"email": "guest@example.com"} if is_guest else {"driver": make_user()}
    for number in ("", "079 123 45 67"):
        with pytest.raises(DomainError) as refused:
            try_to_book(lot, number=number, **who)
        assert refused.value.errors[0].path == "phone"
    with pytest.raises(PhoneCodeNeededError, match="••••••••4567"):
        try_to_book(lot, **who)
    with pytest.raises(WrongPhoneCodeError):
        try_to_book(lot, "12345", **who)
    assert not Reservation.objects.exists()
    code = last_code()
    assert code not in PhoneCode.objects.get().digest

    booking = try_to_book(lot, f" {code[:3]} {code[3:]}", **who)

    assert (booking.phone, booking.status) == (PHONE, "pending" if is_guest else "confirmed")
    assert try_to_book(lot, at=NOW + 30 * MINUTE, plate="ZH 2", **who).phone == PHONE
    assert TextMessage.objects.count() == 1
    if is_guest:
        with pytest.raises(PhoneCodeNeededError):
            try_to_book(lot, at=NOW + 2 * HOUR, plate="ZH 3", **who)
    with pytest.raises(PhoneCodeNeededError):  # somebody else, who types the same number
        try_to_book(lot, email="other@example.com")


def test_a_code_works_five_times_and_ten_minutes_and_only_the_last_one(lot):
    who = {"email": "guest@example.com"}
    with pytest.raises(PhoneCodeNeededError):
        try_to_book(lot, **who)
    code = last_code()
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(5):
        with pytest.raises(WrongPhoneCodeError):
            try_to_book(lot, wrong, **who)
    with pytest.raises(WrongPhoneCodeError, match="doesn't work any more"):
        try_to_book(lot, code, **who)
    with pytest.raises(PhoneCodeNeededError):
        try_to_book(lot, **who)
    with pytest.raises(WrongPhoneCodeError, match="doesn't work any more"):
        try_to_book(lot, last_code(), at=NOW + 10 * MINUTE, **who)
    assert try_to_book(lot, last_code(), at=NOW + 9 * MINUTE, **who).phone == PHONE


def test_codes_are_limited_by_person_and_by_phone(lot):
    for number in range(5):
        with pytest.raises(PhoneCodeNeededError):
            try_to_book(lot, email=f"{number}@example.com")
    with pytest.raises(TooManyCodesError):
        try_to_book(lot, email="sixth@example.com")
    for number in range(4):
        with pytest.raises(PhoneCodeNeededError):
            try_to_book(lot, email="0@example.com", number=f"+4179000000{number}")
    with pytest.raises(TooManyCodesError):
        try_to_book(lot, email="0@example.com", number="+41790000009")
    with pytest.raises(PhoneCodeNeededError):
        try_to_book(lot, email="sixth@example.com", at=NOW + HOUR)


def test_texts_are_sent_once_refused_for_good_or_given_up_when_too_late(lot, settings):
    for number in (PHONE, "+99900123456", "+99901123456"):
        with pytest.raises(PhoneCodeNeededError):
            try_to_book(lot, email=f"{number}@example.com", number=number)

    assert [deliver_texts(at=NOW) for _ in range(2)] == [1, 0]
    assert list(TextMessage.objects.order_by("pk").values_list("state", flat=True)) == ["sent", "parked", "queued"]
    deliver_texts(at=NOW + 11 * MINUTE)
    busy = TextMessage.objects.order_by("pk").last()
    assert (busy.state, busy.error, busy.text) == (MessageState.PARKED, "The network is busy.", "")

    settings.TEXT_PROVIDER = ""
    with pytest.raises(NoTextsError):
        try_to_book(lot, email="last@example.com")


def test_where_the_lot_does_not_ask_a_number_is_only_kept():
    assert try_to_book(make_lot(), email="guest@example.com").phone == PHONE
    assert not PhoneCode.objects.exists()


def test_a_simulated_or_unknown_provider_is_reported_in_production(settings):
    assert check_text_provider(None) == []
    settings.PRODUCTION = True
    assert [one.id for one in check_text_provider(None)] == ["notifications.E002"]
    settings.TEXT_PROVIDER = "nowhere.Texts"
    assert [one.id for one in check_text_provider(None)] == ["notifications.E001"]


def test_texts_and_codes_are_deleted_when_they_are_of_no_use_any_more(lot):
    driver = make_user()
    for who in ({"driver": driver}, {"email": "guest@example.com"}):
        with pytest.raises(PhoneCodeNeededError):
            try_to_book(lot, **who)
        deliver_texts(at=NOW)
        try_to_book(lot, last_code(), plate=f"ZH {len(who)}{Reservation.objects.count()}", **who)
    with pytest.raises(PhoneCodeNeededError):
        try_to_book(lot, email="other@example.com")
    Lot.objects.update(kept_days={"texts": 9})

    def forget(days):
        before = PhoneCode.objects.count()
        end_clocks(at=NOW + days * DAY + MINUTE)
        return before - PhoneCode.objects.count()

    assert [forget(8), forget(9)] == [0, 2]
    assert PhoneCode.objects.get().person == f"driver {driver.pk}"
    assert [text.state for text in TextMessage.objects.all()] == ["queued"]  # the task that sends it gives it up
    assert try_to_book(lot, plate="ZH 9", driver=driver).phone == PHONE
    assert forget(180) == 1
