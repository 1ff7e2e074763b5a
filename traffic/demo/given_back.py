"""The demo's refunds and debts, made through the services: given back, waiting, refused, reminded of and disputed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.db.models import F

from accounts.models import DebtConsequence, User
from accounts.services import set_debt_rules, set_refund_limit
from billing.documents.issuing import issue_credit_notes
from billing.models import Debt, Payment, PaymentMethod, Refund, SimulatedCardPayment
from billing.services import appeal_debt, ask_refund, return_refund, write_off_debt
from gates.reads import ReadBody
from gates.services import let_in, let_out
from lots.gate_rules import Direction
from lots.models import Gate, Lot
from notifications.models import Message, MessageState
from tickets.models import ProofKind, Ticket
from tickets.services import prove_stay, remind_debtors
from traffic.demo.personas import DRIVER_PLATE

REFUND_LIMIT = 500
REMINDER_FEE, FEE_CAP = 500, 1000
REMINDED, APPEALED, WRITTEN_OFF = ("TI 48 152", 31), ("VD 70 311", 8), ("BE 90 444", 200)
"""Plates that left owing, and how many days ago."""


@dataclass(frozen=True, slots=True)
class _Staff:
    """Who gives back and writes off at a lot, its lanes, and the time now."""

    lot: Lot
    entry: Gate
    exit: Gate
    attendant: User
    admin: User
    at: datetime


def give_back_and_dun(lot: Lot, *, attendant: User, admin: User, driver: User, at: datetime) -> None:
    """Fill the pages of refunds and debts of a lot."""
    entry, leaving = (lot.gates.filter(direction=direction).first() for direction in (Direction.ENTRY, Direction.EXIT))
    if entry is None or leaving is None:
        return
    staff = _Staff(lot, entry, leaving, attendant, admin, at)
    set_refund_limit(operator=lot.operator, largest=REFUND_LIMIT)
    set_debt_rules(operator=lot.operator, fee=REMINDER_FEE, cap=FEE_CAP, consequence=DebtConsequence.BLOCK)
    _refund(staff)
    _dun(staff, driver)


def _refund(staff: _Staff) -> None:
    untouched = Payment.objects.filter(charge__lot=staff.lot, captured_amount__gt=0, refunds=None)
    paid = untouched.exclude(charge__ticket__plate=DRIVER_PLATE)
    paid = paid.select_related("charge__lot__operator").order_by("-captured_amount", "id")
    in_cash = [*paid.filter(method=PaymentMethod.CASH)[:2]]
    by_card = [*paid.filter(method=PaymentMethod.CARD, captured_amount__lte=REFUND_LIMIT)[:2]]
    asked = [
        *((payment, 200 if number else payment.captured_amount) for number, payment in enumerate(in_cash)),
        *((payment, payment.captured_amount) for payment in by_card),
    ]
    if by_card:
        closed = SimulatedCardPayment.objects.filter(reference=by_card[-1].idempotency_key)
        closed.update(failure="refuses_refunds")
    reasons = (
        "Waited an hour at the barrier",
        "The lift was out of order",
        "Charged twice by the machine",
        "Wrong spot",
    )
    for (payment, amount), reason in zip(asked, reasons, strict=False):
        given = ask_refund(
            payment=payment,
            amount=amount,
            reason=reason,
            goodwill=True,
            idempotency_key=f"demo-{uuid4()}",
            by=staff.attendant,
            at=staff.at - timedelta(minutes=20),
        )
        if isinstance(given, Refund):
            return_refund(refund=given, at=staff.at - timedelta(minutes=20))
            issue_credit_notes([given], at=staff.at - timedelta(minutes=20))


def _dun(staff: _Staff, driver: User) -> None:
    reminded, appealed, old = (_leave_owing(staff, *who) for who in (REMINDED, APPEALED, WRITTEN_OFF))
    for debt in (reminded, appealed):
        prove_stay(ticket=debt.charge.ticket, driver=driver, kind=ProofKind.TOKEN, at=debt.created_at)
    for days in (24, 17, 1):
        remind_debtors(at=staff.at - timedelta(days=days))
    # They are long delivered: nobody is to get them now.
    reminders = Message.objects.filter(operator=staff.lot.operator, template="debt_reminder")
    reminders.update(state=MessageState.SENT, sent_at=F("created_at"))
    text = "I paid at the machine on level 1. It took my card but printed no receipt."
    appeal_debt(debt=appealed, text=text, email=driver.email, made_by=driver, at=staff.at - timedelta(hours=5))
    write_off_debt(debt=old, agreed=old.amount, reason="Small and old", by=staff.admin, at=staff.at)


def _leave_owing(staff: _Staff, plate: str, days: int) -> Debt:
    left_at = staff.at - timedelta(days=days)
    body = ReadBody(event_id=uuid4(), plate=plate)
    came_at = left_at - timedelta(hours=3)
    let_in(gate=staff.entry, body=body, by=staff.attendant, note="The camera was covered in snow", at=came_at)
    ticket = Ticket.objects.open().get(lot=staff.lot, plate=plate)
    note = "Has no means to pay"
    let_out(ticket=ticket, gate=staff.exit, by=staff.attendant, note=note, at=left_at, key=uuid4())
    return Debt.objects.select_related("charge__lot__operator", "charge__ticket").get(charge__ticket=ticket)
