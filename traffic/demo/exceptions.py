"""The demo attendant's exceptions, made through the desk's services."""

from datetime import datetime, timedelta
from uuid import uuid4

from accounts.models import User
from gates.services import let_out, open_by_hand
from lots.gate_rules import Direction
from lots.models import Lot
from tickets.models import Ticket
from traffic.demo.personas import DRIVER_PLATE

PARKED_AT_LEAST = timedelta(hours=1)


def make_exceptions(lot: Lot, *, attendant: User, at: datetime) -> None:
    """Waive one stay's fee and open a gate by hand, so that the page of such acts is not empty."""
    gate = lot.gates.filter(direction=Direction.EXIT).first()
    inside = Ticket.objects.open().filter(lot=lot, entry_at__lte=at - PARKED_AT_LEAST).exclude(plate=DRIVER_PLATE)
    ticket = inside.order_by("-entry_at").first()
    if gate is None or ticket is None:
        return
    let_out(ticket=ticket, gate=gate, by=attendant, note="The lift was out of order", waive=True, at=at, key=uuid4())
    open_by_hand(gate=gate, by=attendant, note="Delivery for the kiosk", at=at, key=uuid4())
