"""Bookings that are held or paid on a card when booked, and what becomes of the money."""

import pytest

from billing.models import Debt, Payment, PaymentState, SimulatedCardPayment
from billing.providers import ProviderTimeoutError
from billing.providers.simulated import SimulatedProvider, answer_page
from billing.services import PayBy, look_at_payment
from billing.tasks import conclude_payments, settle_holds
from lots.models import Lot
from reservations.limits import BookingBlockedError
from reservations.models import Reservation
from reservations.offering import offer_booking, policy_of_booking
from reservations.services import (
    BookingChange,
    BookingStateError,
    NoAvailabilityError,
    PaymentDeclinedError,
    cancel_booking,
    change_booking,
    complete_reservation,
    conclude_booking,
    conclude_pending,
    mark_no_shows,
    settle_over,
)
from tests.factories import make_blocked_plate, make_lot, make_saved_method, make_user
from tests.invariants import broken
from tests.reservations.bookings import HOUR, MINUTE, booked, reloaded
from tests.reservations.bookings import NOW as MONDAY

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("prepay", ["hold", "capture"])
OK, DECLINED = PayBy(token="tok_ok"), PayBy(token="tok_declined")


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    for module in ("services.payments.by_provider", "services.payments.holds", "services.refunds.returning"):
        monkeypatch.setattr(f"billing.{module}.PROVIDER_SECONDS", 0.02)


def lot_of(prepay: str, **fields) -> Lot:
    return make_lot(**{"prepay": prepay, "spots": {"regular": 1}} | fields)


def money(booking: Reservation) -> tuple[int, int, int, int]:
    """What the charge asks for, what was captured, given back, and is held."""
    charge = reloaded(booking).charge
    held = Payment.objects.filter(charge=charge, state=PaymentState.AUTHORISED)
    return (
        charge.due_amount,
        charge.captured_amount,
        charge.refunded_amount,
        sum(one.authorised_amount for one in held),
    )


def at_the_bank() -> list[tuple[int, int, int]]:
    """What the acquirer's own books say of each payment: taken, held, given back."""
    rows = SimulatedCardPayment.objects.exclude(reference__startswith="refund-").order_by("pk")
    return [(row.approved_amount, row.held_amount, row.refunded_amount) for row in rows]


def free(lot: Lot) -> int:
    from tests.reservations.bookings import time

    return offer_booking(lot, "regular", time(24, 26), at=MONDAY).available


def test_price_is_held_and_captured_when_the_car_has_left():
    booking = booked(lot_of("hold"), pay_by=OK)
    assert (booking.status, money(booking)) == ("confirmed", (600, 0, 0, 600))

    Reservation.objects.update(status="active")
    complete_reservation(reservation_id=booking.pk)
    assert settle_over(at=MONDAY + 25 * HOUR) == 1

    assert money(booking) == (600, 600, 0, 0)
    assert at_the_bank() == [(600, 0, 0)]
    assert settle_over(at=MONDAY + 26 * HOUR) == 0
    assert broken() == []


def test_hold_of_a_car_that_stays_is_captured_at_the_end():
    booking = booked(lot_of("hold"), pay_by=OK)
    Reservation.objects.update(status="active")
    assert settle_over(at=MONDAY + 26 * HOUR - MINUTE) == 0
    assert settle_over(at=MONDAY + 26 * HOUR) == 1
    assert money(booking) == (600, 600, 0, 0)


def test_price_is_taken_when_booked_and_a_hold_only_where_it_lasts_to_the_end():
    assert money(booked(lot_of("capture"), pay_by=OK)) == (600, 600, 0, 0)
    six_days = booked(lot_of("hold"), 143, 144, pay_by=OK)
    later = booked(lot_of("hold"), 143, 144.25, pay_by=OK)
    assert (six_days.prepay, later.prepay) == ("hold", "capture")
    assert money(later) == (600, 600, 0, 0)


@BOTH
def test_saved_card_pays(prepay):
    driver = make_user()
    by = PayBy(saved_method=make_saved_method(driver))
    assert booked(lot_of(prepay), driver=driver, pay_by=by).status == "confirmed"


