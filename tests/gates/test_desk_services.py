"""What attendants do at lanes: each act, what refuses it, and the same act twice."""

import datetime as dt
from uuid import uuid4

import pytest

from accounts.models import BlockedPlate
from billing.documents.issuing import issue_receipts
from billing.models import Charge, Credit, Debt, Document, Payment
from billing.services import PAID_TWICE, NothingOwedError, TenderedTooLittleError, take_payment
from common.plates import PlateError
from gates.models import GateEvent
from gates.reads.body import ReadBody
from gates.services import (
    ActConflictError,
    NoteMissingError,
    StayFoundError,
    Tender,
    WrongLaneError,
    let_in,
    let_out,
    open_by_hand,
    open_lost_ticket,
    take_debt_payment,
    take_exit_payment,
)
from lots.models import SpotCount
from tests.at_once import codes_at_once
from tests.factories import HOURLY, make_cashier, make_gate, make_lot, make_ticket
from tests.invariants import broken
from tickets.models import Ticket, TicketStatus
from tickets.paying import FeeChangedError
from tickets.services import TicketStateError

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)
HOURS = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch):
    monkeypatch.setattr("billing.services.payments.by_provider.PROVIDER_SECONDS", 0.02)


class Desk:
    """A lot with a lane each way, an attendant, and a car that owes CHF 9.00 at NOW."""

    def __init__(self, plate="ZH 123456", **lot):
        self.lot = make_lot(**{"spots": {"regular": 2}} | lot)
        self.entry, self.exit = make_gate(self.lot, "entry"), make_gate(self.lot, "exit")
        self.attendant = make_cashier(self.lot)
        self.ticket = make_ticket(self.lot, plate, entry_at=NOW - 2.5 * HOURS)

    def pay(self, token="", key=None, *, ticket=None, gate=None, at=NOW, **tender):
        method = tender.pop("method", "card" if token else "cash")
        return take_exit_payment(
            ticket=ticket or self.ticket,
            gate=gate or self.exit,
            tender=Tender(method=method, key=key or uuid4(), token=token, **tender),
            by=self.attendant,
            at=at,
        )

    def let_out(self, *, ticket=None, gate=None, note="card machine broken", key=None, waive=False, at=NOW):
        return let_out(
            ticket=ticket or self.ticket,
            gate=gate or self.exit,
            by=self.attendant,
            note=note,
            at=at,
            key=key or uuid4(),
            waive=waive,
        )

    def pay_debt(self, token="", key=None, *, ticket=None, by=None, at=NOW, **tender):
        method = tender.pop("method", "card" if token else "cash")
        return take_debt_payment(
            ticket=Ticket.objects.get(pk=(ticket or self.ticket).pk),
            tender=Tender(method=method, key=key or uuid4(), token=token, **tender),
            by=by or self.attendant,
            at=at,
        )

    def let_in(self, plate="ZH 7", *, key=None, gate=None, note="camera covered in snow", at=NOW, **body):
        read = ReadBody(event_id=key or uuid4(), plate=plate, **body)
        return let_in(gate=gate or self.entry, body=read, by=self.attendant, note=note, at=at)

    def lose(self, plate=None, *, key=None, gate=None, **memory):
        gate, key = gate or self.exit, key or uuid4()
        return open_lost_ticket(gate=gate, plate=plate, by=self.attendant, at=NOW, key=key, **memory)

    def occupied(self):
        return sum(row.occupied for row in SpotCount.objects.filter(lot=self.lot))


@pytest.fixture
def desk(db):
    return Desk()


# Exits that are paid


def test_cash_lets_the_car_go_with_its_change_receipt_and_record(desk):
    done = desk.pay(tendered=1000)

    assert done.left
    assert (done.decision.reason, done.payment.amount, done.payment.change_amount) == ("paid", 900, 100)
    assert (done.ticket.status, done.ticket.closed_reason, done.ticket.exit_at) == ("closed", "paid", NOW)
    assert (done.ticket.changed_by, done.debt) == (desk.attendant, None)
    assert issue_receipts([done.payment], at=NOW)[0].total_amount == 900
    event = GateEvent.objects.get()
    assert (event.kind, event.person, event.action) == ("person", desk.attendant, "open")
    assert event.note == "Cash at the desk"
    assert desk.occupied() == 0


