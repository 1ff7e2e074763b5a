"""Shifts: a counted float, movements, a blind count, what is over or short, and reopening."""

import datetime as dt
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from billing.models import CashMovement, Payment, Shift, ShiftCount, ShiftState, SimulatedCardPayment
from billing.services import conclude_payment, refund_payment, take_payment
from billing.shifts import (
    Counted,
    CountedBeforeError,
    DifferenceNoteMissingError,
    DrawerTakenError,
    MovementKeyUsedError,
    NoOpenShiftError,
    NotCountedError,
    ShiftClosedError,
    ShiftNotClosedError,
    ShiftOpenError,
    close_shift,
    last_in_drawer,
    left_in_drawer,
    move_cash,
    open_shift,
    record_count,
    reopen_shift,
    start_count,
    sums_of_till,
)
from common.errors import ForbiddenError, InvalidValueError
from lots.models import Lot
from tests.at_once import codes_at_once
from tests.factories import make_cashier, make_charge, make_lot, make_user
from tests.invariants import broken

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


class Till:
    """A cashier's open till at a lot, with a float of 100.00."""

    def __init__(self, lot: Lot | None = None, drawer: str = "Till 1", **lot_fields: Any) -> None:
        self.lot = lot or make_lot(**lot_fields)
        self.cashier = make_user("attendant", self.lot.operator)
        self.admin = make_user("admin", self.lot.operator)
        self.shift = open_shift(person=self.cashier, lot=self.lot, drawer=drawer, float_amount=10000, at=AT - HOUR)

    def sell(self, amount: int = 600, *, lot: Lot | None = None, by: User | None = None, **fields: Any) -> Payment:
        given = {"method": "cash", "amount": None, "idempotency_key": str(uuid4()), "at": AT} | fields
        return take_payment(charge=make_charge(lot or self.lot, amount, at=AT), taken_by=by or self.cashier, **given)

    def move(self, kind: str, amount: int, reason: str = "a reason", **fields: Any) -> CashMovement:
        given = {"by": self.cashier, "at": AT, "key": uuid4()} | fields
        return move_cash(shift=self.shift, kind=kind, amount=amount, reason=reason, **given)

    def begin(self, by: User | None = None) -> Shift:
        return start_count(shift=self.shift, by=by or self.cashier, at=AT + HOUR)

    def count(self, amount: int, *, by: User | None = None, cards: int | None = None, **cash: int) -> list[ShiftCount]:
        self.begin(by)
        counted = {currency: Counted(sum_) for currency, sum_ in ({self.lot.currency: amount} | cash).items()}
        return record_count(shift=self.shift, cash=counted, cards=cards, by=by or self.cashier, at=AT + HOUR)

    def close(self, left: int = 0, note: str = "", by: User | None = None) -> Shift:
        return close_shift(shift=self.shift, left_amount=left, note=note, by=by or self.cashier, at=AT + 2 * HOUR)

    def state(self) -> str:
        return Shift.objects.get(pk=self.shift.pk).state


@pytest.fixture
def till() -> Till:
    return Till()


def held(till: Till) -> int:
    return sum(row.amount for row in sums_of_till(Shift.objects.get(pk=till.shift.pk)) if row.tender == "cash")


# Opening


def test_a_person_has_one_open_shift(till):
    with pytest.raises(ShiftOpenError) as refused:
        open_shift(person=till.cashier, lot=till.lot, drawer="Till 2", float_amount=0, at=AT)
    assert (refused.value.status, refused.value.code) == (409, "shift_open")


@pytest.mark.parametrize("drawer", ["Till 1", " TILL  1 "])
def test_a_drawer_is_in_one_open_shift_of_its_lot(till, drawer):
    colleague = make_user("attendant", till.lot.operator)

    with pytest.raises(DrawerTakenError) as refused:
        open_shift(person=colleague, lot=till.lot, drawer=drawer, float_amount=0, at=AT)

    assert (refused.value.status, refused.value.errors[0].path) == (409, "drawer")
    assert open_shift(person=colleague, lot=make_lot(till.lot.operator), drawer=drawer, float_amount=0, at=AT).is_open


