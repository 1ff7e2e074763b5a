"""Stays that were paid for, until their car has left or the time to do so is over."""

from datetime import datetime

from django.db import transaction

from billing.models import Charge
from tickets.fees import exit_grace_of
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.queries import with_fee_parts
from tickets.services.stays import change_status


@transaction.atomic
def mark_paid(*, charge: Charge, at: datetime) -> Ticket | None:
    """Note that the charge of an open stay was settled; safe to call twice."""
    ticket = Ticket.objects.select_for_update().filter(charge=charge, status__in=OPEN).first()
    if ticket is None or (ticket.status == TicketStatus.PAID and ticket.paid_at == at):
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
