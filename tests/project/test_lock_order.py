"""Locks have one order in every action, so that two that meet wait for each other but never in a circle."""

import datetime as dt
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from billing.models import Payment
from billing.providers.simulated import SimulatedProvider
from billing.services import lock_charge, refund_payment
from gates.models import GateEvent
from gates.services import (
    confirm_silent_passages,
    correct_plate,
    end_hold,
    end_unseen_at_desk,
    hold_open,
    undo_exit,
    void_at_desk,
)
from lots.services import lock_lot, update_lot
from merchants.services import give_validation
from passes.services import bill_renewals, cancel_pass, offer_renewals, swap_plate
from tests.actions import ACTIONS, allow_waivers, listen, transactions
from tests.desk.test_pages import Desk
from tests.factories import make_charge, make_merchant, make_promo_code, make_validation_type
from tests.gates.agreed_car import AgreedCar
from tests.gates.lanes import Lane
from tests.gates.test_passages import tell
from tests.passes.sold import bought, granted, offered
from tickets.fees import fee_of
from tickets.models import Ticket
from tickets.paying import pay_ticket
from tickets.services import (
    Place,
    Settlement,
    assess_ticket,
    close_from_review,
    move_stay,
    review_ticket,
    state_of_stay,
    take_back_end,
)

pytestmark = pytest.mark.django_db(transaction=True)

# What a statement locks, in the order in which that may happen. The triggers of money that moves update its charge.
LOCKS = {
    "lot": r"pg_advisory_xact_lock\((\$1|1)::int",
    "pass": r'(FROM "passes_pass".* FOR NO KEY UPDATE|FROM passes_pass .* FOR NO KEY UPDATE|UPDATE "?passes_pass"? )',
    "charge": r'(FROM "billing_charge".* FOR UPDATE|UPDATE "?billing_charge|INSERT INTO "?billing_(payment|credit|refund)"? )',
    "ticket": r'(FROM "tickets_ticket".* FOR UPDATE|UPDATE "?tickets_ticket)',
    "agreement": r'FROM "billing_automaticpayment".* FOR UPDATE',
    "debts": r'(hashtextextended|UPDATE "billing_debt")',
    "budget": r'FROM "(accounts_membership|merchants_validationbudget|billing_promocode|billing_voucher)".* FOR UPDATE',
    "shift": r'(FROM billing_shift .* FOR SHARE|FROM "billing_shift".* FOR NO KEY UPDATE)',
    "document counter": r"INSERT INTO billing_documentcounter",
}
MADE = {
    "pass": 'INSERT INTO "passes_pass" ',
    "charge": 'INSERT INTO "billing_charge"',
    "ticket": 'INSERT INTO "tickets_ticket"',
}
"""Nobody else sees, or waits for, a row that the transaction has inserted itself."""
SAVEPOINT = re.compile(r'(SAVEPOINT|ROLLBACK TO SAVEPOINT) "?(\w+)')


def locks_of(statements: list[str]) -> list[str]:
    """The kinds of locks in the order in which a transaction first took each; what it let go again doesn't count."""
    taken: list[str] = []
    made: set[str] = set()
    savepoints: dict[str, int] = {}
    for statement in statements:
        if found := SAVEPOINT.match(statement):
            if found[1] == "SAVEPOINT":
                savepoints[found[2]] = len(taken)
            else:
                del taken[savepoints[found[2]] :]
        words = " ".join(statement.split())
        made |= {kind for kind, insert in MADE.items() if words.startswith(insert)}
        taken += [kind for kind, locks in LOCKS.items() if kind not in {*taken, *made} and re.search(locks, words)]
    return taken


def in_order(taken: list[str]) -> bool:
    return taken == sorted(taken, key=list(LOCKS).index)


@pytest.mark.parametrize("action", ACTIONS)
def test_locks_are_taken_in_one_order(action):
    desk = Desk()
    act = ACTIONS[action](desk)

    assert [taken for one in transactions(listen(act)) if not in_order(taken := locks_of(one))] == []


@pytest.mark.parametrize(
    ("action", "taken"),
    [
        ("cash at the desk", ["lot", "ticket", "shift"]),
        ("cash after a declined card", ["lot", "charge", "ticket", "shift"]),
        ("an exit that owes", ["lot", "ticket", "debts"]),
        ("an exit that is waived", ["lot", "ticket", "budget"]),
        ("cash for a debt", ["charge", "ticket", "debts", "shift"]),
    ],
)
def test_locks_are_heard(action: str, taken: list[str]):
    heard = [locks for one in transactions(listen(ACTIONS[action](Desk()))) if (locks := locks_of(one))]

    assert heard == [taken]


