"""A stay that ends at a desk: locked and priced once, whatever becomes of it."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from billing.models import Charge, Debt
from billing.pricing import Price
from gates.decision import AddDebt, CloseTicket, CompleteReservation, Decision, FreeOldSpot, FreeSpot, ReviewTicket
from gates.services.effects import why_of
from lots.models import Gate
from reservations.services import complete_reservation
from tickets.fees import Fee, fee_at_price, price_of
from tickets.models import Ticket
from tickets.services import (
    LockedStay,
    TicketStateError,
    assess_stay,
    close_stay,
    leave_stay_owing,
    lock_stay,
    review_stay,
)


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

    def leave(self, decision: Decision, fee: Fee, *, by: User, note: str, is_promised: bool) -> Debt | None:
        """Carry out what was decided about the car with this fee and return the debt it leaves; `note` is its reason.

        A stay that `is_promised` to leave ends when the barrier has confirmed that the car passed.
        """
        debt = None
        for effect in decision.effects:
            match effect:
                case ReviewTicket():
                    review_stay(self.stay, at=self.at, why=why_of(decision, self.gate), by=by)
                case CloseTicket() if not is_promised:
                    debt = self._end(decision, fee, by, note)
                case CompleteReservation(reservation_id) if not is_promised:
                    complete_reservation(reservation_id=reservation_id)
                case CloseTicket() | CompleteReservation() | AddDebt() | FreeSpot() | FreeOldSpot():
                    pass  # promised; or done with the end: the debt by `_end`, the place by the database
                case _:
                    raise AssertionError(effect)
        return debt

    def _end(self, decision: Decision, fee: Fee, by: User, note: str) -> Debt | None:
        stay, at, why = self.stay, self.at, why_of(decision, self.gate)
        owed = next((effect for effect in decision.effects if isinstance(effect, AddDebt)), None)
        plate = stay.ticket.plate
        if owed is not None:
            cause = note or owed.cause
            return leave_stay_owing(stay, fee, plate=owed.plate, at=at, cause=cause, why=why, by=by, exit_plate=plate)
        assess_stay(stay, fee, at)
        close_stay(stay, at=at, reason=decision.reason, why=why, by=by, exit_plate=plate)
        return None


def leaving_car(ticket: Ticket, gate: Gate, at: datetime) -> LeavingCar:
    """Lock a stay of the gate's lot and price it at `at`; the lot's lock is held."""
    ticket.lot = gate.lot
    stay = lock_stay(ticket)
    return LeavingCar(stay, gate, at, price_of(stay.ticket, at))


def require_inside(ticket: Ticket) -> None:
    """Raise TicketStateError for a stay that has ended."""
    if not ticket.is_open:
        raise TicketStateError(f"Ticket {ticket.number} is not inside any more.")
