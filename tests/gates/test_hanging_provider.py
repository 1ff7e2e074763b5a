"""A card provider that hangs while many cars leave at once: other lanes go on, every car is out, nobody pays twice."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils.timezone import now

from billing.models import Charge, Debt, Payment, PaymentState, SimulatedCardPayment
from billing.providers import ProviderTimeoutError, waiting_places
from billing.providers.simulated import SimulatedProvider
from billing.services import conclude_payment, take_payment
from tests.gates.agreed_car import FEE, AgreedCar
from tests.gates.lanes import Lanes
from tests.in_time import assert_in_time
from tests.invariants import broken

pytestmark = pytest.mark.django_db(transaction=True)

THREADS, CARS = 8, 32
CHARGE = SimulatedProvider.charge


def hang(monkeypatch, asked):
    """Let the provider take the money and never say so."""

    def charge(provider, request, *, timeout):
        asked.append(request.reference)
        CHARGE(provider, request, timeout=timeout)
        connection.close()
        time.sleep(timeout)
        raise ProviderTimeoutError

    monkeypatch.setattr(SimulatedProvider, "charge", charge)


def leave_all(cars, elsewhere, plate):
    """Let all cars leave at once, and read another car elsewhere meanwhile; return the answers and its seconds."""

    def run(act):
        try:
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        leaving = [pool.submit(run, car.leaves) for car in cars]
        started = time.monotonic()
        entry = pool.submit(run, lambda: (elsewhere.entry.read(plate)["action"], time.monotonic() - started))
        return [one.result() for one in leaving], entry.result()


def parked(count, letters):
    cars = [AgreedCar(plate=f"{letters} {100 + number}") for number in range(count)]
    for car in cars:
        car.comes_in()
    return cars


def test_a_provider_that_hangs_keeps_no_other_lane(monkeypatch):
    waiting_places.share_threads(THREADS)
    elsewhere, asked = Lanes(), []
    elsewhere.entry.read("ZH 1", offline=True)
    with monkeypatch.context() as busy:  # a slow machine is no provider that hangs
        busy.setattr(waiting_places, "SOON_SECONDS", 30)
        calm_answers, (_opened, calm) = leave_all(parked(CARS, "BE"), elsewhere, "ZH 2")
    assert calm_answers == ["open/charged"] * CARS
    cars = parked(CARS, "GE")
    Payment.objects.filter(state=PaymentState.PENDING).delete()
    charged_before = SimulatedCardPayment.objects.count()
    hang(monkeypatch, asked)

    answers, (action, seconds) = leave_all(cars, elsewhere, "ZH 3")

    assert (action, answers) == ("open", ["open/owed"] * CARS)
    # Queued behind all of them, of which each could have kept a thread for 3 s.
    assert_in_time(seconds, 2 * calm + 1)
    # Until so many were silent in a row, the next one takes the place of one that has waited long enough.
    assert 0 < len(asked) <= THREADS - waiting_places.KEPT_FREE + waiting_places.SILENCES - 1
    assert SimulatedCardPayment.objects.count() - charged_before == len(asked)
    assert Debt.objects.open().filter(charge__lot__in=[car.lot for car in cars]).count() == CARS
    assert not broken()

    # One driver pays the debt before what the provider took is known.
    late = list(Payment.objects.filter(state=PaymentState.PENDING).select_related("charge"))
    twice = next(payment for payment in late if payment.idempotency_key in asked)
    take_payment(charge=twice.charge, method="online", amount=None, idempotency_key="own", token="tok_ok", at=now())
    for payment in late:
        conclude_payment(payment=payment, at=now())

    for car in cars:
        charge = Charge.objects.get(lot=car.lot)
        paid = charge.captured_amount - charge.refunded_amount
        was_taken = Payment.objects.filter(charge=charge, state=PaymentState.CAPTURED).exists()
        assert (paid, charge.balance_amount) == ((FEE, 0) if was_taken else (0, FEE))
        assert Debt.objects.open().filter(charge=charge).exists() == (not was_taken)
    assert twice.charge.payments.filter(refunds__amount=FEE).count() == 1
    assert not broken()


def test_a_provider_that_was_silent_twice_is_left_alone_for_a_while(monkeypatch):
    monkeypatch.setattr(waiting_places, "REST_SECONDS", 0.5)
    waits = waiting_places.WaitingPlaces()
    for answered in (False, True, False, False):
        with waits.waiting_for("bank") as may_wait:
            assert may_wait
        waits.note("bank", answered=answered)

    with waits.waiting_for("bank") as may_wait, waits.waiting_for("other") as other_may:
        assert (may_wait, other_may) == (False, True)
    time.sleep(0.5)
    with waits.waiting_for("bank") as may_wait:
        assert may_wait
    waits.note("bank", answered=False)
    with waits.waiting_for("bank") as may_wait:
        assert not may_wait


def test_no_more_threads_wait_than_have_places(monkeypatch):
    monkeypatch.setattr(waiting_places, "SOON_SECONDS", 0.05)
    waits = waiting_places.WaitingPlaces(1)
    with waits.waiting_for("bank") as first, waits.waiting_for("other") as second:
        assert (first, second) == (True, False)
    with waits.waiting_for("bank") as again:
        assert again


def test_a_place_that_is_left_soon_is_waited_for():
    waits = waiting_places.WaitingPlaces(1)

    def wait(seconds):
        with waits.waiting_for("bank") as may_wait:
            time.sleep(seconds)
            return may_wait

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(wait, [0.05] * 3)) == [True] * 3
