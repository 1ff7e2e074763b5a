"""Money survives kills: whatever step of authorise, capture and settle is the last one, nothing is doubled or lost."""

import datetime as dt
import random

import pytest
from django.utils.timezone import now

from billing.models import Charge, Payment, PaymentState, Refund, SimulatedCardPayment
from billing.services import authorise_payment, capture_hold, take_payment, void_hold
from billing.tasks import conclude_payments, settle_holds
from tests.billing.killing import killed_at_line, killed_at_step, lines_of
from tests.factories import make_charge, make_lot
from verification import money_invariants, prove, snapshot

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = 200
MOST_STEPS = 80
LATER = dt.timedelta(minutes=5)


def key_of(charge):
    return f"booking-{charge.pk}"


def hold_and_capture(charge, amount=400):
    held = authorise_payment(charge=charge, amount=None, idempotency_key=key_of(charge), at=now(), token="tok_ok")
    capture_hold(payment=held, amount=amount, at=now())


def hold_and_void(charge):
    void_hold(
        payment=authorise_payment(charge=charge, amount=None, idempotency_key=key_of(charge), at=now(), token="tok_ok"),
        at=now(),
    )


def pay(charge):
    take_payment(charge=charge, method="card", amount=None, idempotency_key=key_of(charge), at=now(), token="tok_ok")


def pay_although_paid(charge):
    """A payment that finds all paid when it comes back from the provider, and is refunded."""
    from billing.providers.simulated import SimulatedProvider

    remember = SimulatedProvider._remember

    def meanwhile(self, request):
        answer = remember(self, request)
        take_payment(charge=charge, method="terminal", amount=None, idempotency_key=f"cash-{charge.pk}", at=now())
        return answer

    SimulatedProvider._remember = meanwhile
    try:
        pay(charge)
    finally:
        SimulatedProvider._remember = remember


SCENARIOS = {"capture": hold_and_capture, "void": hold_and_void, "pay": pay, "refund": pay_although_paid}


def reconcile():
    """Let the tasks run until they find nothing, as minutes later."""
    Payment.objects.filter(state=PaymentState.PENDING).update(created_at=now() - LATER)
    for _ in range(3):
        Refund.objects.filter(next_attempt_at__isnull=False).update(next_attempt_at=now())
        conclude_payments()
        settle_holds()


def check(charge, where):
    """No payment is left in between, and ours and the provider's books agree to the cent."""
    charge = Charge.objects.get(pk=charge.pk)
    payment = Payment.objects.filter(idempotency_key=key_of(charge)).first()
    card = SimulatedCardPayment.objects.filter(reference=key_of(charge)).first()
    if payment is None:
        assert card is None, where
    else:
        held = payment.state == PaymentState.AUTHORISED and payment.settling_amount is None
        assert held or payment.state in {"captured", "failed", "voided"}, (where, payment.state)
        assert card is not None or payment.state == "failed", where
        if card is not None:
            ours = payment.captured_amount, payment.authorised_amount if held else 0, payment.refunded_amount
            assert ours == (card.approved_amount, card.held_amount, card.refunded_amount), where
    assert 0 <= charge.captured_amount - charge.refunded_amount <= charge.due_amount, where
    assert not charge.payments.filter(refunds__returned_at=None, refunds__amount__gt=0).exists(), where
    with snapshot():
        broken = [proof.rows for proof in prove(money_invariants.INVARIANTS) if not proof.holds]
    assert broken == [], where


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_kill_between_every_two_steps_leaves_nothing_doubled_or_lost(name):
    lot, ended = make_lot(), False
    for step in range(1, MOST_STEPS):
        charge = make_charge(lot, 600)
        ended = not killed_at_step(lambda charge=charge: SCENARIOS[name](charge), step)
        reconcile()
        check(charge, (name, step))
        if ended:
            assert step > 8
            break
    assert ended


def test_the_same_request_goes_on_where_a_kill_stopped_it():
    lot = make_lot()
    for step in range(1, MOST_STEPS):
        charge = make_charge(lot, 600)
        ended = not killed_at_step(lambda charge=charge: hold_and_capture(charge), step)
        Payment.objects.filter(state=PaymentState.PENDING).update(created_at=now() - LATER)
        hold_and_capture(charge)
        payment = Payment.objects.get(idempotency_key=key_of(charge))
        assert (payment.state, payment.captured_amount) == (PaymentState.CAPTURED, 400), step
        check(charge, step)
        if ended:
            return
    pytest.fail("more steps than expected")


@pytest.mark.proof
def test_kills_at_random_points_leave_nothing_doubled_or_lost():
    lot, dice = make_lot(), random.Random(0)
    lengths = {}
    for name, scenario in SCENARIOS.items():
        lengths[name] = lines_of(lambda scenario=scenario: scenario(make_charge(lot, 600)))
    for point in range(POINTS):
        name = dice.choice(list(SCENARIOS))
        line, charge = dice.randint(1, lengths[name]), make_charge(lot, 600)
        killed_at_line(lambda charge=charge, name=name: SCENARIOS[name](charge), line)
        reconcile()
        check(charge, (point, name, line))