@pytest.mark.parametrize(
    ("wrong", "path"),
    [({"drawer": " "}, "drawer"), ({"float_amount": -1}, "float_amount"), ({"float_amount": 10**13}, "float_amount")],
)
def test_a_shift_needs_a_drawer_and_a_float_that_can_be(wrong, path):
    lot = make_lot()
    person = make_user("attendant", lot.operator)

    with pytest.raises(InvalidValueError) as refused:
        open_shift(person=person, lot=lot, at=AT, **{"drawer": "A", "float_amount": 0} | wrong)
    assert refused.value.errors[0].path == path
    assert not Shift.objects.exists()


def test_nobody_opens_a_till_at_a_lot_of_others(till):
    with pytest.raises(ForbiddenError):
        open_shift(person=make_user("attendant"), lot=till.lot, drawer="B", float_amount=0, at=AT)


# Money that belongs to a shift


def test_cash_needs_an_open_shift_of_who_takes_it(till):
    for stranger in (make_user("attendant", till.lot.operator), None):
        with pytest.raises(NoOpenShiftError) as refused:
            take_payment(
                charge=make_charge(till.lot), method="cash", amount=None, idempotency_key="k", at=AT, taken_by=stranger
            )
        assert (refused.value.status, refused.value.code) == (409, "no_open_shift")
    assert not Payment.objects.exists()


def test_a_card_needs_no_shift_and_belongs_to_an_open_one(till):
    alone = make_user("attendant", till.lot.operator)

    assert till.sell(method="terminal", by=alone).shift is None
    assert till.sell(method="terminal").shift == till.shift
    assert till.sell(method="card", token="tok_ok").shift == till.shift
    assert till.sell(method="terminal", lot=make_lot()).shift is None


def test_a_till_takes_cash_for_any_charge_of_its_operator_only(till):
    assert till.sell(lot=make_lot(till.lot.operator)).shift == till.shift
    with pytest.raises(NoOpenShiftError):
        till.sell(lot=make_lot())


def test_cash_is_given_back_out_of_an_open_till_only(till):
    payment = till.sell()
    given = {"payment": payment, "amount": 200, "reason": "a mistake", "at": AT}

    with pytest.raises(NoOpenShiftError):
        refund_payment(idempotency_key="a", refunded_by=till.admin, **given)
    for goodwill in (False, True):
        refund = refund_payment(idempotency_key=f"b{goodwill}", refunded_by=till.cashier, goodwill=goodwill, **given)
        assert refund.shift == till.shift
    assert held(till) == 10000 + 600 - 400


def test_expected_cash_is_float_and_sales_less_refunds_and_drops_with_what_was_paid_in_and_out(till):
    till.sell(1000, tendered=5000)
    till.sell(300, method="terminal")
    refund_payment(
        payment=till.sell(250),
        amount=50,
        reason="r",
        idempotency_key="r",
        at=AT,
        refunded_by=till.cashier,
        goodwill=True,
    )
    till.move("drop", 4000)
    till.move("paid_in", 700)
    till.move("paid_out", 90)

    [cash, cards] = till.count(9000, cards=300)

    assert (cash.expected_amount, cash.difference) == (10000 + 1000 + 250 - 50 - 4000 + 700 - 90, 1190)
    assert (cards.expected_amount, cards.difference) == (300, 0)
    assert broken() == []


def test_cash_of_another_currency_is_counted_apart(till):
    till.sell(500, lot=make_lot(till.lot.operator, currency="EUR"))
    till.begin()

    with pytest.raises(InvalidValueError) as refused:
        record_count(shift=till.shift, cash={"CHF": Counted(10000)}, cards=None, by=till.cashier, at=AT)
    assert refused.value.errors[0].path == "cash_EUR"

    counts = {one.currency: one.difference for one in till.count(10000, EUR=400)}
    assert counts == {"CHF": 0, "EUR": -100}


# Movements


@pytest.mark.parametrize("kind", ["paid_in", "paid_out"])
def test_cash_paid_in_or_out_needs_a_reason(till, kind):
    with pytest.raises(InvalidValueError) as refused:
        till.move(kind, 100, " ")
    assert refused.value.errors[0].path == "reason"
    assert till.move("drop", 100, "").reason == ""


@pytest.mark.parametrize("amount", [0, -100, 10**13])
def test_an_impossible_movement_is_refused(till, amount):
    with pytest.raises(InvalidValueError) as refused:
        till.move("drop", amount)
    assert refused.value.errors[0].path == "amount"