@pytest.mark.parametrize(("method", "token"), [("card", "tok_ok"), ("terminal", "")])
def test_card_or_slip_lets_the_car_go(desk, method, token):
    done = desk.pay(token, method=method)

    assert done.left
    assert (done.payment.method, done.payment.captured_amount) == (method, 900)
    assert done.ticket.status == TicketStatus.CLOSED


def test_nothing_owed_lets_the_car_go_without_a_payment(desk):
    done = desk.pay(at=desk.ticket.entry_at + dt.timedelta(minutes=5))

    assert (done.left, done.decision.reason, done.payment) == (True, "grace", None)
    assert not Charge.objects.exists()


def test_too_little_cash_changes_nothing(desk):
    with pytest.raises(TenderedTooLittleError):
        desk.pay(tendered=800)

    desk.ticket.refresh_from_db()
    assert desk.ticket.is_open
    assert not Payment.objects.exists()
    assert not GateEvent.objects.exists()


@pytest.mark.parametrize("token", ["", "tok_ok"])
def test_more_than_was_shown_is_not_taken(desk, token):
    with pytest.raises(FeeChangedError):
        desk.pay(token, agreed=600)

    assert not Payment.objects.exists()
    assert desk.pay(token, agreed=900).left


@pytest.mark.parametrize("token", ["", "tok_ok"])
def test_same_payment_twice_is_one(desk, token):
    key = uuid4()
    first, second = desk.pay(token, key), desk.pay(token, key, at=NOW + HOURS)

    assert (second.left, second.payment, second.ticket) == (True, first.payment, first.ticket)
    assert Payment.objects.count() == GateEvent.objects.count() == 1
    assert Charge.objects.get().due_amount == 900


def test_paying_again_for_a_car_that_left_is_refused_before_money_moves(desk):
    desk.pay()

    with pytest.raises(TicketStateError):
        desk.pay(at=NOW + HOURS)
    assert (Payment.objects.count(), Charge.objects.get().due_amount) == (1, 900)


def test_key_of_another_stay_is_refused(desk):
    key = uuid4()
    desk.pay(key=key)
    other = make_ticket(desk.lot, "ZH 9", entry_at=NOW - HOURS)

    with pytest.raises(ActConflictError):
        desk.pay(key=key, ticket=other)


@pytest.mark.parametrize("lane", ["entry of this lot", "exit of another lot"])
def test_wrong_lane_is_refused_before_money_moves(desk, lane):
    gate = desk.entry if lane.startswith("entry") else make_gate(make_lot(desk.lot.operator), "exit")

    for act in (lambda: desk.pay(gate=gate), lambda: desk.pay("tok_ok", gate=gate), lambda: desk.let_out(gate=gate)):
        with pytest.raises(WrongLaneError):
            act()
    assert not Payment.objects.exists()
    assert not Charge.objects.exists()


@pytest.mark.parametrize("failing", ["effects.end_stay", "apply.flush_write"])
def test_cash_and_leaving_happen_together_or_not_at_all(desk, monkeypatch, failing):
    def fail(*args, **fields):
        raise RuntimeError

    monkeypatch.setattr(f"gates.reads.{failing}", fail)

    with pytest.raises(RuntimeError):
        desk.pay()
    desk.ticket.refresh_from_db()
    assert desk.ticket.status == TicketStatus.ACTIVE
    assert not Payment.objects.exists()
    assert not Document.objects.exists()
    assert not GateEvent.objects.exists()


# Cards that fail