def test_a_validation_and_a_code_take_their_budget_after_the_stay():
    desk = Desk()
    make_promo_code(desk.lot.operator, stackable=True)
    kind = make_validation_type(make_merchant(desk.lot), stackable=True, budget_kind="number", budget_limit=5)
    given = {"method": "card", "token": "tok_ok", "amount": None, "by_number": False, "promo_code": "SUMMER-26"}
    acts = (
        lambda: give_validation(kind=kind, ticket=desk.ticket, at=now(), by=None),
        lambda: pay_ticket(ticket=Ticket.objects.get(pk=desk.ticket.pk), idempotency_key="k", at=now(), **given),
    )
    heard = [[locks for one in transactions(listen(act)) if (locks := locks_of(one))] for act in acts]

    assert heard[0] == [["lot", "ticket", "budget"]]
    assert ["charge", "budget"] in heard[1]
    assert all(in_order(locks) for locks in heard[1])


def test_car_that_is_charged_automatically_keeps_the_order_and_holds_no_lock_while_the_provider_is_asked(monkeypatch):
    car, ask = AgreedCar(), SimulatedProvider.charge
    car.comes_in()
    monkeypatch.setattr(
        SimulatedProvider,
        "charge",
        lambda provider, request, *, timeout: (
            ask(provider, request, timeout=timeout) if not connection.in_atomic_block else pytest.fail("locks are held")
        ),
    )
    heard = [locks for one in transactions(listen(car.leaves)) if (locks := locks_of(one))]

    assert heard == [["lot", "ticket", "agreement"], ["charge", "ticket"], ["lot", "ticket"]]


def refund_of_a_car_that_left(desk: Desk) -> Callable[[], object]:
    desk.cash()
    payment = Payment.objects.get(charge__ticket=desk.ticket)
    given = {"amount": 900, "reason": "a mistake", "idempotency_key": "a key", "refunded_by": desk.user}
    return lambda: refund_payment(payment=payment, at=now(), **given)


def taking_back_of_an_end(desk: Desk) -> Callable[[], object]:
    ACTIONS["an exit that owes"](desk)()
    return lambda: take_back_end(ticket=Ticket.objects.get(pk=desk.ticket.pk), at=now(), why="a later record")


def debt_out_of_review(desk: Desk) -> Callable[[], object]:
    at = now()
    owed = fee_of(Ticket.objects.get(pk=desk.ticket.pk), at).owed
    stay = review_ticket(ticket=desk.ticket, at=at, why="looked at")
    return lambda: close_from_review(
        ticket=stay, left_at=at, agreed=owed, settlement=Settlement.DEBT, at=at, why="it left", by=desk.user
    )


def unseen_exit(desk: Desk, settlement: Settlement) -> Callable[[], object]:
    at = now()
    owed = fee_of(Ticket.objects.get(pk=desk.ticket.pk), at).owed
    return lambda: end_unseen_at_desk(
        ticket=desk.ticket, left_at=at, agreed=owed, settlement=settlement, by=desk.user, note="it left", at=at
    )


def unseen_exit_that_owes(desk: Desk) -> Callable[[], object]:
    return unseen_exit(desk, Settlement.DEBT)


def unseen_exit_that_is_waived(desk: Desk) -> Callable[[], object]:
    allow_waivers(desk)
    return unseen_exit(desk, Settlement.WAIVE)


def stay_that_never_was(desk: Desk) -> Callable[[], object]:
    allow_waivers(desk)
    assess_ticket(ticket=desk.ticket, at=now())
    ticket = Ticket.objects.get(pk=desk.ticket.pk)
    return lambda: void_at_desk(ticket=ticket, by=desk.user, note="two tickets for one car", at=now())


def undone_exit(desk: Desk, action: str) -> Callable[[], object]:
    ACTIONS[action](desk)()
    done = GateEvent.objects.get(ticket=desk.ticket)
    ticket = Ticket.objects.get(pk=desk.ticket.pk)
    return lambda: undo_exit(ticket=ticket, exit_id=done.event_id, by=desk.user, at=now(), key=uuid4())


def undone_exit_that_owed(desk: Desk) -> Callable[[], object]:
    return undone_exit(desk, "an exit that owes")


def undone_exit_that_was_waived(desk: Desk) -> Callable[[], object]:
    return undone_exit(desk, "an exit that is waived")


def corrected_plate(desk: Desk) -> Callable[[], object]:
    return lambda: correct_plate(ticket=desk.ticket, plate="GE 1", by=desk.user, at=now(), key=uuid4())


