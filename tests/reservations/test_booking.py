"""Booking: who gets which place, at which price, and what is refused."""

import datetime as dt
from contextlib import nullcontext

import pytest
from django.db import IntegrityError

from billing.quoting import NoTariffError
from common.errors import DomainError, InvalidValueError
from common.plates import PlateError
from lots.calendar import zone_of
from lots.models import Lot, Spot
from reservations.booked_time import BookedTime, InvalidPeriodError
from reservations.limits import AlreadyBookedError, BookingBlockedError, BookingLimitError
from reservations.models import Reservation
from reservations.offering import offer_booking, policy_of_booking
from reservations.services import (
    BookingKeyUsedError,
    BookingWish,
    NoAvailabilityError,
    NotBookableError,
    book,
    cancel_booking,
    confirm_address,
    lapse_unconfirmed,
)
from tests.factories import (
    make_blocked_plate,
    make_lot,
    make_permit,
    make_reservation,
    make_tariff,
    make_ticket,
    make_user,
)
from tests.invariants import broken
from tests.reservations.bookings import DAY, HOUR, MINUTE, NOW, booked, reloaded, time, wish

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("tracking", ["spots", "levels"])


@pytest.fixture
def lot():
    return make_lot(spots={"regular": 2})


def available(lot: Lot, start: float, end: float, spot_type: str = "regular") -> int:
    return offer_booking(lot, spot_type, time(start, end), at=NOW).available


def path_of(refusal: pytest.ExceptionInfo[DomainError]) -> str:
    return refusal.value.errors[0].path


@BOTH
def test_booking_has_a_place_a_code_and_the_price_and_policy_that_were_offered(tracking):
    lot = make_lot(spots={"regular": 2}, tracking=tracking)
    offer = offer_booking(lot, "regular", time(24, 26), at=NOW)

    booking = reloaded(booked(lot, plate="zh 12-34"))

    assert (booking.status, booking.plate, booking.plate_normalised) == ("confirmed", "ZH 12-34", "ZH1234")
    assert (booking.spot_id is None, booking.place) == ((False, None) if tracking == "spots" else (True, 1))
    assert (booking.price_amount, offer.price.total, offer.currency) == (600, 600, "CHF")
    assert policy_of_booking(booking) == offer.policy
    assert booking.code.startswith("BK-")
    assert len(booking.token) == 22
    assert booking.charge is None
    assert broken() == []


@BOTH
def test_places_of_a_type_are_promised_once_each_with_the_turnaround_between(tracking):
    lot = make_lot(spots={"regular": 2, "large": 1}, tracking=tracking)
    assert available(lot, 24, 26) == 2
    for number in range(2):
        booked(lot, plate=f"ZH {number}")

    assert (available(lot, 24, 26), available(lot, 24, 26, "large")) == (0, 1)
    for start, end in ((24, 26), (25, 27), (22, 24), (26, 28), (23.8, 24.2)):
        with pytest.raises(NoAvailabilityError) as refusal:
            booked(lot, start, end, "GE 1")
        assert (path_of(refusal), refusal.value.status) == ("start", 409)
    booked(lot, 26.25, 28, "GE 1")
    booked(lot, 20, 23.75, "GE 1")
    assert broken() == []


@BOTH
def test_share_of_a_lot_limits_what_is_promised_at_one_instant(tracking):
    lot = make_lot(spots={"regular": 5}, tracking=tracking, booking_share_percent={"regular": 40})
    booked(lot, plate="ZH 1")
    booked(lot, plate="ZH 2")

    assert available(lot, 24, 26) == 0
    with pytest.raises(NoAvailabilityError):
        booked(lot, plate="ZH 3")
    booked(lot, 30, 31, "ZH 3")


@BOTH
def test_cars_inside_without_a_booking_leave_no_place_to_promise_soon(tracking):
    lot = make_lot(spots={"regular": 2}, tracking=tracking)
    for number in range(2):
        make_ticket(lot, f"ZH 9{number}", NOW - HOUR)

    assert available(lot, 2.9, 4) == 0
    assert available(lot, 3.1, 4) == 2  # beyond `protect_minutes` walk-ins leave room for what is promised


@BOTH
def test_place_of_a_booked_car_inside_is_free_when_its_time_is_over(tracking):
    lot = make_lot(spots={"regular": 1}, tracking=tracking)
    spot = lot.spots.first()
    parked = make_reservation(lot, "ZH 9", NOW - HOUR, NOW + HOUR, spot=spot, status="active")
    make_ticket(lot, "ZH 9", NOW - HOUR, reservation=parked)

    assert available(lot, 0.5, 2) == 0
    assert available(lot, 1.25, 2) == 1


def test_spot_in_maintenance_or_seen_as_taken_is_not_promised_and_none_is_kept_for_its_booking(lot):
    first, second = lot.spots.all()
    Spot.objects.filter(pk=first.pk).update(maintenance=True)
    assert booked(lot).spot_id == second.pk
    Spot.objects.filter(pk=first.pk).update(maintenance=False, observed_occupied=True)

    assert available(lot, 1, 2) == 1
    assert available(lot, 4, 5) == 2


