"""Refunds above the operator's limit, which two people have to agree on."""

import pytest
from django.db import IntegrityError, transaction

from billing.models import Payment, Refund, RefundRequest
from billing.services import (
    NotCapturedError,
    OwnRefundError,
    RefundDecidedError,
    RefundKeyUsedError,
    RefundTooLargeError,
    RefundWaitingError,
    approve_refund,
    ask_refund,
    pay_out_refund,
    refund_payment,
    reject_refund,
    reverse_refund,
    take_payment,
)
from tests.factories import make_cashier, make_charge, make_lot, make_user


@pytest.fixture
def attendant(charge):
    return make_cashier(charge.lot)


@pytest.fixture
def admin(db):
    return make_user()


@pytest.fixture
def cash(charge, attendant, at):
    return take_payment(charge=charge, method="cash", amount=None, idempotency_key="cash", taken_by=attendant, at=at)


@pytest.fixture
def limit(charge):
    charge.lot.operator.refund_limit = 200
    charge.lot.operator.save()
    return 200


def ask(payment, by, at, amount=300, key="refund", **fields):
    return ask_refund(
        payment=payment, amount=amount, reason="Broken machine", idempotency_key=key, by=by, at=at, **fields
    )


def owed(charge):
    charge.refresh_from_db()
    return charge.balance_amount


def test_without_a_limit_one_person_gives_back_anything(cash, attendant, at):
    assert isinstance(ask(cash, attendant, at, 600), Refund)


def test_up_to_the_limit_one_person_gives_back_at_once(cash, attendant, limit, at):
    given = ask(cash, attendant, at, limit)

    assert (given.amount, given.refunded_by, given.returned_at, given.returned_by) == (200, attendant, at, attendant)


def test_above_the_limit_a_refund_waits_and_nothing_has_moved(cash, charge, attendant, limit, at):
    asked = ask(cash, attendant, at, limit + 1)

    assert (asked.state, asked.requested_by) == ("waiting", attendant)
    assert (owed(charge), Refund.objects.count()) == (0, 0)


def test_parts_do_not_get_around_the_limit(cash, attendant, limit, at):
    assert isinstance(ask(cash, attendant, at, 150, "first"), Refund)

    assert isinstance(ask(cash, attendant, at, 51, "second"), RefundRequest)


def test_what_was_approved_does_not_use_up_the_limit(cash, attendant, admin, limit, at):
    approve_refund(asked=ask(cash, attendant, at, 300), by=admin, at=at)

    assert isinstance(ask(cash, attendant, at, limit, "another"), Refund)


def test_the_limit_counts_major_units_of_the_charge(attendant, at):
    lot = make_lot(currency="JPY")
    lot.operator.currency, lot.operator.refund_limit = "CHF", 20000
    lot.operator.save()
    yen = take_payment(charge=make_charge(lot, 600), method="terminal", amount=None, idempotency_key="yen", at=at)

    assert isinstance(ask(yen, attendant, at, 200), Refund)
    assert isinstance(ask(yen, attendant, at, 1, "one more"), RefundRequest)


@pytest.mark.usefixtures("limit")
def test_another_person_approves_and_both_names_stay(cash, charge, attendant, admin, at):
    decided = approve_refund(asked=ask(cash, attendant, at), by=admin, at=at)

    assert (decided.state, decided.requested_by, decided.decided_by) == ("approved", attendant, admin)
    assert (decided.refund.amount, decided.refund.idempotency_key) == (300, "refund")
    assert owed(charge) == 300


def test_approved_cash_is_handed_over_where_the_till_is(cash, attendant, admin, limit, at):
    refund = approve_refund(asked=ask(cash, attendant, at), by=admin, at=at).refund
    assert refund.returned_at is None
    assert list(Refund.objects.to_pay_out()) == [refund]

    paid = pay_out_refund(refund=refund, by=attendant, at=at)
    again = pay_out_refund(refund=refund, by=admin, at=at)

    assert (paid.returned_at, paid.returned_by) == (at, attendant)
    assert again.returned_by == attendant


@pytest.mark.usefixtures("limit")
def test_approved_cash_that_nobody_fetched_is_taken_back(cash, charge, attendant, admin, at):
    refund = approve_refund(asked=ask(cash, attendant, at), by=admin, at=at).refund

    reverse_refund(refund=refund, by=admin, reason="Driver has left", at=at)

    assert owed(charge) == 0
    assert pay_out_refund(refund=refund, by=attendant, at=at).returned_at is None
    assert not Refund.objects.to_pay_out()


