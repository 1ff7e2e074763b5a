"""How long a car waits that is charged automatically, measured over HTTP at a web server of its own."""

import datetime as dt
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.utils.timezone import now

from billing.models import Debt, Payment, PaymentState, SimulatedCardPayment
from billing.tasks import conclude_payments
from tests.fuzz.server import Request, Server, running_server
from tests.gates.agreed_car import FEE, AgreedCar
from tests.gates.test_automatic_payment import pay_debt
from tests.invariants import broken
from tests.slow_provider import NAME
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(transactional_db, tmp_path):
    with running_server(tmp_path, serves="gates") as running:
        yield running


def agreed_car(number: int, card: str = "tok_ok") -> AgreedCar:
    car = AgreedCar(card, plate=f"ZH {number}")
    car.card.provider = NAME
    car.card.save()
    car.comes_in()
    return car


def leave(server: Server, car: AgreedCar, event: str | None = None) -> tuple[dict, float]:
    """Read a car at its exit, and return the answer with how many seconds it took."""
    lane = car.lanes.exit
    body = json.dumps({"event_id": event or str(uuid.uuid4()), "plate": car.plate, "confidence": 0.95}).encode()
    headers = {
        "Authorization": f"Bearer {lane.key}",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    begin = time.monotonic()
    answer = server.send(Request("POST", f"/api/v1/gates/{lane.gate.code}/reads", headers, body))
    assert answer.status == 200, server.log.read_text()[-3000:]
    return json.loads(answer.body), time.monotonic() - begin


def test_provider_at_300_ms_lets_the_car_out_within_a_second_in_one_read(server):
    leave(server, agreed_car(7000))  # so that the server has imported what it needs

    cars = [agreed_car(7001 + number) for number in range(3)]
    answers = [leave(server, car) for car in cars]

    assert [answer["reason"] for answer, _seconds in answers] == ["charged"] * 3
    # A busy machine may delay any of them.
    assert min(seconds for _answer, seconds in answers) <= 1
    assert broken() == []


def test_provider_that_hangs_lets_the_car_out_within_four_seconds_as_a_debt_and_is_never_paid_twice(server):
    leave(server, agreed_car(7000))
    paid_late, paid_before = agreed_car(7001, "tok_answer_lost"), agreed_car(7002, "tok_answer_lost")

    answers = [leave(server, car) for car in (paid_late, paid_before)]

    assert [f"{answer['action']}/{answer['reason']}" for answer, _seconds in answers] == ["open/owed"] * 2
    assert min(seconds for _answer, seconds in answers) <= 4
    assert [debt.amount for debt in Debt.objects.open()] == [FEE, FEE]

    pay_debt(Ticket.objects.filter(lot=paid_before.lot).latest("pk"))
    Payment.objects.filter(state=PaymentState.PENDING).update(created_at=now() - dt.timedelta(seconds=30))
    conclude_payments()

    kept = [
        row.approved_amount - row.refunded_amount
        for row in SimulatedCardPayment.objects.filter(reference__startswith="automatic").order_by("pk")
    ]
    assert kept == [FEE, FEE, 0]
    assert (Debt.objects.open().count(), broken()) == (0, [])


def test_same_read_many_times_at_once_is_one_charge_over_http(server):
    leave(server, agreed_car(7000))
    car, event = agreed_car(7001), str(uuid.uuid4())
    senders = [Server(server.port, server.log) for _ in range(32)]

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda one: leave(one, car, event)[0], senders))

    assert {answer["reason"] for answer in answers} == {"charged"}
    assert Payment.objects.filter(charge__lot=car.lot).count() == 1
    assert broken() == []