def test_particular_spot_is_booked_and_stays_asked_for(lot):
    wanted = lot.spots.last()
    booking = booked(lot, spot=wanted.number)

    assert (booking.spot_id, booking.asked_for) == (wanted.pk, True)
    with pytest.raises(NoAvailabilityError) as refusal:
        booked(lot, plate="ZH 2", spot=wanted.number)
    assert path_of(refusal) == "spot"


def test_spot_in_maintenance_of_another_lot_of_another_type_or_unknown_is_refused(lot):
    lot.spots.filter(number="R0-1").update(maintenance=True)
    other = make_lot(spots={"large": 1})
    with pytest.raises(NoAvailabilityError):
        booked(lot, spot="R0-1")
    for spot, spot_type in ((other.spots.get().number, "large"), ("R0-2", "large"), ("nowhere", "regular")):
        with pytest.raises(InvalidValueError) as refusal:
            booked(lot, spot=spot, spot_type=spot_type)
        assert path_of(refusal) == "spot"
    counted = make_lot(tracking="levels")
    with pytest.raises(InvalidValueError):
        booked(counted, spot="R0-1")


@pytest.mark.parametrize(
    ("vehicle_type", "spot_type", "fits"),
    [
        ("motorcycle", "compact", True),
        ("compact", "large", True),
        ("regular", "ev", True),
        ("large", "large", True),
        ("regular", "compact", False),
        ("large", "regular", False),
        ("large", "ev", False),
        ("regular", "handicap", False),
    ],
)
def test_vehicle_books_only_what_it_fits_into(vehicle_type, spot_type, fits):
    lot = make_lot(spots=dict.fromkeys(("compact", "regular", "large", "motorcycle", "handicap", "ev"), 1))
    with nullcontext() if fits else pytest.raises(InvalidValueError):
        booked(lot, vehicle_type=vehicle_type, spot_type=spot_type)


def test_accessible_spot_needs_a_permit_on_file_for_all_the_time():
    lot = make_lot(spots={"handicap": 1})
    permit = make_permit(lot.operator, "ZH 1", valid_until=(NOW + DAY).date())
    booked(lot, 20, 24, spot_type="handicap")

    with pytest.raises(InvalidValueError):
        booked(lot, 25, 60, spot_type="handicap")
    permit.delete()
    with pytest.raises(InvalidValueError):
        booked(lot, 25, 26, spot_type="handicap")


def test_same_key_gives_the_first_booking_and_another_wish_is_refused(lot):
    driver = make_user()
    first = booked(lot, driver=driver, idempotency_key="a key")
    Lot.objects.filter(pk=lot.pk).update(bookable=False)

    assert booked(lot, driver=driver, idempotency_key="a key") == first
    for other in ({"end": 27}, {"plate": "ZH 2"}, {"driver": make_user()}):
        with pytest.raises(BookingKeyUsedError) as refusal:
            booked(lot, **{"driver": driver, "idempotency_key": "a key"} | other)
        assert refusal.value.code == "idempotency_key_reused"
    assert Reservation.objects.count() == 1


def test_lot_that_is_not_bookable_or_archived_is_refused_but_not_to_its_operator(lot):
    clerk = make_user("attendant", lot.operator)
    Lot.objects.filter(pk=lot.pk).update(bookable=False)
    with pytest.raises(NotBookableError):
        booked(lot)
    booking = booked(lot, booked_by=clerk)
    assert (booking.driver, booking.email, booking.booked_by, booking.status) == (None, "", clerk, "confirmed")


def test_impossible_times_and_plates_are_refused(lot):
    with pytest.raises(InvalidPeriodError):
        booked(lot, -1, 1)
    with pytest.raises(InvalidValueError) as refusal:
        booked(lot, plate="---")
    assert path_of(refusal) == "plate"
    with pytest.raises(PlateError):
        booked(lot, plate="A" * 16)
    with pytest.raises(InvalidValueError) as refusal:
        book(lot=lot, wish=wish(), at=NOW)
    assert path_of(refusal) == "email"


def test_booking_needs_prices_for_its_day_and_keeps_the_tariff_it_was_booked_by(lot):
    lot.tariffs.update(valid_until=(NOW + DAY).date())
    with pytest.raises(NoTariffError):
        booked(lot, 48, 50)
    booking = booked(lot)
    lot.tariffs.update(superseded_at=NOW)
    make_tariff(lot, booking.tariff.rules | {"plans": []})

    assert policy_of_booking(reloaded(booking)).no_show_fee == 600


