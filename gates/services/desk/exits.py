"""Cars that leave at a desk: paid, owing or waived."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Debt, Payment, PaymentMethod, PaymentState
from billing.services import take_payment
from gates.decision import Action, AddDebt, Decision, Direction, Reason
from gates.models import EventKind, GateEvent
from gates.services.desk.acts import ActConflictError, WrongLaneError, earlier_act, lock_lane, require_note
from gates.services.desk.leaving import Going, LeavingCar, leaving_car, let_go, require_inside
from gates.services.desk.waivers import waive_rest
from lots.models import Gate
from tickets.models import Ticket
from tickets.paying import FeeChangedError
from tickets.services import LockedStay


@dataclass(frozen=True, slots=True)
class DeskExit:
    """How an exit at the desk went: `left` when the car may go, with what was paid and what stays owed.

    `exit_id` is the event id of the exit, by which it can be undone; None when somebody else had let the car go.
    """

    ticket: Ticket
    decision: Decision
    payment: Payment | None = None
    debt: Debt | None = None
    exit_id: UUID | None = None

    @property
    def left(self) -> bool:
        """Return whether the lane opened."""
        return self.decision.action is Action.OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """What a driver pays with at the desk: cash handed over, a slip of the terminal, or a card's token.

    The key makes it idempotent; amounts are in minor units. `agreed` is the fee shown: no more is taken. `kept` of the
    change can't be given.
    """

    method: str
    key: UUID
    token: str = ""
    tendered: int | None = None
    agreed: int | None = None
    receipt_email: str = ""
    kept: int = 0
    together: UUID | None = None

    def is_of(self, payment: Payment) -> bool:
        """Return whether a payment under this key was taken with the same money."""
        money = (payment.method, payment.tendered_amount, payment.kept_amount)
        return money == (self.method, self.tendered, self.kept)

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
        return _pay_and_go(departure, tender)
    with transaction.atomic():
        lane = _lock_lane(departure)
        done = _done_before(departure, lane, tender)
        if done:
            return done
        car = _car(departure, lane)
        charge = car.assess()
    payment = _pay(charge, departure, tender)
    with transaction.atomic():
        lane = _lock_lane(departure)
        return _done_before(departure, lane, tender) or _go_after_card(departure, car.stay.ticket, lane, payment)


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
        lane = _lock_lane(departure)
        done = _done_before(departure, lane)
        if done:
            return done
        car = _car(departure, lane)
        if waive:
            car.assess()
            waive_rest(stay=car.stay, by=by, note=note, at=at)
        return _go(departure, car, None, record_only=True)


@transaction.atomic
def _pay_and_go(departure: _Departure, tender: Tender) -> DeskExit:
    lane = _lock_lane(departure)
    done = _done_before(departure, lane, tender)
    if done:
        return done
    car = _car(departure, lane)
    return _go(departure, car, _pay(car.assess(), departure, tender, sold=car.stay))


def _lock_lane(departure: _Departure) -> Gate:
    """Take the lot's lock and return the lane as it is now. Raises WrongLaneError."""
    lane = lock_lane(departure.gate, Direction.EXIT)
    if departure.ticket.lot_id != lane.lot_id:
        raise WrongLaneError(_("%(gate)s does not lead out of %(lot)s.") % {"gate": lane, "lot": departure.ticket.lot})
    return lane


def _done_before(departure: _Departure, lane: Gate, tender: Tender | None = None) -> DeskExit | None:
    """Return the exit that the key already stands for. Raises ActConflictError."""
    event = earlier_act(key=departure.key, gate=lane, by=departure.by)
    if event is None:
        return None
    if event.ticket is None or event.ticket_id != departure.ticket.pk:
        raise ActConflictError(_("This form was sent before for another stay. Please start again."))
    if event.repeats.filter(kind=EventKind.UNDO).exists():
        raise ActConflictError(_("This exit has been undone. Please start again."))
    done = _exit_of(event, event.ticket, departure.key)
    if done.payment and not (tender and tender.is_of(done.payment)):
        raise ActConflictError(_("This form was sent before with other money. Please start again."))
    return done


def _exit_of(event: GateEvent, ticket: Ticket, key: UUID) -> DeskExit:
    decision = Decision(action=Action(event.action), reason=Reason(event.reason), ticket_id=ticket.pk)
    payment = Payment.objects.select_related("charge").filter(idempotency_key=f"desk-{key}").first()
    return DeskExit(ticket, decision, payment, _debt_of(ticket), key)


def _debt_of(ticket: Ticket) -> Debt | None:
    return Debt.objects.open().filter(charge__ticket=ticket).first()


def _car(departure: _Departure, lane: Gate) -> LeavingCar:
    """Lock the stay and price it. Raises TicketStateError for one that has ended."""
    car = leaving_car(departure.ticket, lane, departure.at)
    require_inside(car.stay.ticket)
    return car


def _pay(
    charge: Charge | None, departure: _Departure, tender: Tender, *, sold: LockedStay | None = None
) -> Payment | None:
    """Take what is owed; `sold` is the stay when it and its charge are locked. Raises FeeChangedError."""
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
        sold=sold,
        kept=tender.kept,
        together=tender.together,
    )


def _go_after_card(departure: _Departure, seen: Ticket, lane: Gate, payment: Payment | None) -> DeskExit:
    """Let the car go whose card was asked, from its stay as it was before; the lot's lock is held.

    Raises TicketStateError.
    """
    car = leaving_car(seen, lane, departure.at)
    ticket = car.stay.ticket
    if not ticket.is_open and payment is not None and payment.state == PaymentState.CAPTURED:
        # Another attendant let the car go while its card was charged: the money counts, and no gate has to open.
        return DeskExit(ticket, Decision(action=Action.OPEN, reason=Reason.PAID), payment, _debt_of(ticket))
    require_inside(ticket)
    return _go(departure, car, payment)


def _go(departure: _Departure, car: LeavingCar, payment: Payment | None, *, record_only: bool = False) -> DeskExit:
    """Decide about a locked stay, make it so and record it."""
    note = departure.note or _paid_note(payment)
    decision = let_go(car, Going(departure.key, person=departure.by, note=note, is_record=record_only), payment)
    owes = any(isinstance(effect, AddDebt) for effect in decision.effects)
    ticket = car.stay.ticket
    return DeskExit(ticket, decision, payment, _debt_of(ticket) if owes else None, departure.key)


def _paid_note(payment: Payment | None) -> str:
    return f"{payment.get_method_display()} at the desk" if payment else "nothing to pay"
