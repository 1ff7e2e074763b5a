"""Whether the car of a booking was turned away at a lane because all was full."""

from datetime import datetime, timedelta

from common.plates import skeleton
from gates.decision import Reason
from gates.models import EventKind, GateEvent
from lots.gate_rules import Direction
from reservations.models import NotParkedReport, Reservation
from tickets.models import Ticket, TicketStatus


def turned_away_at(booking: Reservation, *, at: datetime) -> datetime | None:
    """Return when a lane last answered the car of a booking that all is full, since it may come; None if none did."""
    opens = booking.starts_at - timedelta(minutes=booking.lot.early_minutes)
    reads = GateEvent.objects.filter(gate__lot=booking.lot_id, gate__direction=Direction.ENTRY, kind=EventKind.READ)
    until = min(at, booking.ends_at) + timedelta(seconds=1)  # what is asked by seconds
    full = reads.filter(reason=Reason.FULL, offline=False, at__range=(opens, until))
    for plate, seen_at in full.order_by("-at").values_list("plate_normalised", "at"):
        if plate and skeleton(plate) == booking.plate_skeleton:
            return seen_at
    return None


def has_come_in(report: NotParkedReport) -> bool:
    """Return whether the car of a report came in after it was turned away."""
    booking = report.booking
    stays = Ticket.objects.filter(lot=booking.lot_id, plate_skeleton=booking.plate_skeleton)
    return stays.filter(entry_at__gte=report.turned_away_at).exclude(status=TicketStatus.VOID).exists()
