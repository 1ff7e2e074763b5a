"""Cars that leave at a desk: paid, owing or waived."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Debt, Payment, PaymentMethod, PaymentState
from billing.services import take_payment
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
from gates.models import GateEvent
from gates.reads import Leaving, ReadBody, Sighting, apply_decision, moment_of, place_of, read_of
from gates.services.desk.acts import ActConflictError, WrongLaneError, earlier_act, lock_lane, require_note
from gates.services.desk.waivers import waive_rest
from lots.compatibility import SpotType
from lots.models import Gate
from lots.services import assert_lot_locked
from tickets.fees import fee_of
from tickets.models import Ticket
from tickets.paying import FeeChangedError
from tickets.services import TicketStateError, assess_ticket, lock_ticket


@dataclass(frozen=True, slots=True)
class DeskExit:
    """How an exit at the desk went: `left` when the car may go, with what was paid and what stays owed."""

    ticket: Ticket
    decision: Decision
    payment: Payment | None = None
    debt: Debt | None = None

    @property
    def left(self) -> bool:
        """Return whether the lane opened."""
        return self.decision.action is Action.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """What a driver pays with at the desk: cash handed over, a slip of the terminal, or a card's token.

    The key makes it idempotent; amounts are in minor units. `agreed` is the fee shown: no more is taken.
    """

    method: str
    key: UUID
    token: str = ""
    tendered: int | None = None
    agreed: int | None = None
    receipt_email: str = ""

    def is_of(self, payment: Payment) -> bool:
        """Return whether a payment under this key was taken with the same money."""
        return (payment.method, payment.tendered_amount) == (self.method, self.tendered)

    @property
    def payment_key(self) -> str:
        """Return the payment's own idempotency key."""
        return f"desk-{self.key}"


@dataclass(frozen=True, slots=True)
class _Departure:
    """One car at one exit, and the attendant who lets it go."""

    ticket: Ticket
    gate: Gate
    by: User
    at: datetime
    key: UUID
    note: str = ""


def take_exit_payment(*, ticket: Ticket, gate: Gate, tender: Tender, by: User, at: datetime) -> DeskExit:
    """Take the fee of a stay at the desk and let the car go when it is paid.

    A card that is declined, pays only a part or gets no answer lets no car go: the attendant takes cash, another card,
    or lets the car go owing (`let_out`). Cash and the exit are one transaction; a card is charged outside of any, so
    this must not be called inside one. Idempotent by the tender's key.

    Raises TicketStateError when the car is not inside (any more), FeeChangedError when the fee has risen above what was
    agreed, WrongLaneError, ActConflictError, and what `billing.services.take_payment` raises.
    """
    departure = _Departure(ticket, gate, by, at, tender.key)
    if tender.method in (PaymentMethod.CASH, PaymentMethod.TERMINAL):
        with transaction.atomic():
            return _done_before(departure, tender) or _let_out(departure, _pay(_assess(departure), departure, tender))
    with transaction.atomic():
        done = _done_before(departure, tender)
        charge = None if done else _assess(departure)
    if done:
        return done
    payment = _pay(charge, departure, tender)
    with transaction.atomic():
        return _done_before(departure, tender) or _let_out(departure, payment)


def let_out(  # noqa: PLR0913 - who, what, where, when and why
    *, ticket: Ticket, gate: Gate, by: User, note: str, at: datetime, key: UUID, waive: bool = False
) -> DeskExit:
    """Let a car go unpaid: what is owed becomes a debt, or is waived as a credit with the note as its reason.

    Idempotent by the key. Raises NoteMissingError, WrongLaneError, TicketStateError, ActConflictError
    and, above what the operator lets an attendant waive, WaiverLimitError.
    """
    require_note(note)
    departure = _Departure(ticket, gate, by, at, key, note)
    with transaction.atomic():
        done = _done_before(departure)
        if done:
            return done
        charge = _assess(departure) if waive else None
        if charge is not None and charge.balance_amount > 0:
            waive_rest(charge=charge, by=by, note=note, at=at)
        return _let_out(departure, None, record_only=True)


