"""What an attendant does at a lane: let cars in and out, take the money, open by hand; each with a name and a reason.

The same decision core answers as for a camera. What a person reports has happened, so it is decided like an offline
read: never refused.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from accounts.models import User
from billing.models import Debt, Payment, PaymentState
from billing.services import credit_charge, take_payment
from common.errors import DomainError, FieldError
from gates.answers import build_answer
from gates.decision import (
    Action,
    Context,
    Decision,
    Direction,
    Due,
    Lane,
    OpenStay,
    PaymentKind,
    PaymentResult,
    PlateRead,
    Reason,
    decide,
)
from gates.models import Gate, GateEvent
from gates.reading import ReadBody, read_of
from gates.services.effects import Passing, apply_effects
from gates.services.reads import plate_read_of, vehicle_of
from gates.services.record import Sighting, moment_of, record_event
from gates.situation import load_situation
from lots.compatibility import SpotType, VehicleProfile
from lots.models import Lot
from lots.services import lock_lot
from tickets.fees import fee_of
from tickets.models import Ticket, TicketStatus
from tickets.services import Arrival, TicketStateError, assess_ticket, lock_ticket, open_ticket


class NoteMissingError(DomainError):
    """A person must say why."""

    code = "note_missing"


class WrongLaneError(DomainError):
    """The gate does not lead that way."""

    code = "wrong_lane"


@dataclass(frozen=True, slots=True)
class DeskExit:
    """How an exit at the desk went: `left` when the car may go, with what was paid and what stays owed."""

    ticket: Ticket
    decision: Decision
    payment: Payment | None = None
    debt: Debt | None = None

    @property
    def left(self) -> bool:
        """Say whether the lane opened."""
        return self.decision.action is Action.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """What a driver pays with at the desk: cash handed over, or a card's token. The key makes a double press one."""

    method: str
    idempotency_key: str
    token: str = ""
    tendered: int | None = None
    receipt_email: str = ""


@transaction.atomic
def let_in(*, gate: Gate, body: ReadBody, by: User, note: str, at: datetime) -> GateEvent:
    """Record that a person let a car in, also into a full lot; the event holds the answer with its place.

    Raises WrongLaneError, NoteMissingError.
    """
    gate = _lane(gate, Direction.ENTRY, note)
    read = read_of(body.model_copy(update={"offline": True, "captured_at": at}))
    situation = load_situation(gate, read, None, at)
    vehicle = vehicle_of(read, situation)
    context = replace(situation.context, earlier=None)
    decision = decide(plate_read_of(read, vehicle), context)
    ticket = apply_effects(decision, Passing(gate, read, vehicle, at))
    return _record(Sighting(gate, read, moment_of(read, at), person=by, note=note), decision, ticket)


def take_exit_payment(*, ticket: Ticket, gate: Gate, tender: Tender, by: User, at: datetime) -> DeskExit:
    """Take the fee of a stay at the desk and let the car go when the rules say so.

    Paid: it goes. Declined: asked once more. Declined twice, cut short or unanswered: it goes and the rest becomes a
    debt on its plate. Must not be called inside a transaction, as the card provider is asked in between.
    """
    gate = _exit_lane(gate)
    charge = assess_ticket(ticket=ticket, at=at)
    payment = None
    if charge is not None and charge.balance_amount > 0:
        payment = take_payment(
            charge=charge,
            method=tender.method,
            amount=None,
            idempotency_key=tender.idempotency_key,
            token=tender.token,
            tendered=tender.tendered,
            taken_by=by,
            receipt_email=tender.receipt_email,
            at=at,
        )
    return _let_out(ticket=ticket, gate=gate, by=by, note=_paid_note(payment), at=at, payment=payment)


def let_out(  # noqa: PLR0913 - who, what, where, when and why
    *, ticket: Ticket, gate: Gate, by: User, note: str, at: datetime, waive: bool = False
) -> DeskExit:
    """Let a car go without asking for more: what is owed becomes a debt, or is waived as a credit for that reason.

    Raises NoteMissingError, WrongLaneError, TicketStateError.
    """
    _require_note(note)
    gate = _exit_lane(gate)
    with transaction.atomic():
        lock_lot(gate.lot_id)
        charge = assess_ticket(ticket=ticket, at=at) if waive else None
        if charge is not None and charge.balance_amount > 0:
            credit_charge(charge=charge, amount=charge.balance_amount, reason=note, granted_by=by, at=at)
        return _let_out(ticket=ticket, gate=gate, by=by, note=note, at=at, record_only=True)


@transaction.atomic
def open_by_hand(*, gate: Gate, by: User, note: str, at: datetime) -> GateEvent:
    """Record that a person opened a gate for no stay that is known. Raises NoteMissingError."""
    gate = _lane(gate, None, note)
    read = read_of(ReadBody(event_id=uuid4()))
    decision = Decision(action=Action.OPEN, reason=Reason.UNATTENDED)
    return _record(Sighting(gate, read, moment_of(read, at), person=by, note=note), decision, None)


