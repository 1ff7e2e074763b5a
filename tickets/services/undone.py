"""An exit that is taken back: the car is still inside."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from lots.models import Spot, SpotCount
from lots.services import assert_lot_locked
from tickets.models import Ticket, TicketStatus
from tickets.services.locking import LockedStay
from tickets.services.stays import TicketStateError, admit_plate_again, change_status


def reopen_stay(stay: LockedStay, *, at: datetime, why: str, by: User) -> Ticket:
    """Open a locked stay again that was closed moments ago; the lot's lock is held.

    It is paid when its charge is settled by money or credit, and has its place back if that is free; else it has none.
    What the exit did to its charge must have been taken back before. Raises TicketStateError, also when its plate has
    another open stay there.
    """
    ticket, charge = stay.ticket, stay.charge
    assert_lot_locked(ticket.lot_id)
    if ticket.status != TicketStatus.CLOSED:
        raise TicketStateError(_("Ticket %(number)s has not left.") % {"number": ticket.number})
    admit_plate_again(ticket)
    moved = charge.moved_amount if charge else 0
    is_paid = charge is not None and moved > 0 and charge.balance_amount == 0
    ticket.paid_at = (ticket.paid_at or charge.settled_at) if charge is not None and is_paid else None
    ticket.exit_at, ticket.exit_plate, ticket.closed_reason = None, None, ""
    if not _is_free(ticket):
        ticket.spot = ticket.level = ticket.spot_type = None
    return change_status(
        ticket,
        TicketStatus.PAID if is_paid else TicketStatus.ACTIVE,
        at,
        why,
        by,
        "paid_at",
        "exit_at",
        "exit_plate",
        "closed_reason",
        "spot",
        "level",
        "spot_type",
        "plate_region",
    )


def _is_free(ticket: Ticket) -> bool:
    """Return whether the place that a stay had can be its own again."""
    if ticket.spot_id is not None:
        return Spot.objects.filter(pk=ticket.spot_id, stay=None, hold=None, maintenance=False).exists()
    return SpotCount.objects.filter(level=ticket.level_id, spot_type=ticket.spot_type, free__gt=0).exists()