def test_only_known_movements_are_made_by_hand(till):
    with pytest.raises(InvalidValueError):
        till.move("handed_over", 100)


def test_a_movement_sent_twice_is_made_once(till):
    key = uuid4()

    assert till.move("drop", 100, key=key) == till.move("drop", 100, key=key)
    with pytest.raises(MovementKeyUsedError):
        till.move("drop", 200, key=key)
    assert CashMovement.objects.count() == 1


def test_nobody_moves_cash_of_another_cashier(till):
    with pytest.raises(ForbiddenError):
        till.move("drop", 100, by=make_cashier(till.lot))


# Counting and closing


def test_a_till_that_is_counted_takes_no_money(till):
    till.begin()

    with pytest.raises(NoOpenShiftError) as refused:
        till.sell()
    assert "is being counted" in str(refused.value.message)
    with pytest.raises(NoOpenShiftError):
        till.move("drop", 100)
    assert till.sell(method="terminal").shift is None


def test_a_card_that_answers_during_the_count_belongs_to_no_shift(till):
    charge = make_charge(till.lot, 600, at=AT)
    payment = Payment.objects.create(
        charge=charge, method="card", state="pending", amount=600, provider="simulated", idempotency_key="lost",
        taken_by=till.cashier, shift=till.shift, created_at=AT,
    )  # fmt: skip
    SimulatedCardPayment.objects.create(reference="lost", amount=600, approved_amount=600)
    till.count(10000, cards=0)

    payment = conclude_payment(payment=payment, at=AT + HOUR)

    assert (payment.state, payment.shift) == ("captured", None)
    assert broken() == []


def test_coins_and_notes_add_up(till):
    till.begin()
    pieces = {5000: 2, 50: 3, 5: 1}

    [count] = record_count(
        shift=till.shift, cash={"CHF": Counted.of_pieces(pieces)}, cards=None, by=till.cashier, at=AT
    )

    assert (count.counted_amount, count.pieces) == (10155, {"5000": 2, "50": 3, "5": 1})


def test_a_count_is_recorded_once_and_never_changed(till):
    [count] = till.count(9800)

    with pytest.raises(CountedBeforeError) as refused:
        till.count(10000)
    assert refused.value.status == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        ShiftCount.objects.filter(pk=count.pk).update(counted_amount=10000)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM billing_shiftcount")


@pytest.mark.parametrize("amount", [-1, 10**13])
def test_an_impossible_count_is_refused(till, amount):
    with pytest.raises(InvalidValueError):
        till.count(amount)
    assert not ShiftCount.objects.exists()


def test_a_till_is_counted_only_once_it_takes_no_money(till):
    with pytest.raises(NotCountedError):
        record_count(shift=till.shift, cash={"CHF": Counted(1)}, cards=None, by=till.cashier, at=AT)
    with pytest.raises(NotCountedError):
        till.close()
    till.begin()
    with pytest.raises(NotCountedError):
        till.close()


def test_what_is_left_is_for_the_next_cashier_and_the_rest_goes_to_the_safe(till):
    till.sell(600)
    till.count(10600)
    till.close(left=2500)

    moved = dict(CashMovement.objects.values_list("kind", "amount"))
    assert moved == {"drop": 8100, "handed_over": 2500}
    assert left_in_drawer(last_in_drawer(till.lot, "till 1")) == 2500
    assert broken() == []


def test_the_next_cashier_counts_what_is_handed_over(till):
    till.count(10000)
    till.close(left=10000)
    colleague = make_user("attendant", till.lot.operator)

    relief = open_shift(person=colleague, lot=till.lot, drawer="Till 1", float_amount=9800, at=AT + 2 * HOUR)

    assert (relief.follows, relief.float_amount - left_in_drawer(till.shift)) == (till.shift, -200)


@pytest.mark.parametrize("left", [-1, 10001])
def test_no_more_is_left_than_was_counted(till, left):
    till.count(10000)
    with pytest.raises(InvalidValueError) as refused:
        till.close(left=left)
    assert refused.value.errors[0].path == "left_amount"


@pytest.mark.parametrize(("counted", "needed"), [(9500, False), (9499, True), (10501, True)])
def test_a_difference_above_the_tolerance_needs_a_note(till, counted, needed):
    till.lot.operator.till_tolerance = 500
    till.lot.operator.save()
    till.count(counted)

    if needed:
        with pytest.raises(DifferenceNoteMissingError) as refused:
            till.close()
        assert refused.value.errors[0].path == "note"
    assert till.close(note="gave 50 for 20" if needed else "").is_closed


