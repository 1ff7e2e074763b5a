"""A car that leaves is charged as its driver has agreed to, and only then."""

import datetime as dt
import uuid

import pytest
from django.utils.timezone import now

from billing.models import Debt, Payment, PaymentState, SimulatedCardPayment, WithdrawnWhy
from billing.services import withdraw_automatic
from billing.tasks import conclude_payments
from notifications.models import Message
from tests.factories import (
    make_agreement,
    make_proof,
    make_user,
    make_vehicle,
)
from tests.gates.agreed_car import FEE, PLATE, AgreedCar, prove_earlier
from tests.gates.lanes import Lane
from tests.gates.test_passages import tell
from tests.invariants import broken
from tickets.models import PlateCorrection, StayProof, Ticket, TicketStatus
from tickets.paying import pay_ticket

pytestmark = pytest.mark.django_db(transaction=True)


def charged() -> list[int]:
    return list(Payment.objects.filter(automatic__isnull=False).values_list("captured_amount", flat=True))


def test_agreed_car_is_charged_and_leaves_in_one_read():
    car = AgreedCar()
    ticket = car.comes_in()

    answer = car.lanes.exit.read(PLATE)

    assert (answer["action"], answer["reason"], answer["fee"]) == ("open", "charged", None)
    assert answer["message"] == "Paid automatically, thank you. Goodbye."
    ticket.refresh_from_db()
    payment = Payment.objects.get()
    assert (ticket.status, ticket.closed_reason) == (TicketStatus.CLOSED, "charged")
    assert (payment.captured_amount, payment.automatic, payment.saved_method) == (FEE, car.agreement, car.card)
    assert (ticket.charge.balance_amount, Debt.objects.count(), broken()) == (0, 0, [])


def test_same_read_again_gets_the_same_answer_and_charges_nothing():
    car = AgreedCar()
    car.comes_in()
    event = str(uuid.uuid4())

    first = car.lanes.exit.read(PLATE, event_id=event)
    again = car.lanes.exit.read(PLATE, event_id=event)

    assert again == first | {"replayed": True}
    assert car.leaves() == "open/charged"
    assert charged() == [FEE]


def test_stay_that_costs_nothing_is_not_charged():
    car = AgreedCar()
    car.comes_in(hours=0.1)

    assert (car.leaves(), charged()) == ("open/grace", [])


# --- what is agreed


def above_the_limit(car: AgreedCar) -> None:
    withdraw_automatic(agreement=car.agreement, why=WithdrawnWhy.TERMS, at=now())
    make_agreement(car.vehicle, car.card, FEE - 1)


def withdrawn(car: AgreedCar) -> None:
    withdraw_automatic(agreement=car.agreement, why=WithdrawnWhy.DRIVER, at=now())


def agreed_later(car: AgreedCar) -> None:
    withdraw_automatic(agreement=car.agreement, why=WithdrawnWhy.TERMS, at=now())
    make_agreement(car.vehicle, car.card, agreed_at=now() + dt.timedelta(minutes=1))


def in_another_currency(car: AgreedCar) -> None:
    withdraw_automatic(agreement=car.agreement, why=WithdrawnWhy.TERMS, at=now())
    make_agreement(car.vehicle, car.card, currency="EUR")


def card_removed(car: AgreedCar) -> None:
    car.card.removed_at = now()
    car.card.save()


def vehicle_removed(car: AgreedCar) -> None:
    car.vehicle.delete()


def plate_of_the_vehicle_changed(car: AgreedCar) -> None:
    car.vehicle.plate_normalised = "ZH1"
    car.vehicle.save()


def account_closed(car: AgreedCar) -> None:
    car.driver.is_active = False
    car.driver.save()


def another_account_agreed_too(car: AgreedCar) -> None:
    make_agreement(make_vehicle(make_user(), PLATE))


# --- whose car it is


def proven_by_nobody(car: AgreedCar) -> None:
    StayProof.objects.all().delete()


def proven_by_another_only(car: AgreedCar) -> None:
    StayProof.objects.update(driver=make_user())


def proven_by_two(car: AgreedCar) -> None:
    prove_earlier(make_user(), car.lot)


def this_stay_proven_by_another(car: AgreedCar) -> None:
    make_proof(Ticket.objects.latest("pk"), make_user())


def proof_of_a_plate_that_was_typed(car: AgreedCar) -> None:
    PlateCorrection.objects.create(ticket=car.proven, from_plate="ZH 1", to_plate=PLATE, at=now())


def proof_of_a_void_stay(car: AgreedCar) -> None:
    Ticket.objects.filter(pk=car.proven.pk).update(status=TicketStatus.VOID)


# --- the stay


def plate_corrected(car: AgreedCar) -> None:
    ticket = Ticket.objects.latest("pk")
    PlateCorrection.objects.create(ticket=ticket, from_plate="ZH 1", to_plate=PLATE, at=now())