@pytest.mark.parametrize("token", ["tok_declined", "tok_partial_100", "tok_timeout", "tok_unavailable"])
def test_card_that_fails_lets_nobody_go_however_often(desk, token):
    for _ in range(3):
        done = desk.pay(token)
        assert (done.left, done.decision.action, done.debt) == (False, "pay", None)

    assert Ticket.objects.get().is_open
    assert desk.pay().left
    assert (Charge.objects.get().balance_amount, Debt.objects.count()) == (0, 0)


def test_attendant_lets_a_car_go_whose_card_was_declined_and_it_owes(desk):
    for _ in range(2):
        desk.pay("tok_declined")
    done = desk.let_out(note="Card declined twice")

    assert (done.left, done.decision.reason) == (True, "owed")
    assert (done.debt.amount, done.debt.reason) == (900, "Card declined twice")
    event = GateEvent.objects.get(action="open")
    assert (event.person, event.note, event.flags) == (desk.attendant, "Card declined twice", ["owed"])


def test_debt_shows_the_plate_as_it_was_read_and_a_long_reason_cut():
    done = Desk("ZH 123·456").let_out(note="The driver says that the barrier took the ticket away")

    assert (done.debt.plate, done.debt.plate_normalised) == ("ZH 123·456", "ZH123456")
    assert done.debt.reason == "The driver says that the barrier took t…"


def test_repeated_decline_counts_once(desk):
    key = uuid4()
    desk.pay("tok_declined", key)

    assert not desk.pay("tok_declined", key).left
    assert not Debt.objects.exists()


def test_cash_after_a_decline_settles(desk):
    desk.pay("tok_declined")

    assert desk.pay().decision.reason == "paid"
    assert not Debt.objects.exists()


def test_rest_of_a_partial_approval_is_paid_or_becomes_the_debt(desk):
    assert desk.pay("tok_partial_400").payment.captured_amount == 400
    assert desk.let_out().debt.amount == 500


def test_without_a_plate_a_failed_card_asks_again():
    done = Desk(plate=None).pay("tok_unavailable")

    assert (done.left, done.decision.action) == (False, "pay")
    assert Ticket.objects.get().is_open


def test_third_debt_blocks_the_plate(desk):
    for _ in range(3):
        ticket = Ticket.objects.open().filter(lot=desk.lot).first() or make_ticket(desk.lot, entry_at=NOW - HOURS)
        desk.let_out(ticket=ticket)

    assert BlockedPlate.objects.in_force().get().plate_normalised == "ZH123456"


def test_card_that_is_approved_after_the_car_was_let_go_still_counts(desk, monkeypatch):
    from billing.providers.simulated import SimulatedProvider

    charge = SimulatedProvider.charge

    def meanwhile(self, request, *, timeout):
        desk.let_out()
        return charge(self, request, timeout=timeout)

    monkeypatch.setattr(SimulatedProvider, "charge", meanwhile)
    done = desk.pay("tok_ok")

    assert (done.left, done.payment.captured_amount, done.debt) == (True, 900, None)
    assert Debt.objects.get().settled_at is not None
    assert GateEvent.objects.count() == 1


# Exits that are not paid


def test_let_out_leaves_the_fee_owed(desk):
    done = desk.let_out()

    assert (done.left, done.decision.reason, done.debt.amount) == (True, "owed", 900)
    assert GateEvent.objects.get().note == "card machine broken"


def test_waived_fee_becomes_a_credit_for_that_reason(desk):
    done = desk.let_out(waive=True, note="wrong price on the sign")

    credit = Credit.objects.get()
    assert (credit.amount, credit.reason, credit.granted_by) == (900, "wrong price on the sign", desk.attendant)
    assert (done.left, done.debt, done.ticket.status) == (True, None, "closed")
    assert credit.charge.balance_amount == 0


def test_let_out_without_a_plate_waits_in_review():
    desk = Desk(plate=None)
    done = desk.let_out()

    assert (done.left, done.ticket.status, done.debt) == (True, "review", None)
    assert done.ticket.changed_by == desk.attendant
    assert desk.occupied() == 0


