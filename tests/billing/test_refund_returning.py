"""Refunds that their provider does not return."""

import datetime as dt

import pytest

from billing.documents.issuing import issue_credit_notes, issue_receipts
from billing.models import Credit, Refund, SimulatedCardPayment
from billing.providers import ProviderTimeoutError, ProviderUnavailableError, RefundRefusedError
from billing.providers.simulated import SimulatedProvider
from billing.services import (
    RefundNotRefusedError,
    RefundNotStuckError,
    RefundStillDueError,
    refund_payment,
    retry_refund,
    return_otherwise,
    return_refund,
    reverse_refund,
    take_payment,
)
from billing.services.refunds.returning import PAUSES
from tests.factories import make_user
from tests.invariants import broken


@pytest.fixture
def card(charge, at):
    return take_payment(charge=charge, method="card", amount=None, idempotency_key="card", token="tok_ok", at=at)


@pytest.fixture
def closed_card(charge, at):
    return take_payment(charge=charge, method="card", amount=None, idempotency_key="card", token="tok_no_refund", at=at)


@pytest.fixture
def admin(db):
    return make_user()


def refund(payment, at, amount=600, key="refund", **fields):
    return refund_payment(payment=payment, amount=amount, reason="Mistake", idempotency_key=key, at=at, **fields)


def failing(monkeypatch, error):
    """Let the provider fail, and count how often it is asked."""
    asked = []

    def fail(*given, **__):
        asked.append(given)
        raise error

    monkeypatch.setattr(SimulatedProvider, "refund", fail)
    return asked


def figures(charge):
    charge.refresh_from_db()
    return charge.balance_amount, charge.credited_amount, charge.refunded_amount


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (ProviderUnavailableError(), "unavailable"),
        (ProviderTimeoutError(), "timeout"),
        (RefundRefusedError("no_balance"), "no_balance"),
        (RuntimeError("a library's own"), "error"),
    ],
)
def test_a_failure_is_kept_and_tried_again_after_a_pause(card, at, monkeypatch, error, failure):
    asked = failing(monkeypatch, error)
    given = return_refund(refund=refund(card, at), at=at)
    return_refund(refund=given, at=at)
    return_refund(refund=given, at=at + PAUSES[0] - dt.timedelta(seconds=1))

    assert (given.failure, given.attempts, given.next_attempt_at, len(asked)) == (failure, 1, at + PAUSES[0], 1)
    assert not given.is_stuck

    return_refund(refund=given, at=at + PAUSES[0])
    assert len(asked) == 2


def test_after_the_last_pause_a_person_has_to_look(card, at, monkeypatch):
    asked = failing(monkeypatch, ProviderTimeoutError())
    given = refund(card, at)
    for pause in (*PAUSES, dt.timedelta(0)):
        given = return_refund(refund=given, at=at)
        at += pause

    assert (len(asked), given.next_attempt_at, given.is_stuck) == (len(PAUSES) + 1, None, True)
    return_refund(refund=given, at=at + dt.timedelta(days=9))
    assert len(asked) == len(PAUSES) + 1
    assert list(Refund.objects.stuck()) == [given]


def test_a_final_refusal_goes_to_a_person_at_once(closed_card, at):
    given = return_refund(refund=refund(closed_card, at), at=at)

    assert (given.failure, given.is_refused, given.is_stuck) == ("card_closed", True, True)


def test_a_person_tries_again(card, at, monkeypatch):
    with monkeypatch.context() as away:
        failing(away, RefundRefusedError("no_balance", is_final=True))
        stuck = return_refund(refund=refund(card, at), at=at)

    given = retry_refund(refund=stuck, at=at)

    assert (given.returned_at, given.failure) == (at, "")
    assert SimulatedCardPayment.objects.get(reference="card").refunded_amount == 600
    with pytest.raises(RefundNotStuckError):
        retry_refund(refund=given, at=at)


def test_a_person_gives_it_back_another_way(closed_card, charge, admin, at):
    stuck = return_refund(refund=refund(closed_card, at), at=at)

    given = return_otherwise(refund=stuck, by=admin, note="Bank transfer 4711", at=at)

    assert (given.returned_at, given.returned_by, given.return_note) == (at, admin, "Bank transfer 4711")
    with pytest.raises(RefundNotStuckError):
        return_otherwise(refund=stuck, by=admin, note="Once more", at=at)
    with pytest.raises(RefundNotRefusedError):
        reverse_refund(refund=stuck, by=admin, reason="Never mind", at=at)


def test_a_refused_correction_is_taken_back_by_a_row(closed_card, charge, admin, at):
    stuck = return_refund(refund=refund(closed_card, at, 200), at=at)
    assert figures(charge) == (200, 0, 200)

    reversal = reverse_refund(refund=stuck, by=admin, reason="Card closed", at=at)

    assert (reversal.amount, reversal.reverses, reversal.returned_at) == (-200, stuck, at)
    assert figures(charge) == (0, 0, 0)
    assert charge.settled_at == at
    assert reverse_refund(refund=stuck, by=admin, reason="Card closed", at=at) == reversal


def test_a_refused_goodwill_is_credited_no_more(closed_card, charge, admin, at):
    stuck = return_refund(refund=refund(closed_card, at, 200, goodwill=True), at=at)
    assert figures(charge) == (0, 200, 200)

    reverse_refund(refund=stuck, by=admin, reason="Card closed", at=at)

    assert figures(charge) == (0, 0, 0)
    assert sorted(Credit.objects.values_list("amount", flat=True)) == [-200, 200]


def test_a_refund_that_was_taken_back_is_put_on_again_by_a_document(closed_card, charge, admin, at):
    issue_receipts([closed_card], at=at)
    stuck = return_refund(refund=refund(closed_card, at, 200, goodwill=True), at=at)
    [credited] = issue_credit_notes([stuck], at=at)
    reversal = reverse_refund(refund=stuck, by=admin, reason="Card closed", at=at)

    [put_on] = issue_credit_notes([reversal], at=at)

    assert (credited.total_amount, put_on.total_amount) == (-200, 200)
    assert credited.tax_amount == -put_on.tax_amount
    assert broken() == []


def test_what_was_taken_back_can_be_refunded_again(closed_card, charge, admin, at):
    reverse_refund(refund=return_refund(refund=refund(closed_card, at), at=at), by=admin, reason="x", at=at)

    assert refund(closed_card, at, key="again").amount == 600


def test_what_was_paid_again_is_not_taken_back(closed_card, charge, admin, at):
    stuck = return_refund(refund=refund(closed_card, at, 200), at=at)
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="cash", at=at)

    with pytest.raises(RefundStillDueError):
        reverse_refund(refund=stuck, by=admin, reason="Card closed", at=at)

    assert figures(charge) == (0, 0, 200)


def test_an_answer_that_is_unknown_is_never_taken_back(card, admin, at, monkeypatch):
    failing(monkeypatch, ProviderTimeoutError())
    given = refund(card, at)
    for pause in (*PAUSES, dt.timedelta(0)):
        given = return_refund(refund=given, at=at)
        at += pause
    assert given.is_stuck

    with pytest.raises(RefundNotRefusedError):
        reverse_refund(refund=given, by=admin, reason="It may have arrived", at=at)


def test_what_is_still_tried_is_not_taken_back(card, admin, at, monkeypatch):
    failing(monkeypatch, RefundRefusedError("no_balance"))
    given = return_refund(refund=refund(card, at), at=at)

    with pytest.raises(RefundNotRefusedError):
        reverse_refund(refund=given, by=admin, reason="Impatient", at=at)