def moved_car(desk: Desk) -> Callable[[], object]:
    spot, ticket = desk.lot.spots.filter(stay=None)[0], Ticket.objects.get(pk=desk.ticket.pk)
    place, seen = Place(level_id=spot.level_id, spot_type=spot.spot_type, spot_id=spot.pk), state_of_stay(ticket)
    given = {"seen": seen, "at": now(), "why": "seen there", "by": desk.user, "key": uuid4()}
    return lambda: move_stay(ticket=ticket, place=place, **given)


def gate_held_open(desk: Desk) -> Callable[[], object]:
    return lambda: hold_open(gate=desk.exit.gate, by=desk.user, note="fire alarm", at=now(), key=uuid4())


def end_of_a_hold(desk: Desk) -> Callable[[], object]:
    gate_held_open(desk)()
    return lambda: end_hold(gate=desk.exit.gate, by=desk.user, at=now())


def promised_exit(desk: Desk) -> tuple[Lane, str]:
    """A car that nobody answered, and its lane, which has opened and waits for the barrier's word."""
    lane = Lane(desk.lot, "exit", confirms_passage=True)
    lane.read(desk.ticket.plate)
    opened = lane.read(desk.ticket.plate, minute=3)
    assert opened["reason"] == "owed"
    return lane, opened["event_id"]


def reported_passage(desk: Desk) -> Callable[[], object]:
    lane, opening = promised_exit(desk)
    return lambda: tell(lane, opening, "passed")


def silent_passage(desk: Desk) -> Callable[[], object]:
    promised_exit(desk)
    return lambda: confirm_silent_passages(at=now() + dt.timedelta(minutes=9))


def cars_told_by_region(desk: Desk) -> Callable[[], object]:
    return lambda: update_lot(lot=desk.lot, values={"plates_by_region": True})


def cancelled_pass(desk: Desk) -> Callable[[], object]:
    held = bought(offered(desk.lot, period_months=3), at=now(), valid_from=now().date())
    return lambda: cancel_pass(held_pass=held, by=desk.user, why="moved away", at=now())


def billed_renewal(desk: Desk) -> Callable[[], object]:
    held = granted(offered(desk.lot, renewal="invoice"), at=now(), valid_from=now().date())
    later = dt.datetime.combine(held.valid_until, dt.time(12), dt.UTC)
    offer_renewals(at=later)
    return lambda: bill_renewals(at=later)


def swapped_plate(desk: Desk) -> Callable[[], object]:
    held = granted(offered(desk.lot), "ZH 1", at=now(), valid_from=now().date())
    return lambda: swap_plate(held_pass=held, old="ZH 1", new="ZH 2", by=desk.user, at=now())


@pytest.mark.parametrize(
    ("act", "taken"),
    [
        (cancelled_pass, ["lot", "pass", "charge", "ticket"]),
        (billed_renewal, ["pass"]),
        (swapped_plate, ["lot", "pass"]),
        (refund_of_a_car_that_left, ["charge", "ticket", "debts", "shift"]),
        (taking_back_of_an_end, ["lot", "charge", "ticket", "debts"]),
        (debt_out_of_review, ["lot", "ticket", "debts"]),
        (unseen_exit_that_owes, ["lot", "ticket", "debts"]),
        (unseen_exit_that_is_waived, ["lot", "ticket", "budget"]),
        (stay_that_never_was, ["lot", "charge", "ticket", "budget"]),
        (undone_exit_that_owed, ["lot", "charge", "ticket", "debts"]),
        (undone_exit_that_was_waived, ["lot", "charge", "ticket"]),
        (corrected_plate, ["lot", "pass", "ticket"]),
        (moved_car, ["lot", "ticket"]),
        (gate_held_open, ["lot"]),
        (end_of_a_hold, ["lot"]),
        (reported_passage, ["lot", "ticket", "debts"]),
        (silent_passage, ["lot", "ticket", "debts"]),
        (cars_told_by_region, ["lot", "ticket"]),
    ],
)
def test_rarer_services_keep_the_order(act, taken):
    statements = listen(act(Desk()))

    assert [locks for one in transactions(statements) if (locks := locks_of(one))] == [taken]


def test_lock_of_a_lot_after_that_of_a_charge_is_found():
    desk = Desk()
    charge = make_charge(desk.lot)

    def wrong_way_round() -> None:
        with transaction.atomic():
            lock_charge(charge)
            lock_lot(desk.lot.pk)

    [taken] = [locks for one in transactions(listen(wrong_way_round)) if (locks := locks_of(one))]
    assert not in_order(taken)
