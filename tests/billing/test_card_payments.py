"""Card payments through the simulated terminal, with everything that goes wrong with a real one."""

import datetime as dt

import pytest
from django.db import connection, transaction

from billing.models import Payment, PaymentState, SimulatedCardPayment
from billing.providers import NoProviderError, ProviderTimeoutError, ProviderUnavailableError
from billing.providers.simulated import SimulatedProvider
from billing.services import (
    IdempotencyConflictError,
    PaymentRunningError,
    conclude_payment,
    take_payment,
)
from billing.tasks import conclude_payments
from tests.factories import make_charge, make_lot

OK = "tok_ok"
ASKING = "billing.providers.simulated.SimulatedProvider.charge"
RECORDING = "billing.services.payments.by_provider.record_outcome"
LATER = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    for module in ("billing.services.payments.by_provider", "billing.services.refunds.returning"):
        monkeypatch.setattr(f"{module}.PROVIDER_SECONDS", 0.02)


def pay(charge, at, token=OK, key="key", **fields):
    given = {"method": "card", "amount": None, "token": token} | fields
    return take_payment(charge=charge, idempotency_key=key, at=at, **given)


class CrashError(BaseException):
    """The process is gone; nothing catches this."""


def test_an_approved_card_settles_the_charge(charge, at, settled):
    payment = pay(charge, at)

    charge.refresh_from_db()
    assert (payment.state, payment.captured_amount, payment.failure) == (PaymentState.CAPTURED, 600, "")
    assert (payment.provider, payment.finished_at) == ("simulated", at)
    assert payment.provider_reference.startswith("sim-")
    assert (charge.balance_amount, charge.settled_at) == (0, at)
    assert settled == [charge.pk]
    assert payment.receipt is None


@pytest.mark.parametrize(
    ("token", "failure"),
    [
        ("tok_declined", "declined"),
        ("tok_never_heard_of", "declined"),
        ("", "declined"),
        ("tok_timeout", "timeout"),
        ("tok_unavailable", "unavailable"),
    ],
)
def test_a_failed_card_takes_nothing_and_another_may_follow(charge, at, token, failure):
    payment = pay(charge, at, token, "first")

    charge.refresh_from_db()
    assert (payment.state, payment.captured_amount, payment.failure) == (PaymentState.FAILED, 0, failure)
    assert charge.balance_amount == 600
    assert pay(charge, at, "tok_ok", "second").state == PaymentState.CAPTURED


def test_a_partial_approval_takes_its_part(charge, at, settled):
    payment = pay(charge, at, "tok_partial_400")

    charge.refresh_from_db()
    assert (payment.state, payment.amount, payment.captured_amount) == (PaymentState.CAPTURED, 600, 400)
    assert payment.failure == "partial"
    assert charge.balance_amount == 200
    assert settled == []
    assert pay(charge, at, "tok_partial_400", "rest").captured_amount == 200


def test_an_answer_that_was_lost_is_asked_for(charge, at):
    payment = pay(charge, at, "tok_answer_lost")

    assert (payment.state, payment.captured_amount) == (PaymentState.CAPTURED, 600)
    assert SimulatedCardPayment.objects.count() == 1


def test_the_same_key_gives_the_first_answer(charge, at, settled):
    first = pay(charge, at)
    again = pay(charge, at)

    assert again == first
    assert settled == [charge.pk]
    assert SimulatedCardPayment.objects.count() == 1


def test_a_failed_payment_is_the_first_answer_too(charge, at):
    pay(charge, at, "tok_declined")

    assert pay(charge, at, "tok_declined").state == PaymentState.FAILED


def test_the_same_key_with_another_card_is_refused(charge, at):
    pay(charge, at, "tok_declined")

    with pytest.raises(IdempotencyConflictError):
        pay(charge, at, "tok_ok")