NOT_CHARGED = [
    above_the_limit,
    withdrawn,
    agreed_later,
    in_another_currency,
    card_removed,
    vehicle_removed,
    plate_of_the_vehicle_changed,
    account_closed,
    another_account_agreed_too,
    proven_by_nobody,
    proven_by_another_only,
    proven_by_two,
    this_stay_proven_by_another,
    proof_of_a_plate_that_was_typed,
    proof_of_a_void_stay,
    plate_corrected,
]


@pytest.mark.parametrize("why", NOT_CHARGED, ids=lambda why: why.__name__)
def test_nobody_is_charged_unless_all_that_was_agreed_holds(why):
    car = AgreedCar()
    car.comes_in()
    why(car)

    assert (car.leaves(), charged()) == ("pay/fee_due", [])


def test_own_proof_of_this_stay_is_enough():
    car = AgreedCar()
    proven_by_two(car)
    make_proof(car.comes_in(), car.driver)

    assert car.leaves() == "open/charged"


def test_plate_that_was_hard_to_read_at_the_entry_is_not_charged():
    car = AgreedCar()
    car.comes_in(confidence=0.7)
    car.lot.confidence_threshold = 0.8
    car.lot.save()

    assert (car.leaves(), charged()) == ("pay/fee_due", [])


@pytest.mark.parametrize(
    ("read", "answer"),
    [
        ({"plate": "ZH 3I4159"}, "pay/fee_due"),
        ({"plate": "ZH 31415", "candidates": [{"plate": PLATE}]}, "pay/fee_due"),
        ({"confidence": 0.5}, "pay/fee_due"),
        ({"region": "D"}, "pay/fee_due"),
        ({"offline": True}, "open/owed"),
    ],
    ids=["alike", "candidate", "unsure", "elsewhere", "offline"],
)
def test_read_at_the_exit_has_to_be_of_exactly_the_vehicle(read, answer):
    car = AgreedCar()
    car.comes_in(region="CH")

    assert (car.leaves(**{"plate": PLATE} | read), charged()) == (answer, [])


def test_plate_that_was_read_otherwise_at_the_entry_is_not_charged():
    car = AgreedCar()
    car.comes_in("ZH 3I4159")

    assert (car.leaves(), charged()) == ("pay/fee_due", [])


def test_ticket_of_another_car_never_charges_the_driver():
    car = AgreedCar()
    other = car.comes_in("BE 20017")
    mine = car.comes_in()

    assert car.leaves(ticket_number=other.number) == "attend/ambiguous"
    assert car.leaves("BE 20017", ticket_number=mine.number) in {"pay/fee_due", "attend/ambiguous"}
    assert charged() == []


def test_own_ticket_with_the_own_plate_is_charged():
    car = AgreedCar()
    ticket = car.comes_in()

    assert car.leaves(ticket_number=ticket.number) == "open/charged"


def test_own_ticket_without_a_plate_is_asked_to_pay():
    car = AgreedCar()
    ticket = car.comes_in()

    assert (car.leaves(None, ticket_number=ticket.number), charged()) == ("pay/fee_due", [])


def test_gate_that_is_held_open_charges_nobody():
    car = AgreedCar()
    car.comes_in()
    car.lanes.exit.gate.held_open_since, car.lanes.exit.gate.held_open_by = now(), make_user()
    car.lanes.exit.gate.held_open_why = "fire alarm"
    car.lanes.exit.gate.save()

    assert (car.leaves(), charged()) == ("open/held_open", [])


# --- what the provider says


def test_decline_asks_the_driver_once_more_and_the_card_is_not_charged_again():
    car = AgreedCar("tok_declined")
    car.comes_in()

    answers = [car.lanes.exit.read(PLATE, minute=minute) for minute in (-1.2, -0.6, 0)]

    assert [answer["reason"] for answer in answers] == ["fee_due"] * 3
    assert answers[0]["message"] == "Payment declined. Please try again: CHF\xa09.00."
    assert [payment.failure for payment in Payment.objects.all()] == ["declined"]


def test_decline_that_nobody_answers_becomes_a_debt():
    car = AgreedCar("tok_declined")
    car.comes_in()

    assert [car.leaves(minute=minute) for minute in (-1.5, 1)] == ["pay/fee_due", "open/owed"]
    assert (Debt.objects.get().amount, Payment.objects.count(), broken()) == (FEE, 1, [])


def test_partial_approval_leaves_the_rest_as_a_debt():
    car = AgreedCar("tok_partial_400")
    car.comes_in()

    assert car.leaves() == "open/owed"
    assert (charged(), Debt.objects.get().amount, Debt.objects.get().reason) == ([400], 500, "card paid only a part")
    assert broken() == []


def test_provider_that_is_down_lets_the_car_go_owing():
    car = AgreedCar("tok_unavailable")
    car.comes_in()

    assert (car.leaves(), Debt.objects.get().reason) == ("open/owed", "card payment did not work")


@pytest.fixture
def hanging(monkeypatch):
    """Let nobody wait long for a provider that never answers."""
    monkeypatch.setattr("billing.services.payments.by_provider.PROVIDER_SECONDS", 0.05)


