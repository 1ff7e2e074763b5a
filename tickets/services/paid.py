"""Stays that were paid for, until their car has left or the time to do so is over."""

from datetime import datetime

from django.db import transaction

from billing.models import Charge
from tickets.fees import exit_grace_of
from tickets.models import Ticket, TicketStatus
from tickets.queries import with_fee_parts
from tickets.services.locking import LockedStay
from tickets.services.stays import change_status


def mark_paid(*, charge: Charge, at: datetime, stay: LockedStay | None = None) -> Ticket | None:
    """Note that the charge of a stay was settled, and return the stay; None when the charge is for something else.

    The charge is locked, and so is the stay if it is given; else it is locked here. One that has ended stays as it is.
    Idempotent.
    """
    if stay is None:
        stays = Ticket.objects.select_for_update(of=("self",)).select_related("lot")
        ticket = stays.filter(charge=charge).first()
        if ticket is None:
            return None
        ticket.charge = charge
    else:
        ticket = stay.ticket
    if not ticket.is_open or (ticket.status == TicketStatus.PAID and ticket.paid_at == at):
        return ticket
    ticket.paid_at = at
    return change_status(ticket, TicketStatus.PAID, at, "paid", None, "paid_at")


@transaction.atomic
def end_exit_graces(*, at: datetime, limit: int = 500) -> int:
    """Make paid stays active again whose time to leave is over; returns how many."""
    paid = with_fee_parts().filter(status=TicketStatus.PAID).order_by("paid_at").select_for_update(of=("self",))
    overdue = [ticket for ticket in paid[:limit] if ticket.paid_at and ticket.paid_at + exit_grace_of(ticket) < at]
    for ticket in overdue:
        change_status(ticket, TicketStatus.ACTIVE, at, "exit grace over", None)
    return len(overdue)