def _done_before(departure: _Departure, tender: Tender | None = None) -> DeskExit | None:
    """Lock the lot and return the exit recorded under the key, if any. Raises ActConflictError."""
    gate = lock_lane(departure.gate, Direction.EXIT)
    if departure.ticket.lot_id != gate.lot_id:
        raise WrongLaneError(_("%(gate)s does not lead out of %(lot)s.") % {"gate": gate, "lot": departure.ticket.lot})
    event = earlier_act(key=departure.key, gate=gate, by=departure.by)
    if event is None:
        return None
    if event.ticket is None or event.ticket_id != departure.ticket.pk:
        raise ActConflictError(_("This form was sent before for another stay. Please start again."))
    done = _exit_of(event, event.ticket, departure.key)
    if done.payment and not (tender and tender.is_of(done.payment)):
        raise ActConflictError(_("This form was sent before with other money. Please start again."))
    return done


def _exit_of(event: GateEvent, ticket: Ticket, key: UUID) -> DeskExit:
    decision = Decision(action=Action(event.action), reason=Reason(event.reason), ticket_id=ticket.pk)
    payment = Payment.objects.filter(idempotency_key=f"desk-{key}").first()
    return DeskExit(ticket, decision, payment, _debt_of(ticket))


def _assess(departure: _Departure) -> Charge | None:
    """Record what the stay costs now. Raises TicketStateError for a stay that has ended."""
    _require_inside(lock_ticket(ticket_id=departure.ticket.pk))
    return assess_ticket(ticket=departure.ticket, at=departure.at)


def _require_inside(ticket: Ticket) -> None:
    if not ticket.is_open:
        raise TicketStateError(_("Ticket %(number)s is not inside any more.") % {"number": ticket.number})


def _pay(charge: Charge | None, departure: _Departure, tender: Tender) -> Payment | None:
    if charge is None or charge.balance_amount <= 0:
        return None
    if tender.agreed is not None and charge.balance_amount > tender.agreed:
        raise FeeChangedError(_("The fee has gone up meanwhile. Tell the driver the new fee, then take it again."))
    return take_payment(
        charge=charge,
        method=tender.method,
        amount=None,
        idempotency_key=tender.payment_key,
        token=tender.token,
        tendered=tender.tendered,
        taken_by=departure.by,
        receipt_email=tender.receipt_email,
        at=departure.at,
    )


def _let_out(departure: _Departure, payment: Payment | None, *, record_only: bool = False) -> DeskExit:
    """Decide about the car and apply the decision; needs the lot's lock."""
    gate = Gate.objects.select_related("lot").get(pk=departure.gate.pk)
    assert_lot_locked(gate.lot_id)
    ticket = lock_ticket(ticket_id=departure.ticket.pk)
    if not ticket.is_open and payment is not None and payment.state == PaymentState.CAPTURED:
        # Another attendant let the car go while its card was charged: the money counts, and no gate has to open.
        return DeskExit(ticket, Decision(action=Action.OPEN, reason=Reason.PAID), payment, _debt_of(ticket))
    _require_inside(ticket)
    at = departure.at
    body = ReadBody(event_id=departure.key, plate=ticket.plate, ticket_number=ticket.number, offline=record_only)
    read = read_of(body)
    leaving = Leaving(ticket, fee_of(ticket, at), place=place_of(ticket))
    decision = _decide_exit(leaving, gate, payment, at, record_only=record_only)
    note = departure.note or _paid_note(payment)
    sighting = Sighting(gate, read, moment_of(read, at), person=departure.by, note=note)
    apply_decision(sighting, decision, leaving=leaving)
    ticket.refresh_from_db(fields=["charge"])  # which a debt may have made
    return DeskExit(ticket, decision, payment, _debt_of(ticket))


def _debt_of(ticket: Ticket) -> Debt | None:
    return Debt.objects.open().filter(charge=ticket.charge_id).first() if ticket.charge_id else None


def _decide_exit(leaving: Leaving, gate: Gate, payment: Payment | None, at: datetime, *, record_only: bool) -> Decision:
    ticket, fee = leaving.ticket, leaving.fee
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
    lane = Lane(code=gate.code, direction=Direction.EXIT, attended=True)
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
    return declined.exclude(pk=payment.pk if payment else 0).count()


def _paid_note(payment: Payment | None) -> str:
    return f"{payment.get_method_display()} at the desk" if payment else "nothing to pay"