def conclude_later() -> None:
    """Do what the worker does half a minute later."""
    Payment.objects.filter(state=PaymentState.PENDING).update(created_at=now() - dt.timedelta(seconds=30))
    conclude_payments()


@pytest.mark.usefixtures("hanging")
def test_late_success_pays_the_debt():
    car = AgreedCar("tok_answer_lost")
    ticket = car.comes_in()

    assert car.leaves() == "open/owed"
    assert (Debt.objects.open().get().amount, Payment.objects.get().state) == (FEE, PaymentState.PENDING)
    conclude_later()

    ticket.refresh_from_db()
    assert (charged(), Debt.objects.open().count(), ticket.charge.balance_amount) == ([FEE], 0, 0)
    assert (ticket.status, Message.objects.get(template="automatic_payment").recipient) == (
        TicketStatus.CLOSED,
        car.driver.email,
    )
    assert broken() == []


@pytest.mark.usefixtures("hanging")
def test_late_success_after_the_debt_was_paid_goes_back():
    car = AgreedCar("tok_answer_lost")
    ticket = car.comes_in()
    car.leaves()
    pay_debt(ticket)
    conclude_later()

    ticket.refresh_from_db()
    kept = ticket.charge.captured_amount - ticket.charge.refunded_amount
    assert (kept, ticket.charge.balance_amount, Debt.objects.open().count()) == (FEE, 0, 0)
    assert [row.refunded_amount for row in SimulatedCardPayment.objects.filter(reference__startswith="automatic")] == [
        FEE
    ]
    assert broken() == []


def pay_debt(ticket: Ticket) -> None:
    ticket.refresh_from_db()
    payment = pay_ticket(
        ticket=ticket, method="card", token="tok_ok", amount=None, idempotency_key="k", at=now(), by_number=False
    )
    assert payment.state == PaymentState.CAPTURED


@pytest.mark.usefixtures("hanging")
def test_payment_that_never_was_leaves_the_debt():
    car = AgreedCar("tok_timeout")
    car.comes_in()
    car.leaves()
    conclude_later()

    assert (Debt.objects.open().get().amount, charged(), broken()) == (FEE, [0], [])


# --- barriers that confirm


def confirming(card: str = "tok_ok") -> tuple[AgreedCar, Lane, Ticket]:
    car = AgreedCar(card)
    car.lanes.exit = Lane(car.lot, "exit", confirms_passage=True)
    return car, car.lanes.exit, car.comes_in()


def test_promise_that_is_kept_closes_the_stay_as_charged():
    _car, lane, ticket = confirming()

    opened = lane.read(PLATE)
    ticket.refresh_from_db()
    assert (opened["reason"], ticket.status) == ("charged", TicketStatus.PAID)
    assert tell(lane, opened["event_id"], "passed").status_code == 200

    ticket.refresh_from_db()
    assert (ticket.status, ticket.closed_reason, charged(), broken()) == (TicketStatus.CLOSED, "charged", [FEE], [])


def test_car_that_backs_out_has_paid_and_leaves_within_the_exit_grace():
    _car, lane, ticket = confirming()

    opened = lane.read(PLATE)
    tell(lane, opened["event_id"], "backed_out")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.is_open) == (TicketStatus.PAID, True)

    assert lane.read(PLATE, minute=3)["reason"] == "paid"
    assert (charged(), broken()) == ([FEE], [])


def test_limit_is_for_the_whole_stay():
    """A car that backs out and stays on owes more later: what was charged before counts towards the limit."""
    car, lane, ticket = confirming()
    withdrawn(car)
    make_agreement(car.vehicle, car.card, 1000)
    opened = lane.read(PLATE)
    assert opened["reason"] == "charged"
    tell(lane, opened["event_id"], "backed_out")
    Ticket.objects.filter(pk=ticket.pk).update(
        entry_at=now() - dt.timedelta(hours=4.5), paid_at=now() - dt.timedelta(hours=2)
    )

    assert lane.read(PLATE, minute=3)["reason"] == "fee_due"
    assert charged() == [FEE]


@pytest.mark.usefixtures("hanging")
def test_late_success_before_the_barrier_reports_leaves_no_debt():
    _car, lane, ticket = confirming("tok_answer_lost")

    opened = lane.read(PLATE)
    conclude_later()
    tell(lane, opened["event_id"], "passed")

    ticket.refresh_from_db()
    assert (opened["reason"], ticket.closed_reason, Debt.objects.count()) == ("owed", "paid", 0)
    assert (charged(), broken()) == ([FEE], [])


# --- the mail


def test_each_charge_is_mailed_with_what_it_was_for():
    car = AgreedCar()
    ticket = car.comes_in()
    car.leaves()

    mail = Message.objects.get(template="automatic_payment")
    assert (mail.recipient, mail.operator) == (car.driver.email, car.lot.operator)
    assert mail.context["amount"] == "CHF\xa09.00"
    assert mail.context["ticket"] == ticket.number
    assert mail.context["card"] == "Visa ending 4242"
    assert ticket.token not in str(mail.context)