@BOTH
@pytest.mark.parametrize("token", ["tok_declined", "tok_partial_400", "tok_unavailable", "tok_timeout"])
def test_card_that_does_not_pay_all_of_it_leaves_nothing_booked(prepay, token):
    lot, driver = lot_of(prepay), make_user()
    for _ in range(2):
        with pytest.raises(PaymentDeclinedError) as refusal:
            booked(lot, driver=driver, idempotency_key="a key", pay_by=PayBy(token=token))
        assert (refusal.value.status, refusal.value.code) == (402, "payment_declined")

    booking = Reservation.objects.get()
    assert (booking.status, free(lot)) == ("lapsed", 1)
    due, captured, refunded, held = money(booking)
    assert (due, captured - refunded, held) == (0, 0, 0)
    assert all(taken == back and not kept for taken, kept, back in at_the_bank())
    assert Debt.objects.count() == 0
    assert booked(lot, driver=driver, idempotency_key="another", pay_by=OK).status == "confirmed"
    assert broken() == []


@BOTH
def test_same_key_again_pays_once(prepay):
    lot, driver = lot_of(prepay), make_user()
    bookings = {booked(lot, driver=driver, idempotency_key="a key", pay_by=OK).pk for _ in range(3)}
    assert len(bookings) == Payment.objects.count() == 1


@BOTH
def test_payer_who_has_to_act_on_a_page_keeps_the_place_and_has_it_when_they_agree(prepay):
    lot = lot_of(prepay)
    booking = booked(lot, pay_by=PayBy(token="tok_3ds", return_url="/back/"))
    payment = booking.charge.payments.get()
    assert (booking.status, bool(payment.page_url), free(lot)) == ("pending", True, 0)
    assert conclude_pending(at=MONDAY + 9 * MINUTE) == 0

    answer_page(payment.idempotency_key, "yes")
    look_at_payment(payment=payment, at=MONDAY + 9 * MINUTE)
    assert conclude_booking(booking=booking, at=MONDAY + 9 * MINUTE).status == "confirmed"
    assert broken() == []


@BOTH
def test_booking_lapses_when_the_payer_leaves_the_page_and_what_comes_later_goes_back(prepay):
    lot = lot_of(prepay)
    booking = booked(lot, pay_by=PayBy(token="tok_3ds", return_url="/back/"))
    payment = booking.charge.payments.get()
    Payment.objects.update(page_until=MONDAY + 10 * MINUTE)

    assert conclude_pending(at=MONDAY + 10 * MINUTE) == 1
    assert (reloaded(booking).status, free(lot)) == ("lapsed", 1)

    answer_page(payment.idempotency_key, "yes")
    look_at_payment(payment=payment, at=MONDAY + 11 * MINUTE)
    settle_over(at=MONDAY + 11 * MINUTE)
    conclude_payments()
    settle_holds()
    assert all(taken == back and not kept for taken, kept, back in at_the_bank())
    assert (reloaded(booking).status, money(booking)[3]) == ("lapsed", 0)
    assert broken() == []


@BOTH
def test_payer_who_goes_back_from_the_page_frees_the_place_at_once(prepay):
    lot = lot_of(prepay)
    booking = booked(lot, pay_by=PayBy(token="tok_3ds", return_url="/back/"))
    for _ in range(2):
        assert cancel_booking(booking=booking, at=MONDAY).status == "lapsed"
    assert (free(lot), money(booking)) == (1, (0, 0, 0, 0))


@BOTH
def test_card_that_answers_late_confirms_the_booking_while_it_is_pending(prepay, monkeypatch):
    def silent(*_args, **_kwargs):
        raise ProviderTimeoutError

    lot = lot_of(prepay)
    with monkeypatch.context() as away:
        away.setattr(SimulatedProvider, "conclude", silent)
        booking = booked(lot, pay_by=PayBy(token="tok_answer_lost"))
        assert (booking.status, conclude_pending(at=MONDAY + MINUTE)) == ("pending", 0)

    monkeypatch.setattr("billing.tasks.now", lambda: MONDAY + 2 * MINUTE)
    conclude_payments()
    assert conclude_pending(at=MONDAY + 2 * MINUTE) == 1
    assert reloaded(booking).status == "confirmed"