def test_let_out_needs_a_reason(desk):
    with pytest.raises(NoteMissingError):
        desk.let_out(note="  ")
    assert not GateEvent.objects.exists()


def test_let_out_twice_is_one_and_a_new_one_is_refused(desk):
    key = uuid4()
    first, second = desk.let_out(key=key, waive=True), desk.let_out(key=key, waive=True)

    assert first.ticket == second.ticket
    assert Credit.objects.count() == GateEvent.objects.count() == 1
    with pytest.raises(TicketStateError):
        desk.let_out(waive=True)
    assert Charge.objects.get().credited_amount == 900


def test_waiver_and_leaving_happen_together_or_not_at_all(desk, monkeypatch):
    def fail(*args, **fields):
        raise RuntimeError

    monkeypatch.setattr("gates.reads.apply.flush_write", fail)
    with pytest.raises(RuntimeError):
        desk.let_out(waive=True)

    assert not Credit.objects.exists()
    assert Ticket.objects.get().is_open


def test_person_at_a_gate_that_confirms_passages_needs_no_confirmation(desk):
    gate = make_gate(desk.lot, "exit", confirms_passage=True)

    assert desk.let_out(gate=gate).ticket.status == TicketStatus.CLOSED


# Debts that are paid later


def test_debt_is_paid_in_cash_with_its_change_and_receipt(desk):
    desk.let_out()
    payment = desk.pay_debt(tendered=1000, agreed=900, at=NOW + HOURS)

    assert (payment.captured_amount, payment.change_amount, payment.taken_by) == (900, 100, desk.attendant)
    assert issue_receipts([payment], at=NOW)[0].total_amount == 900
    assert (Debt.objects.get().settled_at, Charge.objects.get().balance_amount) == (NOW + HOURS, 0)
    assert Ticket.objects.get().exit_at == NOW
    assert GateEvent.objects.count() == 1  # no gate opens for it


@pytest.mark.parametrize(("method", "token"), [("card", "tok_ok"), ("terminal", "")])
def test_debt_is_paid_by_card_or_slip(desk, method, token):
    desk.let_out()

    assert desk.pay_debt(token, method=method, agreed=900).captured_amount == 900
    assert not Debt.objects.open().exists()


@pytest.mark.parametrize(("token", "rest"), [("tok_declined", 900), ("tok_unavailable", 900), ("tok_partial_400", 500)])
def test_debt_stays_with_what_a_card_did_not_pay(desk, token, rest):
    desk.let_out()
    desk.pay_debt(token, agreed=900)

    assert Debt.objects.open().get().charge.balance_amount == rest
    assert desk.pay_debt(agreed=rest).captured_amount == rest


@pytest.mark.parametrize("token", ["", "tok_ok"])
def test_same_payment_of_a_debt_twice_is_one_and_another_is_refused(desk, token):
    desk.let_out()
    key = uuid4()

    assert desk.pay_debt(token, key, agreed=900) == desk.pay_debt(token, key, agreed=900)
    with pytest.raises(NothingOwedError):
        desk.pay_debt(token, agreed=900)
    assert Payment.objects.count() == 1


def test_debt_is_not_taken_beyond_what_is_owed_or_agreed(desk):
    desk.let_out()
    with pytest.raises(TenderedTooLittleError):
        desk.pay_debt(tendered=800, agreed=900)
    desk.pay_debt("tok_partial_400", agreed=900)
    with pytest.raises(FeeChangedError):
        desk.pay_debt(agreed=900)

    assert Charge.objects.get().captured_amount == 400


def test_fee_of_a_car_inside_is_no_debt(desk):
    with pytest.raises(TicketStateError):
        desk.pay_debt()
    void = make_ticket(desk.lot, "BE 1", entry_at=NOW - HOURS, status="void", spot=None, level=None)
    with pytest.raises(NothingOwedError):
        desk.pay_debt(ticket=void)


