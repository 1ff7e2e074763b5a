"""Prepaid bookings survive kills: whatever step is the last one, a place is booked and paid, or neither."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import User
from billing.models import Payment, PaymentState, Refund, SimulatedCardPayment
from billing.services import PayBy
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
    complete_reservation,
    conclude_pending,
    settle_over,
)
from reservations.services.settling import due_of
from tests.billing.killing import killed_at_step
from tests.factories import make_lot, make_user
from verification import money_invariants, place_invariants, prove, snapshot

pytestmark = pytest.mark.django_db(transaction=True)

Scenario = Callable[[Lot, User], None]
HOUR = dt.timedelta(hours=1)
LATER = dt.timedelta(minutes=11)
MOST_STEPS = 80
LONG = pytest.mark.proof


def booked(lot: Lot, driver: User) -> Reservation:
    """Book for tomorrow at a full hour, by a key of the driver."""
    start = now().replace(minute=0, second=0, microsecond=0) + 24 * HOUR
    wish = BookingWish(time=BookedTime(start, start + 2 * HOUR), plate=f"ZH {driver.pk}")
    return book(
        lot=lot, wish=wish, driver=driver, at=now(), idempotency_key=f"{driver.pk}", pay_by=PayBy(token="tok_ok")
    )


def stayed_longer(lot: Lot, driver: User) -> None:
    booking = booked(lot, driver)
    change = BookingChange(end=booking.ends_at + HOUR)
    change_booking(booking=booking, change=change, at=now(), pay_by=PayBy(token="tok_ok"))


def stayed_shorter(lot: Lot, driver: User) -> None:
    booking = booked(lot, driver)
    change_booking(booking=booking, change=BookingChange(end=booking.ends_at - HOUR), at=now())


def cancelled(lot: Lot, driver: User) -> None:
    cancel_booking(booking=booked(lot, driver), at=now())


def cancelled_late(lot: Lot, driver: User) -> None:
    booking = booked(lot, driver)
    cancel_booking(booking=booking, at=booking.starts_at)


def left(lot: Lot, driver: User) -> None:
    complete_reservation(reservation_id=booked(lot, driver).pk)
    settle_over(at=now())


SCENARIOS = {
    "hold": (stayed_longer, left),
    "capture": (stayed_longer, cancelled_late),
}
MORE_SCENARIOS = {
    "hold": (stayed_shorter, cancelled, cancelled_late),
    "capture": (stayed_shorter, cancelled, left),
}


def recover() -> None:
    """Let the tasks run until they find nothing, as minutes later."""
    later = now() + LATER
    Payment.objects.filter(state=PaymentState.PENDING).update(created_at=now() - LATER)
    for _ in range(3):
        Refund.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=now())
        conclude_payments()
        conclude_pending(at=later)
        settle_over(at=later)
        settle_holds()


def check(driver: User, where: object) -> str:
    """What the bank took and holds is what the booking costs, to the cent; return the status."""
    booking = Reservation.objects.select_related("charge").filter(driver=driver).first()
    name = f"booking-{booking.pk if booking else 0}"
    cards = SimulatedCardPayment.objects.filter(Q(reference=name) | Q(reference__startswith=f"{name}-"))
    taken = sum(card.approved_amount - card.refunded_amount for card in cards)
    held = sum(card.held_amount for card in cards)
    with snapshot():
        invariants = (*money_invariants.INVARIANTS, *place_invariants.INVARIANTS)
        assert [proof.rows for proof in prove(invariants) if not proof.holds] == [], where
    if booking is None:
        assert not cards, where
        return "nothing"
    assert booking.status in {"confirmed", "lapsed", "cancelled", "completed"}, where
    assert booking.unsettled_since is None, where
    # Of a hold that is larger than needed the rest is let go at the end.
    smallest = min((card.held_amount for card in cards if card.held_amount), default=1)
    assert 0 <= taken + held - due_of(booking) < smallest, (where, taken, held)
    assert booking.charge.due_amount == due_of(booking), where
    assert not held or booking.status == "confirmed", where
    return booking.status


def each(scenarios: dict[str, tuple[Scenario, ...]], *marks: pytest.MarkDecorator) -> Iterator[object]:
    for prepay, acts in scenarios.items():
        yield from (pytest.param(prepay, act, marks=marks, id=f"{act.__name__} {prepay}") for act in acts)


@pytest.mark.parametrize(("prepay", "act"), [*each(SCENARIOS), *each(MORE_SCENARIOS, LONG)])
def test_a_kill_between_every_two_steps_leaves_a_place_and_its_price_or_neither(prepay, act):
    lot, seen = make_lot(spots={"regular": MOST_STEPS}, prepay=prepay, no_show_percent=50), set()
    for step in range(1, MOST_STEPS):
        driver = make_user()
        ended = not killed_at_step(lambda driver=driver: act(lot, driver), step)
        recover()
        seen.add(check(driver, (prepay, step)))
        if ended:
            assert {"nothing", "lapsed", "confirmed"} <= seen
            return
    pytest.fail("more steps than expected")


@pytest.mark.parametrize("prepay", ["hold", pytest.param("capture", marks=LONG)])
def test_the_same_request_goes_on_where_a_kill_stopped_it(prepay):
    lot = make_lot(spots={"regular": MOST_STEPS}, prepay=prepay)
    for step in range(1, MOST_STEPS):
        driver = make_user()
        ended = not killed_at_step(lambda driver=driver: stayed_longer(lot, driver), step)
        Payment.objects.filter(state=PaymentState.PENDING).update(created_at=now() - LATER)
        stayed_longer_again(lot, driver)
        assert check(driver, step) == "confirmed"
        assert (
            Payment.objects.filter(charge__in=Reservation.objects.filter(driver=driver).values("charge")).count() == 2
        )
        if ended:
            return
    pytest.fail("more steps than expected")


def stayed_longer_again(lot: Lot, driver: User) -> None:
    """The same requests again, as the page sends them: the end is that of the first time."""
    booking = booked(lot, driver)
    end = booking.starts_at + 3 * HOUR
    change_booking(booking=booking, change=BookingChange(end=end), at=now(), pay_by=PayBy(token="tok_ok"))
