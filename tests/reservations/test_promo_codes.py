"""Promo codes of bookings: money equals what was previewed, and a use comes back with a booking that was none."""

import pytest

from billing.models import PromoUse
from billing.services import PayBy
from common.errors import DomainError
from reservations.offering import offer_booking, policy_of_booking
from reservations.services import (
    BookingChange,
    PaymentDeclinedError,
    cancel_booking,
    change_booking,
    lapse_unconfirmed,
    mark_no_shows,
)
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_promo_code, make_ticket
from tests.invariants import broken
from tests.reservations.bookings import HOUR, MINUTE, NOW, booked, reloaded, time
from tickets.fees import fee_of

pytestmark = pytest.mark.django_db(transaction=True)
OK, DECLINED = PayBy(token="tok_ok"), PayBy(token="tok_declined")


def lot_of(prepay="none", **fields):
    return make_lot(prepay=prepay, spots={"regular": 4}, **fields)


def standing() -> int:
    return PromoUse.objects.standing().count()


@pytest.mark.parametrize("prepay", ["none", "hold", "capture"])
def test_the_price_and_every_fee_are_those_of_the_preview(prepay):
    lot = lot_of(prepay)
    code = make_promo_code(lot.operator)
    offer = offer_booking(lot, "regular", time(24, 26), at=NOW, code=code)
    booking = booked(lot, pay_by=OK, promo_code="summer26")

    assert (offer.price.total, offer.price.lines[-1].label) == (300, "SUMMER-26: 50 % off")
    assert (booking.price_amount, policy_of_booking(booking)) == (300, offer.policy)
    assert offer.policy.late_cancel_fee == 150
    assert offer.policy.no_show_fee == 300
    charge = reloaded(booking).charge
    assert (charge.due_amount, charge.lines[-1]["amount"]) == (300, -300) if charge else prepay == "none"
    assert standing() == 1
    assert broken() == []


def test_what_is_paid_at_the_exit_has_its_line():
    lot = lot_of()
    make_promo_code(lot.operator)
    booking = booked(lot, promo_code="SUMMER-26")
    ticket = make_ticket(lot, "ZH 1", booking.starts_at, reservation=booking)

    fee = fee_of(ticket, booking.ends_at)
    assert (fee.owed, fee.lines[-1]["label"], fee.lines[-1]["amount"]) == (300, "SUMMER-26: 50 % off", -300)
    assert fee_of(ticket, booking.ends_at + 2 * HOUR).owed == 900  # the time beyond is not lowered


def test_a_change_keeps_the_code():
    lot = lot_of()
    make_promo_code(lot.operator)
    booking = booked(lot, promo_code="SUMMER-26")
    changed = change_booking(booking=booking, change=BookingChange(end=booking.ends_at + HOUR), at=NOW).booking

    assert changed.price_amount == 450


def test_a_declined_card_gives_the_use_back():
    lot = lot_of("capture")
    make_promo_code(lot.operator, max_uses=1)
    with pytest.raises(PaymentDeclinedError):
        booked(lot, pay_by=DECLINED, promo_code="SUMMER-26")

    assert standing() == 0
    assert booked(lot, pay_by=OK, promo_code="SUMMER-26").price_amount == 300
    assert broken() == []


def test_a_booking_that_lapses_or_is_cancelled_for_nothing_gives_the_use_back():
    lot = lot_of()
    make_promo_code(lot.operator)
    booked(lot, email="guest@example.com", promo_code="SUMMER-26")
    cancel_booking(booking=booked(lot, plate="ZH 2", promo_code="SUMMER-26"), at=NOW)
    assert standing() == 1
    lapse_unconfirmed(at=NOW + 11 * MINUTE)

    assert standing() == 0
    assert broken() == []


def test_what_costs_something_keeps_the_use():
    lot = lot_of()
    make_promo_code(lot.operator)
    late = cancel_booking(booking=booked(lot, promo_code="SUMMER-26"), at=NOW + 24 * HOUR - MINUTE)
    missed = booked(lot, plate="ZH 2", promo_code="SUMMER-26")
    mark_no_shows(at=NOW + 25 * HOUR)

    assert (late.fee_amount, reloaded(missed).fee_amount, standing()) == (150, 300, 2)


@pytest.mark.parametrize("fields", [{"max_uses": 1}, {"max_uses_per_person": 1}])
def test_no_more_uses_than_there_are(fields):
    lot = lot_of()
    make_promo_code(lot.operator, **fields)
    booked(lot, promo_code="SUMMER-26")

    with pytest.raises(DomainError) as refused:
        booked(lot, start=30, end=31, promo_code="summer 26")
    assert (refused.value.code, refused.value.errors[0].path) == ("promo_code_used_up", "promo_code")


def test_one_of_many_books_with_the_last_use():
    lot = make_lot(spots={"regular": 16})
    make_promo_code(lot.operator, max_uses=1)

    results = codes_at_once([lambda n=n: booked(lot, plate=f"ZH {n}", promo_code="SUMMER-26") for n in range(16)])
    assert sorted(map(str, results)).count("promo_code_used_up") == 15
    assert standing() == 1