def test_block_is_lifted_when_a_debt_is_paid(desk):
    for _ in range(3):
        ticket = Ticket.objects.open().first() or make_ticket(desk.lot, entry_at=NOW - HOURS)
        desk.let_out(ticket=ticket)
    assert BlockedPlate.objects.in_force().exists()

    desk.pay_debt(ticket=ticket)
    assert not BlockedPlate.objects.in_force().exists()
    assert Debt.objects.open().count() == 2


# Cars that come in


def test_let_in_gives_a_place_and_names_who_did_it(desk):
    event = desk.let_in("ZH 7", vehicle_type="compact")

    ticket = event.ticket
    assert (event.action, event.reason, event.person, event.note) == (
        "open",
        "ok",
        desk.attendant,
        "camera covered in snow",
    )
    assert (ticket.plate, ticket.vehicle_type, ticket.status, ticket.entry_at) == ("ZH 7", "compact", "active", NOW)
    assert (ticket.changed_by, desk.occupied()) == (desk.attendant, 2)
    assert event.answer["spot"]["number"] == ticket.spot.number


def test_let_in_a_full_lot_has_no_place_and_is_listed():
    desk = Desk(spots={"regular": 1})
    event = desk.let_in()

    assert (event.action, event.flags, event.ticket.spot) == ("open", ["no_spot"], None)


def test_let_in_a_car_without_a_plate_gives_a_numbered_ticket(desk):
    event = desk.let_in(None)

    assert (event.ticket.plate, event.flags) == (None, ["low_confidence"])
    assert "take your ticket" in event.answer["message"]


def test_let_in_a_car_that_is_inside_reviews_its_old_stay(desk):
    event = desk.let_in("ZH 123456")

    desk.ticket.refresh_from_db()
    assert (event.reason, event.flags) == ("reentry", ["missed_exit"])
    assert (desk.ticket.status, desk.ticket.changed_by) == ("review", desk.attendant)
    assert event.ticket != desk.ticket
    assert desk.occupied() == 1


def test_let_in_twice_is_one_and_another_car_needs_its_own_form(desk):
    key = uuid4()
    first, second = desk.let_in("ZH 7", key=key), desk.let_in("ZH 7", key=key, at=NOW + HOURS)

    assert first == second
    assert Ticket.objects.filter(plate="ZH 7").count() == 1
    with pytest.raises(ActConflictError):
        desk.let_in("ZH 8", key=key)


def test_let_in_needs_an_entry_a_reason_and_a_possible_plate(desk):
    with pytest.raises(WrongLaneError):
        desk.let_in(gate=desk.exit)
    with pytest.raises(NoteMissingError):
        desk.let_in(note="")
    with pytest.raises(PlateError):
        desk.let_in("ZH 1234567890123456")
    assert not GateEvent.objects.exists()
    assert Ticket.objects.count() == 1


# Gates that are opened, tickets that are lost


def test_gate_opened_by_hand_has_a_name_and_a_reason(desk):
    key = uuid4()
    act = {"gate": desk.exit, "by": desk.attendant, "note": "fire brigade", "at": NOW, "key": key}
    event = open_by_hand(**act)

    assert (event.action, event.person, event.note, event.ticket) == ("open", desk.attendant, "fire brigade", None)
    assert open_by_hand(**act) == event
    with pytest.raises(NoteMissingError):
        open_by_hand(**act | {"note": ""})
    with pytest.raises(ActConflictError):
        open_by_hand(**act | {"gate": desk.entry})
    assert GateEvent.objects.count() == 1


def test_lost_ticket_costs_its_fee_and_leaves_when_paid(desk):
    ticket = desk.lose("ZH 55")

    assert (ticket.lost, ticket.plate, ticket.spot) == (True, "ZH 55", None)
    event = GateEvent.objects.get()
    assert (event.action, event.reason, event.ticket, event.flags) == ("attend", "no_ticket", ticket, ["no_ticket"])

    done = desk.pay(ticket=ticket, tendered=5000)
    assert (done.left, done.payment.amount, done.payment.change_amount) == (True, 4000, 1000)


