"""Automatic payment under way, and everything that happens at the same moment."""

import datetime as dt
import time
import uuid
from threading import Event, Thread

import pytest
from django.db import connection
from django.utils.timezone import now

from billing.models import Debt, Payment, PaymentState, SimulatedCardPayment, WithdrawnWhy
from billing.providers.simulated import SimulatedProvider
from billing.services import agree_automatic, withdraw_automatic
from billing.tasks import conclude_payments
from gates.models import GateEvent
from gates.reads import charging
from gates.services import Tender, take_exit_payment
from tests.at_once import at_once
from tests.factories import make_user
from tests.gates.agreed_car import FEE, PLATE, AgreedCar
from tests.gates.lanes import Lane
from tests.invariants import broken
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
CHARGE = SimulatedProvider.charge


@pytest.fixture
def slow(monkeypatch):
    """Let the provider take 300 ms, and count how often it is asked."""
    asked = []

    def charge(self, request, *, timeout):
        asked.append(request.reference)
        time.sleep(0.3)
        return CHARGE(self, request, timeout=timeout)

    monkeypatch.setattr(SimulatedProvider, "charge", charge)
    return asked


class Held:
    """A provider that has been asked and answers when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked, self._answer = Event(), Event()
        monkeypatch.setattr(SimulatedProvider, "charge", self._charge_of())

    def _charge_of(self):
        def charge(provider, request, *, timeout):
            self.asked.set()
            assert self._answer.wait(20)
            return CHARGE(provider, request, timeout=timeout)

        return charge

    def leaving(self, car: AgreedCar) -> tuple[Thread, list[str]]:
        """Begin an exit, and return when the provider has been asked."""
        told: list[str] = []

        def leave() -> None:
            try:
                told.append(car.leaves())
            finally:
                connection.close()

        thread = Thread(target=leave)
        thread.start()
        assert self.asked.wait(20)
        return thread, told

    def answers(self, thread: Thread) -> None:
        self._answer.set()
        thread.join(20)


def captured() -> int:
    return sum(row.approved_amount - row.refunded_amount for row in SimulatedCardPayment.objects.all())


def test_same_read_thirty_two_times_at_once_is_one_charge_and_one_answer(slow):
    car = AgreedCar()
    car.comes_in()
    body = {"event_id": str(uuid.uuid4()), "captured_at": now().isoformat()}

    answers = at_once([lambda: car.lanes.exit.read(PLATE, **body)] * 32)

    assert all(one | {"replayed": False} == answers[0] | {"replayed": False} for one in answers)
    assert answers[0]["reason"] == "charged"
    assert sorted(one["replayed"] for one in answers) == [False] + [True] * 31
    assert (len(slow), captured(), Payment.objects.count(), broken()) == (1, FEE, 1, [])


def test_many_pictures_of_one_car_at_once_are_one_charge(slow):
    car = AgreedCar()
    car.comes_in()

    answers = at_once([car.leaves] * 16)

    assert set(answers) == {"open/charged"}
    assert (len(slow), captured(), broken()) == (1, FEE, [])


def test_two_lanes_at_once_are_one_charge(slow):
    car = AgreedCar()
    car.comes_in()
    other = Lane(car.lot, "exit")

    answers = at_once([lambda: car.lanes.exit.read(PLATE)["reason"], lambda: other.read(PLATE)["reason"]])

    assert answers.count("charged") == 1
    assert (len(slow), captured(), broken()) == (1, FEE, [])


def test_two_confirming_lanes_at_once_promise_one_exit(slow):
    car = AgreedCar()
    car.comes_in()
    lanes = [Lane(car.lot, "exit", confirms_passage=True) for _ in range(2)]

    answers = at_once([lambda lane=lane: lane.read(PLATE)["reason"] for lane in lanes])

    assert sorted(answers) == ["charged", "passback"]
    assert (len(slow), captured(), broken()) == (1, FEE, [])


def test_many_agreed_cars_at_once_are_each_charged_once(slow):
    cars = [AgreedCar(plate=f"ZH {number}") for number in range(7001, 7009)]
    for car in cars:
        car.comes_in()

    assert at_once([car.leaves for car in cars]) == ["open/charged"] * 8
    assert (len(slow), captured(), broken()) == (8, 8 * FEE, [])


def test_lot_is_free_while_the_provider_is_asked(monkeypatch):
    car, held = AgreedCar(), Held(monkeypatch)
    car.comes_in()
    thread, told = held.leaving(car)

    assert car.lanes.entry.read("BE 1")["reason"] == "ok"
    assert Payment.objects.get().state == PaymentState.PENDING
    held.answers(thread)

    assert told == ["open/charged"]


def test_withdrawing_while_charging_lets_this_exit_finish_and_no_other_begin(monkeypatch):
    car, held = AgreedCar(), Held(monkeypatch)
    car.comes_in()
    thread, told = held.leaving(car)
    withdraw_automatic(agreement=car.agreement, why=WithdrawnWhy.DRIVER, at=now())
    held.answers(thread)
    car.comes_in(hours=2.5)

    assert told == ["open/charged"]
    assert car.lanes.exit.read(PLATE, minute=1)["reason"] == "fee_due"
    assert (captured(), broken()) == (FEE, [])


def test_withdrawal_with_an_earlier_clock_is_not_told_as_before_the_charge(monkeypatch):
    car, held = AgreedCar(), Held(monkeypatch)
    began = now()
    car.comes_in()
    thread, _told = held.leaving(car)
    withdraw_automatic(agreement=car.agreement, why=WithdrawnWhy.DRIVER, at=began)
    held.answers(thread)

    assert broken() == []


def test_withdrawal_between_reading_and_charging_is_obeyed(monkeypatch):
    car = AgreedCar()
    car.comes_in()
    reserve = charging.reserve_agreed

    def late(**terms):
        withdraw_automatic(agreement=car.agreement, why=WithdrawnWhy.DRIVER, at=now())
        return reserve(**terms)

    monkeypatch.setattr(charging, "reserve_agreed", late)

    assert (car.leaves(), Payment.objects.count()) == ("pay/fee_due", 0)


def test_lower_limit_while_charging_counts_from_the_next_read_on(monkeypatch):
    car, held = AgreedCar(), Held(monkeypatch)
    car.comes_in()
    thread, told = held.leaving(car)
    agree_automatic(driver=car.driver, vehicle=car.vehicle, saved_method=car.card, limit=100, currency="CHF", at=now())
    held.answers(thread)

    assert (told, captured(), broken()) == (["open/charged"], FEE, [])


def test_cash_at_the_desk_meanwhile_gives_the_card_its_money_back(monkeypatch):
    car, held = AgreedCar(), Held(monkeypatch)
    ticket = car.comes_in()
    thread, told = held.leaving(car)
    attendant = make_user("attendant", car.lot.operator)
    tender = Tender(method="terminal", key=uuid.uuid4())
    done = take_exit_payment(
        ticket=Ticket.objects.get(pk=ticket.pk), gate=car.lanes.exit.gate, tender=tender, by=attendant, at=now()
    )
    held.answers(thread)
    conclude_payments()

    ticket.refresh_from_db()
    assert done.left
    assert len(told) == 1
    assert (ticket.charge.captured_amount - ticket.charge.refunded_amount, captured()) == (FEE, 0)
    assert (Debt.objects.count(), broken()) == (0, [])


def test_process_that_dies_while_charging_leaves_a_debt_that_the_late_success_pays(monkeypatch):
    """The device sends the same read again; the pending payment is not asked for a second time."""
    car = AgreedCar()
    car.comes_in()

    class KilledError(BaseException):
        """The process is gone."""

    def die(self, request, *, timeout):
        CHARGE(self, request, timeout=timeout)
        raise KilledError

    monkeypatch.setattr(SimulatedProvider, "charge", die)
    event = str(uuid.uuid4())
    with pytest.raises(KilledError):
        car.lanes.exit.read(PLATE, event_id=event)
    monkeypatch.setattr("gates.reads.charging.LONGEST_WAIT", dt.timedelta(seconds=0.2))

    assert car.lanes.exit.read(PLATE, event_id=event)["reason"] == "owed"
    assert GateEvent.objects.filter(event_id=event).count() == 1
    Payment.objects.update(created_at=now() - dt.timedelta(seconds=30))
    conclude_payments()
    assert (captured(), Debt.objects.open().count(), broken()) == (FEE, 0, [])