def test_booking_that_was_cut_off_before_its_payment_lapses(monkeypatch):
    lot = lot_of("hold")
    with monkeypatch.context() as cut:
        cut.setattr("reservations.services.paying.charge_card", lambda *_args, **_kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            booked(lot, pay_by=OK)
    assert [conclude_pending(at=MONDAY + minutes * MINUTE) for minutes in (1, 2, 3)] == [0, 1, 0]
    assert (Reservation.objects.get().status, free(lot)) == ("lapsed", 1)


@BOTH
def test_cancelling_in_time_gives_all_back_and_later_keeps_the_fee_that_was_shown(prepay):
    lot = lot_of(prepay, spots={"regular": 2})
    early, late = booked(lot, pay_by=OK), booked(lot, plate="ZH 2", pay_by=OK)
    shown = policy_of_booking(reloaded(late))

    for _ in range(2):
        cancel_booking(booking=early, at=MONDAY + 23 * HOUR)
        cancel_booking(booking=late, at=MONDAY + 23 * HOUR + MINUTE)

    assert at_the_bank() == ([(0, 0, 0), (300, 0, 0)] if prepay == "hold" else [(600, 0, 600), (600, 0, 300)])
    for booking, fee in ((early, 0), (late, shown.late_cancel_fee)):
        due, captured, refunded, held = money(booking)
        assert (due, captured - refunded, held) == (fee, fee, 0)
    assert reloaded(late).fee_amount == 300
    assert Debt.objects.count() == 0
    assert broken() == []


@BOTH
def test_no_show_costs_its_percentage_and_the_rest_goes_back(prepay):
    lot = lot_of(prepay, no_show_percent=80)
    booking = booked(lot, pay_by=OK)

    assert mark_no_shows(at=MONDAY + 25 * HOUR) == 1

    due, captured, refunded, held = money(booking)
    assert (due, captured - refunded, held) == (480, 480, 0)
    assert Debt.objects.count() == 0
    assert broken() == []


@BOTH
def test_staying_longer_is_a_second_payment_of_the_same_kind(prepay):
    lot = lot_of(prepay)
    booking = booked(lot, pay_by=OK)
    Reservation.objects.update(status="active")
    longer = BookingChange(end=MONDAY + 28 * HOUR)

    for _ in range(2):
        changed = change_booking(booking=booking, change=longer, at=MONDAY + 25 * HOUR, pay_by=OK)

    assert (changed.booking.price_amount, changed.difference) == (1200, 0)
    assert money(booking) == ((1200, 0, 0, 1200) if prepay == "hold" else (1200, 1200, 0, 0))
    assert Payment.objects.count() == 2
    complete_reservation(reservation_id=booking.pk)
    settle_over(at=MONDAY + 27 * HOUR)
    assert money(booking) == (1200, 1200, 0, 0)
    assert broken() == []


@BOTH
def test_who_came_late_after_a_no_show_pays_what_staying_longer_costs_at_the_exit(prepay):
    booking = booked(lot_of(prepay), pay_by=OK)
    mark_no_shows(at=MONDAY + 25 * HOUR)
    Reservation.objects.update(status="active")

    longer = BookingChange(end=MONDAY + 28 * HOUR)
    changed = change_booking(booking=booking, change=longer, at=MONDAY + 25.5 * HOUR)

    assert (changed.difference, changed.booking.price_amount) == (600, 1200)
    due, captured, refunded, held = money(booking)
    assert (due, captured - refunded, held) == (600, 600, 0)


@BOTH
def test_change_that_is_not_paid_or_not_possible_any_more_changes_nothing(prepay, monkeypatch):
    lot = lot_of(prepay)
    booking = booked(lot, pay_by=OK)
    longer = BookingChange(end=MONDAY + 28 * HOUR)
    before = money(booking)

    with pytest.raises(PaymentDeclinedError):
        change_booking(booking=booking, change=longer, at=MONDAY, pay_by=DECLINED)
    assert (reloaded(booking).price_amount, money(booking)) == (600, before)

    from reservations.services import changing

    charge_card = changing.charge_card

    def while_another_books(*args, **kwargs):
        booked(lot, 26.5, 30, "ZH 2", pay_by=OK)
        return charge_card(*args, **kwargs)

    monkeypatch.setattr(changing, "charge_card", while_another_books)
    with pytest.raises(NoAvailabilityError):
        change_booking(booking=booking, change=longer, at=MONDAY, pay_by=OK)
    due, captured, refunded, held = money(booking)
    assert (due, captured - refunded + held) == (600, 600)
    assert reloaded(booking).unsettled_since is None
    assert broken() == []


@BOTH
def test_what_a_change_costs_less_goes_back(prepay):
    booking = booked(lot_of(prepay), pay_by=OK)
    change_booking(booking=booking, change=BookingChange(end=MONDAY + 25 * HOUR), at=MONDAY)

    due, captured, refunded, _held = money(booking)
    assert (due, captured - refunded) == (300, 0 if prepay == "hold" else 300)
    complete_reservation(reservation_id=booking.pk)
    settle_over(at=MONDAY + 25 * HOUR)
    due, captured, refunded, held = money(booking)
    assert (due, captured - refunded, held) == (300, 300, 0)


@BOTH
def test_payment_for_more_that_was_cut_off_goes_back(prepay, monkeypatch):
    from reservations.services import changing

    booking = booked(lot_of(prepay), pay_by=OK)
    with monkeypatch.context() as cut:
        cut.setattr(changing, "_apply", lambda *_args, **_kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            change_booking(booking=booking, change=BookingChange(end=MONDAY + 28 * HOUR), at=MONDAY, pay_by=OK)

    assert settle_over(at=MONDAY + 9 * MINUTE) == 0
    assert settle_over(at=MONDAY + 10 * MINUTE) == 1
    due, captured, refunded, held = money(booking)
    assert (due, captured - refunded + held) == (600, 600)
    assert broken() == []


@BOTH
def test_change_that_was_cut_off_after_its_payment_is_gone_on_with(prepay, monkeypatch):
    from reservations.services import changing

    booking, longer = booked(lot_of(prepay), pay_by=OK), BookingChange(end=MONDAY + 28 * HOUR)
    with monkeypatch.context() as cut:
        cut.setattr(changing, "_apply", lambda *_args, **_kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            change_booking(booking=booking, change=longer, at=MONDAY, pay_by=OK)

    changed = change_booking(booking=booking, change=longer, at=MONDAY + MINUTE, pay_by=OK)
    assert changed.booking.price_amount == 1200
    assert Payment.objects.count() == 2
    assert broken() == []


def test_hold_that_ended_at_the_bank_is_owed_by_who_booked():
    booking = booked(lot_of("hold"), pay_by=OK)
    SimulatedCardPayment.objects.update(held_amount=0, failure="expired")
    complete_reservation(reservation_id=booking.pk)

    assert settle_over(at=MONDAY + 26 * HOUR) == 1
    assert money(booking) == (600, 0, 0, 0)
    assert [settle_over(at=MONDAY + hours * HOUR) for hours in (27, 28)] == [1, 0]
    assert Debt.objects.get().of_booker


def test_plate_that_has_to_prepay_books_only_with_a_card():
    lot = lot_of("none")
    lot.operator.debt_consequence = "prepay"
    lot.operator.save()
    make_blocked_plate(lot.operator, "ZH 1", for_debts=True)

    with pytest.raises(PaymentDeclinedError):
        booked(lot)
    assert booked(lot, pay_by=OK).prepay == "hold"
    other = booked(make_lot(lot.operator), plate="ZH 2")
    with pytest.raises(BookingBlockedError):
        change_booking(booking=other, change=BookingChange(plate="ZH 1"), at=MONDAY)


def test_operator_who_books_for_a_caller_takes_no_card():
    lot = lot_of("capture")
    assert booked(lot, booked_by=make_user("attendant", lot.operator)).prepay == "none"


def test_guest_who_pays_needs_no_confirmed_address():
    assert booked(lot_of("hold"), email="guest@example.com", pay_by=OK).status == "confirmed"


def test_booking_that_costs_nothing_needs_no_card():
    from tests.factories import HOURLY

    free_of_charge = HOURLY | {
        "plans": [{"bands": [{"from": "00:00", "to": "24:00", "price": 0, "increment_minutes": 60}]}]
    }
    booking = booked(lot_of("hold", tariff=free_of_charge))
    assert (booking.status, booking.prepay, booking.charge) == ("confirmed", "none", None)


def test_cancelled_booking_is_not_changed_by_a_payment_that_comes_back(monkeypatch):
    from reservations.services import changing

    booking = booked(lot_of("capture"), pay_by=OK)
    charge_card = changing.charge_card

    def while_it_is_cancelled(*args, **kwargs):
        cancel_booking(booking=booking, at=MONDAY)
        return charge_card(*args, **kwargs)

    monkeypatch.setattr(changing, "charge_card", while_it_is_cancelled)
    with pytest.raises((BookingStateError, Exception)):
        change_booking(booking=booking, change=BookingChange(end=MONDAY + 28 * HOUR), at=MONDAY, pay_by=OK)
    due, captured, refunded, held = money(booking)
    assert (reloaded(booking).status, due, captured - refunded, held) == ("cancelled", 0, 0, 0)