def test_nobody_decides_about_their_own_refund(cash, charge, attendant, limit, at):
    asked = ask(cash, attendant, at)

    with pytest.raises(OwnRefundError):
        approve_refund(asked=asked, by=attendant, at=at)
    with pytest.raises(OwnRefundError):
        reject_refund(asked=asked, by=attendant, note="No", at=at)

    asked.refresh_from_db()
    assert (asked.state, owed(charge)) == ("waiting", 0)


def test_the_database_knows_that_too(cash, attendant, limit, at):
    asked = ask(cash, attendant, at)

    with pytest.raises(IntegrityError, match="refund_request_decided_by_another"), transaction.atomic():
        RefundRequest.objects.filter(pk=asked.pk).update(state="rejected", decided_by=attendant, decided_at=at)


@pytest.mark.usefixtures("limit")
def test_a_rejected_refund_says_why_and_may_be_asked_for_again(cash, charge, attendant, admin, at):
    rejected = reject_refund(asked=ask(cash, attendant, at), by=admin, note="No receipt", at=at)

    assert (rejected.state, rejected.decided_by, rejected.decision_note) == ("rejected", admin, "No receipt")
    assert owed(charge) == 0
    assert ask(cash, attendant, at, key="again").state == "waiting"


def test_the_same_decision_twice_is_made_once(cash, attendant, admin, limit, at):
    asked = ask(cash, attendant, at)

    assert approve_refund(asked=asked, by=admin, at=at) == approve_refund(asked=asked, by=admin, at=at)
    assert Refund.objects.count() == 1


def test_a_decided_refund_is_decided(cash, attendant, admin, limit, at):
    asked = ask(cash, attendant, at)
    reject_refund(asked=asked, by=admin, note="No", at=at)

    for by in (admin, make_user()):
        with pytest.raises(RefundDecidedError):
            approve_refund(asked=asked, by=by, at=at)


def test_no_other_refund_of_a_payment_begins_while_one_waits(cash, attendant, admin, limit, at):
    ask(cash, attendant, at)

    for amount in (100, 300):
        with pytest.raises(RefundWaitingError) as refused:
            ask(cash, admin, at, amount, "another")
    assert (refused.value.status, refused.value.code) == (409, "refund_waiting")


def test_the_same_key_asks_once(cash, attendant, limit, at):
    assert ask(cash, attendant, at) == ask(cash, attendant, at)
    with pytest.raises(RefundKeyUsedError):
        ask(cash, attendant, at, 301)
    assert RefundRequest.objects.count() == 1


def test_the_key_of_an_approved_refund_gives_the_refund(cash, attendant, admin, limit, at):
    refund = approve_refund(asked=ask(cash, attendant, at), by=admin, at=at).refund

    assert ask(cash, attendant, at) == refund


@pytest.mark.usefixtures("limit")
def test_a_refund_that_no_longer_fits_stays_waiting(cash, charge, attendant, admin, at):
    asked = ask(cash, attendant, at, 500)
    refund_payment(
        payment=cash, amount=200, reason="Elsewhere", idempotency_key="elsewhere", refunded_by=attendant, at=at
    )

    with pytest.raises(RefundTooLargeError):
        approve_refund(asked=asked, by=admin, at=at)

    asked.refresh_from_db()
    assert (asked.state, owed(charge)) == ("waiting", 200)


@pytest.mark.parametrize("amount", [0, -1, 601, 10**15])
@pytest.mark.usefixtures("limit")
def test_impossible_amounts_are_refused(cash, charge, attendant, at, amount):
    with pytest.raises(RefundTooLargeError):
        ask(cash, attendant, at, amount)

    assert (owed(charge), Refund.objects.count(), RefundRequest.objects.count()) == (0, 0, 0)


def test_what_was_given_back_is_not_given_back_again(cash, attendant, at):
    ask(cash, attendant, at, 600)

    with pytest.raises(RefundTooLargeError, match="already"):
        ask(cash, attendant, at, 1, "again")


@pytest.mark.parametrize("token", ["tok_declined", "tok_unavailable"])
def test_a_payment_that_took_nothing_gives_nothing_back(charge, attendant, at, token):
    failed = take_payment(charge=charge, method="card", amount=None, idempotency_key="card", token=token, at=at)

    with pytest.raises(NotCapturedError):
        ask(failed, attendant, at)


def test_a_pending_payment_gives_nothing_back(charge, attendant, at):
    pending = Payment.objects.create(
        charge=charge, method="card", state="pending", amount=600, idempotency_key="card", created_at=at
    )

    with pytest.raises(NotCapturedError):
        ask(pending, attendant, at)