def test_lost_ticket_twice_is_one(desk):
    key = uuid4()

    assert desk.lose(key=key) == desk.lose(key=key)
    assert Ticket.objects.filter(lost=True).count() == 1


def test_lost_ticket_of_a_car_that_is_inside_is_refused(desk):
    with pytest.raises(StayFoundError, match=desk.ticket.number):
        desk.lose("zh-123 456")
    with pytest.raises(WrongLaneError):
        desk.lose(gate=desk.entry)
    assert not Ticket.objects.filter(lost=True).exists()


def test_lost_ticket_without_a_fee_in_the_tariff_is_free():
    desk = Desk(tariff={key: value for key, value in HOURLY.items() if key != "lost_ticket_fee"})

    done = desk.pay(ticket=desk.lose())
    assert (done.left, done.payment) == (True, None)


# All together


def test_invariants_hold_after_every_act(desk):
    for plate, act in {
        "A 1": lambda ticket: desk.pay(ticket=ticket),
        "A 2": lambda ticket: (desk.pay("tok_partial_100", ticket=ticket), desk.let_out(ticket=ticket)),
        "A 3": lambda ticket: desk.let_out(ticket=ticket),
        "A 4": lambda ticket: desk.let_out(ticket=ticket, waive=True),
        "A 5": lambda ticket: desk.pay("tok_ok", ticket=ticket),
        "A 6": lambda ticket: (desk.let_out(ticket=ticket), desk.pay_debt(ticket=ticket)),
    }.items():
        act(make_ticket(desk.lot, plate, entry_at=NOW - HOURS))
    desk.let_in("ZH 123456")
    desk.pay(ticket=desk.lose("GE 5"))
    open_by_hand(gate=desk.exit, by=desk.attendant, note="delivery", at=NOW, key=uuid4())

    assert broken() == []


# Two attendants


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tokens", [("", ""), ("", "tok_ok"), ("tok_ok", "tok_ok")])
def test_two_attendants_taking_one_car_take_its_money_once(tokens):
    desk = Desk()

    results = codes_at_once([lambda token=token: desk.pay(token) for token in tokens])

    closed = [result for result in results if not isinstance(result, str)]
    refused = [result for result in results if isinstance(result, str)]
    # Both may be told that the car is gone, when one finds it paid by the other; the money was taken once.
    assert closed
    assert all(result.left for result in closed)
    assert set(refused) <= {"ticket_state", "nothing_owed"}
    charge = Charge.objects.get()
    assert charge.captured_amount - charge.refunded_amount == 900
    assert Ticket.objects.get().status == TicketStatus.CLOSED
    assert GateEvent.objects.filter(action="open").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tokens", [("", ""), ("", "tok_ok"), ("tok_ok", "tok_ok")])
def test_two_desks_and_an_admin_take_a_debt_once(tokens):
    desk = Desk()
    charge = desk.let_out().debt.charge
    colleague = make_cashier(desk.lot)

    def settle_in_the_office():
        return take_payment(charge=charge, method="terminal", amount=900, idempotency_key=f"debt:{uuid4()}", at=NOW)

    desks = [
        lambda t=t, by=by: desk.pay_debt(t, agreed=900, by=by) for t, by in zip(tokens, [None, colleague], strict=True)
    ]
    results = codes_at_once([*desks, settle_in_the_office])

    taken = [result for result in results if not isinstance(result, str)]
    # A card that was being asked while somebody else took the money brings it too, and gives it back at once.
    kept = [payment for payment in taken if payment.failure != PAID_TWICE]
    assert [payment.captured_amount for payment in kept] == [900]
    assert all(payment.refunded_amount == 900 for payment in taken if payment not in kept)
    assert {result for result in results if isinstance(result, str)} <= {"nothing_owed", "payment_running"}
    assert Charge.objects.get().balance_amount == 0
    assert Debt.objects.get().settled_at == NOW