def test_sixth_live_booking_is_refused_by_account_address_and_plate():
    lot, driver = make_lot(spots={"regular": 20}), make_user()
    for number in range(5):
        booked(lot, 24 + 3 * number, 26 + 3 * number, "ZH 1", driver=driver)

    for who, plate, path in (
        ({"driver": driver}, "ZH 2", "driver"),
        ({"email": driver.email.upper()}, "ZH 2", "email"),
        ({"driver": make_user()}, "ZH-1", "plate"),
    ):
        with pytest.raises(BookingLimitError) as refusal:
            booked(lot, 60, 61, plate, **who)
        assert (path_of(refusal), refusal.value.status) == (path, 409)
    booked(lot, 60, 61, "ZH 1", booked_by=make_user("attendant", lot.operator))
    cancel_booking(booking=Reservation.objects.earliest("pk"), at=NOW)
    booked(lot, 63, 64, "ZH 2", driver=driver)


def test_three_no_shows_block_the_account_the_address_and_the_plate(lot):
    driver = make_user()
    for days in (1, 40, 89):
        missed = NOW - days * DAY
        plates = {"driver": driver, "email": driver.email, "status": "no_show", "missed_at": missed}
        make_reservation(lot, "ZH 1", missed, missed + HOUR, **plates)

    for who in ({"driver": driver, "plate": "ZH 2"}, {"email": driver.email, "plate": "ZH 2"}, {"plate": "ZH 1"}):
        with pytest.raises(BookingBlockedError) as refusal:
            booked(lot, **who)
        assert refusal.value.status == 403
    booked(lot, plate="ZH 2", at=NOW)
    booked(lot, 30 * 24, 30 * 24 + 1, driver=driver, at=NOW + 29 * DAY)


def test_blocked_plate_is_not_booked(lot):
    make_blocked_plate(lot.operator, "ZH 1")
    with pytest.raises(BookingBlockedError) as refusal:
        booked(lot)
    assert path_of(refusal) == "plate"
    booked(make_lot(), plate="ZH 1")


def test_one_plate_has_one_booking_at_a_time_in_a_lot_but_may_have_another_elsewhere(lot):
    driver = make_user()
    booked(lot, driver=driver)
    with pytest.raises(AlreadyBookedError):
        booked(lot, 25, 27, driver=driver)
    booked(lot, 26, 27, driver=driver)
    booked(make_lot(), driver=driver)


def test_nobody_is_told_that_somebody_else_has_booked_a_plate():
    lot = make_lot(spots={"regular": 5})
    booked(lot, plate="ZH 1")
    booked(lot, plate="ZH 1", driver=make_user())
    booked(lot, plate="ZH 1", email="guest@example.com")
    with pytest.raises(AlreadyBookedError):
        booked(lot, plate="ZH 1", email="Guest@example.com")
    with pytest.raises(AlreadyBookedError):
        booked(lot, plate="ZH 1", booked_by=make_user("attendant", lot.operator))


def test_booking_of_a_guest_keeps_its_place_until_the_address_is_confirmed_or_ten_minutes_are_over(lot):
    confirmed = booked(lot, email="Guest@example.com")
    lapsing = booked(lot, email="other@example.com", plate="ZH 2")
    assert (confirmed.status, confirmed.email, available(lot, 24, 26)) == ("pending", "guest@example.com", 0)

    confirm_address(booking=confirmed, at=NOW + MINUTE)
    assert lapse_unconfirmed(at=NOW + 9 * MINUTE) == 0
    assert (lapse_unconfirmed(at=NOW + 10 * MINUTE), lapse_unconfirmed(at=NOW + HOUR)) == (1, 0)

    assert (reloaded(confirmed).status, reloaded(lapsing).status) == ("confirmed", "lapsed")
    assert available(lot, 24, 26) == 1
    assert confirm_address(booking=confirmed, at=NOW + HOUR).email_confirmed_at == NOW + MINUTE
    with pytest.raises(DomainError) as refusal:
        confirm_address(booking=lapsing, at=NOW + HOUR)
    assert refusal.value.code == "booking_state"


@pytest.mark.parametrize(("day", "hours"), [((3, 29), 23), ((10, 25), 25)], ids=["spring", "autumn"])
def test_day_on_which_the_clock_changes_is_booked_and_priced_by_elapsed_time(lot, day, hours):
    start = dt.datetime(2026, *day, tzinfo=zone_of(lot)).astimezone(dt.UTC)
    whole = BookedTime(start, start + hours * HOUR)
    assert whole.end.astimezone(zone_of(lot)).hour == 0

    booking = book(lot=lot, wish=BookingWish(time=whole, plate="ZH 1"), driver=make_user(), at=start - DAY)

    assert booking.price_amount == hours * 300


@pytest.mark.parametrize(
    "settings",
    [
        {"prepay": "later"},
        {"late_cancel_percent": 101},
        {"no_show_percent": 101},
        {"booking_share_percent": {"regular": 101}},
        {"booking_share_percent": {"regular": -1}},
        {"booking_share_percent": {"regular": 1.5}},
        {"booking_share_percent": {"regular": "1"}},
        {"booking_share_percent": [40]},
    ],
)
def test_database_refuses_settings_that_no_lot_can_have(lot, settings):
    with pytest.raises(IntegrityError):
        Lot.objects.filter(pk=lot.pk).update(**settings)