def test_a_shift_is_closed_once(till):
    till.count(10000)
    till.close()

    for again in (till.close, till.begin, lambda: till.count(10000)):
        with pytest.raises(ShiftClosedError) as refused:
            again()
        assert (refused.value.status, refused.value.code) == (409, "shift_closed")
    assert CashMovement.objects.count() == 1


def test_nobody_counts_or_closes_the_till_of_another_but_an_admin(till):
    for stranger in (make_cashier(till.lot), make_user("admin")):
        with pytest.raises(ForbiddenError):
            till.begin(stranger)
        with pytest.raises(ForbiddenError):
            till.count(10000, by=stranger)
        with pytest.raises(ForbiddenError):
            till.close(by=stranger)
    till.count(10000, by=till.admin)
    assert till.close(by=till.admin).closed_by == till.admin


# Reopening


def test_an_admin_reopens_with_a_reason_and_the_till_is_counted_again(till):
    till.sell(600)
    till.count(10400)
    till.close(left=400, note="missing a note")

    for by, reason, error in (
        (till.cashier, "why", ForbiddenError),
        (make_user("admin"), "why", ForbiddenError),
        (till.admin, " ", InvalidValueError),
    ):
        with pytest.raises(error):
            reopen_shift(shift=till.shift, by=by, reason=reason, at=AT + 2 * HOUR)
    shift = reopen_shift(shift=till.shift, by=till.admin, reason="a note was under the tray", at=AT + 3 * HOUR)

    assert (shift.state, shift.round, shift.note) == (ShiftState.OPEN, 2, "")
    assert shift.reopenings.get().note == "missing a note"
    assert held(till) == 600  # left in the drawer, and 2.00 short before
    till.sell(300)
    till.count(900)
    till.close()
    assert [count.difference for count in ShiftCount.objects.order_by("round")] == [-200, 0]
    assert broken() == []
    with pytest.raises(ShiftNotClosedError):
        reopen_shift(shift=Till(till.lot, "Till 2").shift, by=till.admin, reason="why", at=AT)


def test_what_the_next_cashier_has_taken_over_is_not_in_a_reopened_till(till):
    till.count(10000)
    till.close(left=10000)
    follower = Till(till.lot, "till 1")
    assert follower.shift.follows == till.shift

    with pytest.raises(DrawerTakenError):
        reopen_shift(shift=till.shift, by=till.admin, reason="why", at=AT)
    follower.count(10000)
    follower.close()
    reopen_shift(shift=till.shift, by=till.admin, reason="why", at=AT)

    assert held(till) == 0
    assert broken() == []


# At once


@pytest.mark.django_db(transaction=True)
def test_two_people_open_one_drawer_at_once_and_one_gets_it():
    lot = make_lot()
    people = [make_user("attendant", lot.operator) for _ in range(2)]

    results = codes_at_once(
        [lambda p=p: open_shift(person=p, lot=lot, drawer="A", float_amount=0, at=AT) for p in people]
    )

    assert sorted(isinstance(result, Shift) for result in results) == [False, True]
    assert "drawer_taken" in results


@pytest.mark.django_db(transaction=True)
def test_one_close_32_times_at_once_closes_once():
    till = Till()
    till.sell(600)
    till.count(10600)

    results = codes_at_once([till.close] * 32)

    assert [result for result in results if result != "shift_closed"] == [till.shift]
    assert CashMovement.objects.count() == 1
    assert broken() == []


@pytest.mark.django_db(transaction=True)
def test_one_count_32_times_at_once_counts_once():
    till = Till()

    results = codes_at_once([lambda: till.count(10000)] * 32)

    assert [type(result) for result in results if result != "already_counted"] == [list]
    assert ShiftCount.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_turn", range(5))
def test_a_sale_at_once_with_the_count_is_in_it_or_refused(_turn):
    till = Till()

    results = codes_at_once([*[till.sell] * 4, lambda: till.count(10000)])

    sales = [result for result in results if isinstance(result, Payment)]
    assert {result for result in results if isinstance(result, str)} <= {"no_open_shift"}
    assert ShiftCount.objects.get().expected_amount == 10000 + 600 * len(sales)
    assert broken() == []
