"""Random walks of drivers, cars, cards, banks and people: whatever comes in whatever order, the money adds up."""

import datetime as dt
from contextlib import suppress
from random import Random

import pytest
from django.utils.timezone import now

from accounts.models import BlockedPlate
from billing.models import (
    AutomaticPayment,
    Charge,
    Objection,
    Payment,
    PaymentState,
    SimulatedCardPayment,
    WithdrawnWhy,
)
from billing.services import agree_automatic, object_to, return_refund, withdraw_automatic
from billing.tasks import conclude_payments
from common.errors import DomainError
from tests.factories import make_user
from tests.gates.agreed_car import AgreedCar
from tests.invariants import broken
from tickets.models import Ticket
from tickets.paying import pay_ticket
from tickets.services import answer_objection

pytestmark = pytest.mark.django_db(transaction=True)

CARDS = ("tok_ok", "tok_ok", "tok_declined", "tok_partial_400", "tok_answer_lost", "tok_timeout", "tok_unavailable")


class Walk:
    """One car, its driver, and what may happen to them."""

    def __init__(self, seed: int) -> None:
        self.random, self.minute = Random(seed), 0.0
        self.car = AgreedCar()
        self.admin = make_user("admin", self.car.lot.operator)

    def step(self) -> None:
        often = (self.arrive, self.leave, self.agree) * 3
        seldom = (self.leave, self.swap_card, self.withdraw, self.phone, self.worker, self.object, self.decide)
        self.minute += self.random.choice((0.1, 1, 3))
        with suppress(DomainError):  # some are refused
            self.random.choice(often + seldom)()

    def inside(self) -> Ticket | None:
        return Ticket.objects.open().filter(lot=self.car.lot).first()

    def arrive(self) -> None:
        if self.inside() is None and not BlockedPlate.objects.in_force().exists():
            self.car.comes_in(hours=self.random.choice((0.1, 1, 2.5, 2.5, 7)), minute=self.minute)

    def leave(self) -> None:
        read = self.random.choice(({}, {}, {}, {}, {"confidence": 0.5}, {"offline": True}, {"region": "D"}))
        self.car.lanes.exit.read(self.car.plate, minute=self.minute, **read)

    def swap_card(self) -> None:
        self.car.card.reference = self.random.choice(CARDS)
        self.car.card.save()

    def withdraw(self) -> None:
        for agreement in AutomaticPayment.objects.standing():
            withdraw_automatic(agreement=agreement, why=WithdrawnWhy.DRIVER, at=now())

    def agree(self) -> None:
        limit = self.random.choice((300, 5000, 5000))
        terms = {"vehicle": self.car.vehicle, "saved_method": self.car.card, "limit": limit, "currency": "CHF"}
        agree_automatic(driver=self.car.driver, at=now(), **terms)

    def phone(self) -> None:
        ticket = Ticket.objects.filter(lot=self.car.lot).latest("pk")
        token, key = self.random.choice(("tok_ok", "tok_declined")), str(self.random.random())
        pay_ticket(
            ticket=ticket, method="card", token=token, amount=None, idempotency_key=key, at=now(), by_number=False
        )

    def worker(self) -> None:
        conclude_payments()

    def object(self) -> None:
        payment = Payment.objects.filter(automatic__isnull=False, state=PaymentState.CAPTURED).last()
        if payment is not None:
            object_to(payment=payment, at=now())

    def decide(self) -> None:
        objection = Objection.objects.waiting().first()
        if objection is not None:
            outcome = self.random.choice(("refunded", "rejected"))
            _row, refund = answer_objection(objection=objection, outcome=outcome, word="seen", by=self.admin, at=now())
            if refund is not None:
                return_refund(refund=refund, at=now())


@pytest.mark.parametrize("seed", range(6))
def test_money_adds_up_after_any_walk(seed, monkeypatch):
    monkeypatch.setattr("billing.services.payments.by_provider.PROVIDER_SECONDS", 0.02)
    # The lanes' clock of a walk runs ahead of the worker's.
    monkeypatch.setattr("billing.queries._ANSWER_TIME", dt.timedelta(days=-1))
    walk = Walk(seed)
    walk.car.comes_in()
    assert walk.car.leaves() == "open/charged"
    walk.minute = 1
    for _step in range(40):
        walk.step()
    walk.worker()
    walk.worker()

    ours = sum(charge.captured_amount - charge.refunded_amount for charge in Charge.objects.all())
    theirs = sum(row.approved_amount - row.refunded_amount for row in SimulatedCardPayment.objects.all())
    wrong = [one for one in broken() if not one.startswith("nobody_leaves_in_the_future")]
    assert (ours, wrong) == (theirs, [])
    assert not Payment.objects.filter(state=PaymentState.PENDING).exists()
