"""Holds: authorised first, captured or voided later, by the row that says what was decided."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from billing.models import Payment, PaymentState, SimulatedCardPayment
from billing.providers import ProviderTimeoutError, ProviderUnavailableError
from billing.providers.simulated import SimulatedProvider, answer_page
from billing.queries import CAPTURED_AHEAD
from billing.services import (
    AmountTooLargeError,
    HoldStateError,
    authorise_payment,
    capture_hold,
    conclude_payment,
    credit_charge,
    look_at_payment,
    take_payment,
    void_hold,
)
from billing.tasks import ask_about_pages, conclude_payments, settle_holds
from tests.factories import make_user

HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    for module in ("services.payments.by_provider", "services.payments.holds", "services.refunds.returning"):
        monkeypatch.setattr(f"billing.{module}.PROVIDER_SECONDS", 0.02)


@pytest.fixture
def hold(charge, at):
    return authorise_payment(charge=charge, amount=None, idempotency_key="hold", at=at, token="tok_ok")


def book():
    """What the provider has of the payment: held, taken and why not."""
    row = SimulatedCardPayment.objects.get(reference="hold")
    return row.held_amount, row.approved_amount, row.failure


def balance(charge):
    charge.refresh_from_db()
    return charge.balance_amount


def test_a_hold_counts_nowhere_until_it_is_captured(hold, charge, settled):
    assert (hold.state, hold.authorised_amount, hold.captured_amount) == (PaymentState.AUTHORISED, 600, 0)
    assert dt.timedelta(days=6) < hold.capture_before - now() <= dt.timedelta(days=7)
    assert (balance(charge), settled, book()) == (600, [], (600, 0, ""))


def test_a_hold_that_the_operator_asks_for_ends_earlier(charge, at):
    method = make_user().saved_methods.create(provider="simulated", reference="tok_ok", label="Visa", created_at=at)

    payment = authorise_payment(charge=charge, amount=600, idempotency_key="hold", at=at, saved_method=method)

    assert payment.state == PaymentState.AUTHORISED
    assert payment.capture_before - now() < dt.timedelta(days=4, hours=18, seconds=1)


def test_capturing_settles_the_charge(hold, charge, at, settled):
    payment = capture_hold(payment=hold, at=at)

    assert (payment.state, payment.captured_amount, payment.finished_at) == (PaymentState.CAPTURED, 600, at)
    assert (balance(charge), settled, book()) == (0, [charge.pk], (0, 600, ""))


def test_a_part_is_captured_and_the_rest_let_go(hold, charge, at):
    payment = capture_hold(payment=hold, amount=400, at=at)

    assert (payment.state, payment.captured_amount, payment.failure) == (PaymentState.CAPTURED, 400, "")
    assert (balance(charge), book()) == (200, (0, 400, ""))


def test_capturing_twice_captures_once(hold, charge, at):
    assert capture_hold(payment=hold, at=at) == capture_hold(payment=hold, at=at)
    assert (balance(charge), book()) == (0, (0, 600, ""))


def test_voiding_lets_go_of_all(hold, charge, at):
    payment = void_hold(payment=hold, at=at)

    assert (payment.state, payment.failure, payment.captured_amount) == (PaymentState.VOIDED, "", 0)
    assert (balance(charge), book()) == (600, (0, 0, "voided"))
    assert void_hold(payment=payment, at=at) == payment


@pytest.mark.parametrize("amount", [-1, 601, 10**12])
def test_no_more_than_is_held_can_be_captured(hold, at, amount):
    with pytest.raises(AmountTooLargeError):
        capture_hold(payment=hold, amount=amount, at=at)
    assert book() == (600, 0, "")


def test_no_more_than_is_owed_can_be_captured(hold, charge, at):
    credit_charge(charge=charge, amount=300, reason="goodwill", at=at)

    with pytest.raises(AmountTooLargeError):
        capture_hold(payment=hold, at=at)
    assert capture_hold(payment=hold, amount=300, at=at).captured_amount == 300


@pytest.mark.parametrize("first", [capture_hold, void_hold])
def test_what_was_decided_stays(hold, at, first):
    first(payment=hold, at=at)

    other = void_hold if first is capture_hold else capture_hold
    with pytest.raises(HoldStateError) as refused:
        other(payment=hold, at=at)
    assert (refused.value.status, refused.value.code) == (409, "hold_state")


def test_an_ordinary_payment_is_no_hold(charge, at):
    payment = take_payment(charge=charge, method="card", amount=None, idempotency_key="k", token="tok_ok", at=at)

    with pytest.raises(HoldStateError):
        capture_hold(payment=payment, at=at)


@pytest.mark.parametrize(
    ("token", "state", "held"), [("tok_declined", "failed", 0), ("tok_partial_400", "authorised", 400)]
)
def test_a_card_may_hold_less_or_nothing(charge, at, token, state, held):
    payment = authorise_payment(charge=charge, amount=600, idempotency_key="hold", at=at, token=token)

    assert (payment.state, payment.authorised_amount) == (state, held)


def test_a_hold_whose_answer_was_lost_is_found(charge, at):
    payment = authorise_payment(charge=charge, amount=600, idempotency_key="hold", at=at, token="tok_answer_lost")

    assert (payment.state, payment.authorised_amount) == (PaymentState.AUTHORISED, 600)


@pytest.mark.parametrize("error", [ProviderTimeoutError, ProviderUnavailableError, ValueError])
@pytest.mark.parametrize("act", [capture_hold, void_hold])
def test_what_was_decided_is_carried_out_when_the_provider_is_back(hold, at, monkeypatch, error, act):
    with monkeypatch.context() as away:
        for name in ("capture", "void", "status"):
            away.setattr(SimulatedProvider, name, _raising(error))
        assert act(payment=hold, at=at).state == PaymentState.AUTHORISED

    settle_holds()

    hold.refresh_from_db()
    assert hold.state == (PaymentState.CAPTURED if act is capture_hold else PaymentState.VOIDED)


def test_a_capture_without_an_answer_is_asked_about(hold, charge, at, monkeypatch):
    capture = SimulatedProvider.capture

    def lost(*args, **kwargs):
        capture(*args, **kwargs)
        raise ProviderTimeoutError

    monkeypatch.setattr(SimulatedProvider, "capture", lost)

    assert capture_hold(payment=hold, amount=400, at=at).captured_amount == 400
    assert balance(charge) == 200


def test_a_hold_that_has_ended_takes_nothing(hold, charge, at):
    SimulatedCardPayment.objects.update(capture_before=now())

    payment = capture_hold(payment=hold, at=at)

    assert (payment.state, payment.failure) == (PaymentState.VOIDED, "expired")
    assert balance(charge) == 600


def test_holds_are_captured_six_hours_before_their_end(hold, charge, at):
    hold.capture_before = now() + CAPTURED_AHEAD + dt.timedelta(minutes=1)
    hold.save()
    settle_holds()
    assert balance(charge) == 600

    hold.capture_before = now() + CAPTURED_AHEAD
    hold.save()
    settle_holds()
    assert balance(charge) == 0


def test_a_hold_at_its_end_captures_what_is_still_owed(hold, charge, at):
    take_payment(charge=charge, method="terminal", amount=450, idempotency_key="cash", at=at)
    Payment.objects.filter(pk=hold.pk).update(capture_before=now() + HOUR)

    settle_holds()

    hold.refresh_from_db()
    assert (hold.captured_amount, hold.failure, balance(charge)) == (150, "", 0)


def test_a_hold_for_nothing_is_voided_at_its_end(hold, charge, at):
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="cash", at=at)
    Payment.objects.filter(pk=hold.pk).update(capture_before=now() + HOUR)

    settle_holds()

    hold.refresh_from_db()
    assert (hold.state, hold.failure, balance(charge)) == (PaymentState.VOIDED, "", 0)


def test_what_was_paid_meanwhile_is_refunded_by_the_capture(hold, charge, at, monkeypatch):
    capture = SimulatedProvider.capture

    def meanwhile(*args, **kwargs):
        take_payment(charge=charge, method="terminal", amount=200, idempotency_key="cash", at=at)
        return capture(*args, **kwargs)

    monkeypatch.setattr(SimulatedProvider, "capture", meanwhile)

    payment = capture_hold(payment=hold, at=at)

    assert (payment.failure, payment.refunded_amount, balance(charge)) == ("paid_twice", 200, 0)
    assert SimulatedCardPayment.objects.get(reference="hold").refunded_amount == 200


@pytest.mark.parametrize(
    ("state", "other"),
    [("captured", "failed"), ("voided", "captured"), ("failed", "pending"), ("authorised", "pending")],
)
def test_the_database_lets_no_state_go_back(charge, at, state, other):
    payment = Payment.objects.create(
        charge=charge, method="online", amount=600, idempotency_key="x", created_at=at, state=state,
        is_hold=True, authorised_amount=600, capture_before=at,
    )  # fmt: skip

    with pytest.raises(IntegrityError, match="can not become"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(state=other)


# 3-D Secure, on the simulated bank's page


@pytest.fixture
def agreeing(charge, at):
    return authorise_payment(
        charge=charge, amount=None, idempotency_key="hold", at=now(), token="tok_3ds", return_url="/back/"
    )


def test_a_card_that_asks_waits_for_its_owner(agreeing, charge):
    assert (agreeing.state, agreeing.page_url) == (PaymentState.PENDING, "/simulated-bank/hold/")
    assert agreeing.page_until > now()
    conclude_payments()
    ask_about_pages()
    agreeing.refresh_from_db()
    assert agreeing.state == PaymentState.PENDING


def test_the_same_key_leads_to_the_same_page(agreeing, charge):
    again = authorise_payment(
        charge=charge, amount=None, idempotency_key="hold", at=now(), token="tok_3ds", return_url="/back/"
    )

    assert (again, again.page_url) == (agreeing, agreeing.page_url)


@pytest.mark.parametrize(("answer", "state"), [("yes", "authorised"), ("", "failed")])
def test_the_owners_answer_counts(agreeing, at, answer, state):
    answer_page("hold", answer)
    answer_page("hold", "yes")

    payment = look_at_payment(payment=agreeing, at=at)

    assert (payment.state, payment.page_url) == (state, "")


def test_an_answer_that_nobody_told_is_found_by_asking(agreeing):
    answer_page("hold", "yes")

    ask_about_pages()

    agreeing.refresh_from_db()
    assert agreeing.state == PaymentState.AUTHORISED


def test_a_page_that_nobody_answered_is_closed(agreeing):
    Payment.objects.update(page_until=now(), created_at=now() - HOUR)

    conclude_payments()

    agreeing.refresh_from_db()
    assert (agreeing.state, agreeing.failure) == (PaymentState.FAILED, "abandoned")
    assert answer_page("hold", "yes").approved_amount == 0


def test_a_page_is_in_nobodys_way(agreeing, charge, at):
    paid = take_payment(
        charge=charge, method="card", amount=None, idempotency_key="other", token="tok_ok", at=at, by_number=True
    )

    assert paid.state == PaymentState.CAPTURED


def test_a_saved_card_that_asks_is_declined_without_its_owner(charge, at):
    method = make_user().saved_methods.create(provider="simulated", reference="tok_3ds", label="Visa", created_at=at)

    payment = take_payment(
        charge=charge, method="card", amount=None, idempotency_key="k", at=at, saved_method=method, return_url="/back/"
    )

    assert (payment.state, payment.failure) == (PaymentState.FAILED, "declined")


def test_concluding_a_hold_keeps_it(charge, at, monkeypatch):
    with monkeypatch.context() as away:
        away.setattr(SimulatedProvider, "conclude", _raising(ProviderTimeoutError))
        payment = authorise_payment(charge=charge, amount=600, idempotency_key="hold", at=at, token="tok_answer_lost")
    assert payment.state == PaymentState.PENDING

    assert conclude_payment(payment=payment, at=at).state == PaymentState.AUTHORISED


def _raising(error):
    def silent(*_, **__):
        raise error

    return silent
