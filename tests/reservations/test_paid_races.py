"""What can happen to one prepaid booking at the same moment: money moves once, and it is booked or not."""

import datetime as dt

import pytest
from django.utils.timezone import now

from billing.models import Payment, SimulatedCardPayment
from billing.providers.simulated import answer_page
from billing.services import PayBy, look_at_payment
from billing.tasks import conclude_payments, settle_holds
from lots.models import Lot
from reservations.booked_time import BookedTime
from reservations.models import Reservation
from reservations.services import (
    BookingChange,
    BookingWish,
    book,
    cancel_booking,
    change_booking,
    conclude_booking,
    conclude_pending,
    settle_over,
)
from reservations.services.settling import due_of
from tests.at_once import codes_at_once
from tests.factories import make_lot, make_user
from verification import INVARIANTS, prove

pytestmark = pytest.mark.django_db(transaction=True)
BOTH = pytest.mark.parametrize("prepay", ["hold", "capture"])
HOUR = dt.timedelta(hours=1)
OK = PayBy(token="tok_ok")


def booked(lot: Lot, **who) -> Reservation:
    start = now().replace(microsecond=0) + 24 * HOUR
    wish = BookingWish(time=BookedTime(start, start + 2 * HOUR), plate="ZH 1")
    return book(lot=lot, wish=wish, at=now(), **{"driver": make_user(), "pay_by": OK} | who)


def recover(minutes: int) -> None:
    later = now() + dt.timedelta(minutes=minutes)
    for _ in range(2):
        conclude_payments()
        conclude_pending(at=later)
        settle_over(at=later)
        settle_holds()


def check() -> Reservation:
    """What the bank took and holds is what the booking costs; return it."""
    booking = Reservation.objects.select_related("charge").get()
    cards = SimulatedCardPayment.objects.exclude(reference__startswith="refund-")
    kept = sum(card.approved_amount - card.refunded_amount + card.held_amount for card in cards)
    assert kept == due_of(booking) == booking.charge.due_amount
    assert [proof.rows for proof in prove([one for one in INVARIANTS if one.number in {1, 5}]) if not proof.holds] == []
    return booking


@BOTH
def test_same_request_many_times_at_once_pays_once(prepay):
    lot, driver, start = make_lot(prepay=prepay), make_user(), now().replace(microsecond=0) + 24 * HOUR
    wish = BookingWish(time=BookedTime(start, start + 2 * HOUR), plate="ZH 1")

    def call() -> Reservation:
        return book(lot=lot, wish=wish, driver=driver, at=now(), idempotency_key="a key", pay_by=OK)

    results = codes_at_once([call] * 8)

    assert {one for one in results if isinstance(one, str)} <= {"payment_running"}
    assert Payment.objects.count() == 1
    assert check().status == "confirmed"


@BOTH
def test_payer_who_agrees_when_the_booking_lapses_has_it_or_the_money(prepay):
    lot = make_lot(prepay=prepay)
    booking = booked(lot, pay_by=PayBy(token="tok_3ds", return_url="/back/"))
    payment = booking.charge.payments.get()
    late = now() + dt.timedelta(minutes=11)
    Payment.objects.update(page_until=now())

    def agrees() -> None:
        answer_page(payment.idempotency_key, "yes")
        look_at_payment(payment=payment, at=late)
        conclude_booking(booking=booking, at=late)

    codes_at_once([agrees, lambda: conclude_pending(at=late), lambda: conclude_pending(at=late)])
    recover(12)

    assert check().status in {"confirmed", "lapsed"}


@BOTH
def test_booking_that_is_cancelled_while_more_is_paid_keeps_no_money(prepay):
    lot = make_lot(prepay=prepay)
    booking = booked(lot)
    longer = BookingChange(end=booking.ends_at + HOUR)

    results = codes_at_once(
        [
            lambda: change_booking(booking=booking, change=longer, at=now(), pay_by=OK),
            lambda: cancel_booking(booking=booking, at=now()),
        ]
    )
    recover(12)

    assert not isinstance(results[1], str)
    assert check().status == "cancelled"


@BOTH
def test_cancelling_many_times_at_once_gives_back_once(prepay):
    lot = make_lot(prepay=prepay)
    booking = booked(lot)
    codes_at_once([lambda: cancel_booking(booking=booking, at=booking.starts_at)] * 6)
    assert check().fee_amount == 300
