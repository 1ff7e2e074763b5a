"""A stay that ends at a desk or a machine, locked and priced once, whatever becomes of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Payment
from billing.pricing import Price
from devices.models import Device
from gates.decision import CloseTicket, Context, Decision, Direction, Lane, OpenStay, PlateRead, decide
from gates.reads import Leaving, ReadBody, Sighting, apply_decision, card_result, due_of, moment_of, place_of, read_of
from lots.compatibility import SpotType
from lots.models import Gate
from lots.services import assert_lot_locked
from tickets.fees import Fee, fee_at_price, price_of
from tickets.models import Ticket
from tickets.services import LockedStay, TicketStateError, assess_stay, lock_stay


@dataclass(frozen=True, slots=True)
class LeavingCar:
    """A locked stay at an exit of its lot, whose lock is held too, with its price at `at`."""

    stay: LockedStay
    gate: Gate
    at: datetime
    price: Price

    @property
    def fee(self) -> Fee:
        """Return the fee less what has been paid and credited by now."""
        return fee_at_price(self.stay.ticket, self.price, self.at)

    def assess(self) -> Charge | None:
        """Write down what the stay costs; None when that is nothing."""
        return assess_stay(self.stay, self.fee, self.at)


@dataclass(frozen=True, slots=True)
class Going:
    """Who lets a car go: an attendant, or the machine that takes its fee; `key` is the event's own.

    A record says that the car has left, paid or not: no barrier is waited for.
    """

    key: UUID
    person: User | None = None
    device: Device | None = None
    note: str = ""
    is_record: bool = False


def leaving_car(ticket: Ticket, gate: Gate, at: datetime) -> LeavingCar:
    """Lock a stay of the gate's lot and price it at `at`; the lot's lock is held."""
    assert_lot_locked(gate.lot_id)
    ticket.lot = gate.lot
    stay = lock_stay(ticket)
    return LeavingCar(stay, gate, at, price_of(stay.ticket, at))


def require_inside(ticket: Ticket) -> None:
    """Raise TicketStateError for a stay that has ended."""
    if not ticket.is_open:
        raise TicketStateError(_("Ticket %(number)s is not inside any more.") % {"number": ticket.number})


def let_go(car: LeavingCar, going: Going, payment: Payment | None) -> Decision:
    """Decide about a locked stay after `payment`, the last one tried for it; make the decision true and record it."""
    ticket, fee = car.stay.ticket, car.fee
    body = ReadBody(
        event_id=going.key,
        plate=ticket.plate,
        region=ticket.region or None,
        ticket_number=ticket.number,
        offline=going.is_record,
    )
    read = read_of(body)
    decision = _decide(car, going, fee, payment)
    moment = moment_of(read, car.at)
    sighting = Sighting(car.gate, read, moment, device=going.device, person=going.person, note=going.note)
    ends = not sighting.is_promised and any(isinstance(effect, CloseTicket) for effect in decision.effects)
    apply_decision(sighting, decision, leaving=Leaving(ticket, fee, place=None if ends else place_of(ticket)))
    return decision


def _decide(car: LeavingCar, going: Going, fee: Fee, payment: Payment | None) -> Decision:
    ticket, at = car.stay.ticket, car.at
    due = replace(
        due_of(fee),
        payment=card_result(payment.state, payment.failure, at - payment.created_at) if payment else None,
        declines_so_far=_earlier_declines(ticket, payment) if payment and fee.owed else 0,
    )
    stay = OpenStay(
        ticket_id=ticket.pk,
        number=ticket.number,
        plate=ticket.plate_normalised,
        region=ticket.region,
        entered_at=min(ticket.entry_at, at),
        entry_gate="",
        spot_type=SpotType(ticket.spot_type) if ticket.spot_type else None,
        reservation_id=ticket.reservation_id,
    )
    lane = Lane(code=car.gate.code, direction=Direction.EXIT, attended=going.person is not None)
    read = PlateRead(plate=ticket.plate_normalised, region=ticket.region, ticket=ticket.number, offline=going.is_record)
    return decide(read, Context(lane=lane, now=at, stays=(stay,), due=due))


def _earlier_declines(ticket: Ticket, payment: Payment) -> int:
    """Count the declines at the desk before this payment."""
    declined = Payment.objects.filter(charge=ticket.charge_id, failure="declined", taken_by__isnull=False)
    return declined.exclude(pk=payment.pk).count()
