"""A stay that ends at a desk, locked and priced once, whatever becomes of it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from billing.models import Charge
from billing.pricing import Price
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