def test_no_transaction_is_open_while_the_provider_is_asked(transactional_db, at, monkeypatch):

    inside = []
    ask = SimulatedProvider._remember
    monkeypatch.setattr(
        SimulatedProvider,
        "_remember",
        lambda self, request: inside.append(connection.in_atomic_block) or ask(self, request),
    )
    charge = make_charge(make_lot(), 600)

    pay(charge, at)
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        pay(charge, at, key="inside")

    assert inside == [False]


def crash_in(monkeypatch, place, charge, at):
    """Pay, and be gone when `place` is reached."""

    def crash(*_, **__):
        raise CrashError

    with monkeypatch.context() as broken:
        broken.setattr(place, crash)
        with pytest.raises(CrashError):
            pay(charge, at)


def test_a_crash_before_the_provider_hears_is_taken_up_by_the_same_key(charge, at, monkeypatch):
    crash_in(monkeypatch, ASKING, charge, at)

    with pytest.raises(PaymentRunningError) as refused:
        pay(charge, at)
    assert (refused.value.status, refused.value.code) == (409, "payment_running")
    assert pay(charge, at + LATER).state == PaymentState.CAPTURED
    assert Payment.objects.count() == 1


def test_a_crash_after_the_provider_took_the_money_takes_it_once(charge, at, monkeypatch):
    crash_in(monkeypatch, RECORDING, charge, at)

    payment = pay(charge, at + LATER)

    assert (payment.state, payment.captured_amount) == (PaymentState.CAPTURED, 600)
    assert SimulatedCardPayment.objects.count() == 1


def test_a_pending_payment_is_in_the_way_of_payers_by_number_alone(charge, at, monkeypatch):
    crash_in(monkeypatch, ASKING, charge, at)

    with pytest.raises(PaymentRunningError):
        pay(charge, at + LATER, key="other", by_number=True)
    assert pay(charge, at + LATER, key="other").state == PaymentState.CAPTURED


def test_the_task_concludes_what_a_crash_left(charge, at, monkeypatch):
    crash_in(monkeypatch, RECORDING, charge, at)

    conclude_payments()

    assert Payment.objects.get().state == PaymentState.CAPTURED


def test_the_task_cancels_what_the_provider_never_heard_of(charge, at, monkeypatch):
    crash_in(monkeypatch, ASKING, charge, at)

    conclude_payments()

    payment = Payment.objects.get()
    assert (payment.state, payment.failure) == (PaymentState.FAILED, "abandoned")
    late = SimulatedProvider()._remember(_request(payment))
    assert (late.approved_amount, late.failure) == (0, "cancelled")


def _request(payment):
    from billing.providers import CardRequest

    return CardRequest(payment.idempotency_key, payment.amount, "CHF", "tok_ok")


@pytest.mark.parametrize("error", [ProviderTimeoutError, ProviderUnavailableError, ValueError])
def test_a_payment_stays_pending_while_the_provider_says_nothing(charge, at, monkeypatch, error):
    def silent(*_, **__):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(SimulatedProvider, "conclude", silent)
        payment = pay(charge, at, "tok_timeout")
        assert conclude_payment(payment=payment, at=at).state == PaymentState.PENDING
    assert conclude_payment(payment=payment, at=at).state == PaymentState.FAILED


def test_without_a_provider_cards_are_refused(charge, at, settings):
    settings.PAYMENT_PROVIDERS = []

    with pytest.raises(NoProviderError):
        pay(charge, at)
    assert not Payment.objects.exists()


def test_a_provider_that_is_gone_does_not_hold_up_the_others(charge, at, monkeypatch):
    crash_in(monkeypatch, RECORDING, charge, at)
    lost = make_charge(charge.lot)
    Payment.objects.create(
        charge=lost,
        method="card",
        state=PaymentState.PENDING,
        amount=600,
        provider="gone.Provider",
        idempotency_key="lost",
        created_at=at - LATER,
    )

    conclude_payments()

    assert Payment.objects.get(charge=charge).state == PaymentState.CAPTURED
    assert Payment.objects.get(charge=lost).state == PaymentState.PENDING
