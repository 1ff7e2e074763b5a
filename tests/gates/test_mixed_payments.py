"""A fee that is paid in cash and by card in one go."""

from uuid import uuid4

import pytest

from billing.models import Payment
from billing.services import AmountTooLargeError, TenderedTooLittleError
from billing.shifts import NoOpenShiftError
from gates.services import Tender, take_exit_payment, take_mixed_payment
from tests.factories import make_user
from tests.gates.test_desk_services import NOW, Desk
from tests.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)


def pay(desk, cash, token="tok_ok", key=None, *, by=None, agreed=900):  # noqa: S107 - a test card
    key = key or uuid4()
    return take_mixed_payment(
        ticket=desk.ticket,
        gate=desk.exit,
        cash=Tender(method="cash", key=key, tendered=cash, agreed=agreed),
        card=Tender(method="card", key=key, token=token),
        by=by or desk.attendant,
        at=NOW,
    )


def taken():
    return list(Payment.objects.order_by("id").values_list("method", "captured_amount"))


def test_the_card_pays_what_cash_does_not_and_both_are_together():
    key = uuid4()

    done = pay(Desk(), 400, key=key)

    assert done.left
    assert taken() == [("card", 500), ("cash", 400)]
    assert set(Payment.objects.values_list("together", flat=True)) == {key}
    assert broken() == []


def test_the_same_form_twice_takes_the_money_once():
    desk, key = Desk(), uuid4()

    assert [pay(desk, 400, key=key).left for _ in range(2)] == [True, True]
    assert len(taken()) == 2


def test_a_declined_card_takes_no_cash_and_all_of_it_can_be_paid_in_cash():
    desk = Desk()

    done = pay(desk, 400, "tok_declined")

    assert (done.left, done.payment.failure, taken()) == (False, "declined", [("card", 0)])
    assert desk.pay(tendered=1000).left


def test_a_card_that_pays_a_part_leaves_the_rest():
    desk = Desk()

    done = pay(desk, 400, "tok_partial_200")

    assert (done.left, taken()) == (False, [("card", 200)])
    assert desk.pay().payment.amount == 700


@pytest.mark.parametrize("cash", [0, 900, 1000, None])
def test_the_cash_is_a_part_of_the_fee(cash):
    with pytest.raises(AmountTooLargeError) as refused:
        pay(Desk(), cash)
    assert refused.value.errors[0].path == "tendered"
    assert not Payment.objects.exists()


def test_no_card_is_asked_without_an_open_shift():
    desk = Desk()

    with pytest.raises(NoOpenShiftError):
        pay(desk, 400, by=make_user("attendant", desk.lot.operator))
    assert not Payment.objects.exists()


def test_change_that_can_not_be_given_at_an_exit_is_on_its_charge():
    desk = Desk()
    tender = Tender(method="cash", key=uuid4(), tendered=1000, agreed=900, kept=20)
    act = {"ticket": desk.ticket, "gate": desk.exit, "tender": tender, "by": desk.attendant, "at": NOW}

    done = take_exit_payment(**act)

    assert (done.left, done.payment.captured_amount, done.payment.change_amount) == (True, 920, 80)
    assert take_exit_payment(**act).payment == done.payment
    assert broken() == []


def test_an_exit_is_paid_in_coins_there_are():
    desk = Desk(cash_rounding=500)

    with pytest.raises(TenderedTooLittleError):
        desk.pay(tendered=900)
    done = desk.pay(tendered=1000)

    assert (done.left, done.payment.captured_amount, done.payment.rounding_amount) == (True, 1000, 100)
    assert broken() == []