@transaction.atomic
def open_lost_ticket(*, lot: Lot, plate: str | None, by: User, at: datetime) -> Ticket:
    """Open a stay for a driver whose ticket is lost and whose car nobody finds: it costs the lost-ticket fee."""
    lock_lot(lot.pk)
    ticket = open_ticket(
        lot=lot, arrival=Arrival(plate=plate), place=None, at=at, why="ticket lost, no entry found", by=by
    )
    Ticket.objects.filter(pk=ticket.pk).update(lost=True)
    ticket.lost = True
    return ticket


@transaction.atomic
def _let_out(  # noqa: PLR0913 - who, what, where, when and why
    *,
    ticket: Ticket,
    gate: Gate,
    by: User,
    note: str,
    at: datetime,
    payment: Payment | None = None,
    record_only: bool = False,
) -> DeskExit:
    lock_lot(gate.lot_id)
    ticket = lock_ticket(ticket_id=ticket.pk)
    if ticket.lot_id != gate.lot_id or ticket.status not in (
        TicketStatus.ENTERING,
        TicketStatus.ACTIVE,
        TicketStatus.PAID,
    ):
        raise TicketStateError(f"Ticket {ticket.number} is not inside any more.")
    read = read_of(ReadBody(event_id=uuid4(), plate=ticket.plate, ticket_number=ticket.number, offline=record_only))
    decision = _decide_exit(ticket, gate, payment, at, record_only=record_only)
    ticket = apply_effects(decision, Passing(gate, read, VehicleProfile(), at)) or ticket
    _record(Sighting(gate, read, moment_of(read, at), person=by, note=note), decision, ticket)
    debt = Debt.objects.open().filter(charge=ticket.charge_id).first() if ticket.charge_id else None
    return DeskExit(ticket, decision, payment, debt)


def _decide_exit(ticket: Ticket, gate: Gate, payment: Payment | None, at: datetime, *, record_only: bool) -> Decision:
    fee = fee_of(ticket, at)
    due = Due(
        amount=fee.owed,
        why_free=Reason(fee.why_free) if fee.why_free else None,
        payment=_result_of(payment),
        declines_so_far=_earlier_declines(ticket, payment),
    )
    stay = OpenStay(
        ticket_id=ticket.pk,
        number=ticket.number,
        plate=ticket.plate_normalised,
        entered_at=min(ticket.entry_at, at),
        entry_gate="",
        spot_type=SpotType(ticket.spot_type) if ticket.spot_type else None,
        reservation_id=ticket.reservation_id,
    )
    lane = Lane(code=gate.code, direction=Direction.EXIT)
    read = PlateRead(plate=ticket.plate_normalised, ticket=ticket.number, offline=record_only)
    return decide(read, Context(lane=lane, now=at, stays=(stay,), due=due))


def _result_of(payment: Payment | None) -> PaymentResult | None:
    if payment is None:
        return None
    if payment.state == PaymentState.CAPTURED:
        return PaymentResult(kind=PaymentKind.PARTIAL)
    return PaymentResult(kind=PaymentKind.DECLINED if payment.failure == "declined" else PaymentKind.UNAVAILABLE)


def _earlier_declines(ticket: Ticket, payment: Payment | None) -> int:
    """Count the declines at the desk before this payment."""
    declined = Payment.objects.filter(charge=ticket.charge_id, failure="declined", taken_by__isnull=False)
    return declined.count() - declined.filter(pk=payment.pk if payment else 0).count()


def _record(sighting: Sighting, decision: Decision, ticket: Ticket | None) -> GateEvent:
    answer = build_answer(
        event_id=sighting.read.body.event_id,
        gate=sighting.gate,
        decision=decision,
        ticket=ticket,
        fee=None,
        at=sighting.moment.at,
    )
    return record_event(sighting, decision, answer, ticket_id=ticket.pk if ticket else None)


def _lane(gate: Gate, direction: Direction | None, note: str) -> Gate:
    _require_note(note)
    lock_lot(gate.lot_id)
    gate = Gate.objects.select_related("lot").get(pk=gate.pk)
    if direction is not None and gate.direction != direction:
        raise WrongLaneError(f"{gate} is no {direction} gate.", errors=[FieldError("gate", "Choose another gate.")])
    return gate


def _exit_lane(gate: Gate) -> Gate:
    if gate.direction != Direction.EXIT:
        raise WrongLaneError(f"{gate} is no exit gate.", errors=[FieldError("gate", "Choose an exit gate.")])
    return gate


def _require_note(note: str) -> None:
    if not note.strip():
        raise NoteMissingError("Say why.", errors=[FieldError("note", "Say why in a few words.")])


def _paid_note(payment: Payment | None) -> str:
    return f"{payment.get_method_display()} at the desk" if payment else "nothing to pay"
