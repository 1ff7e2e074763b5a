"""Corrections of stays by records that came late."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Tariff
from billing.services import assess_charge, settle_debt
from lots.calendar import local_day
from lots.services import lock_lot
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.regulars import stays_before
from tickets.services.stays import TicketStateError, lock_ticket, review_ticket


@transaction.atomic
def take_back_end(*, ticket: Ticket, at: datetime, why: str) -> Ticket:
    """Put a stay aside until a later record, or a person, says how it ended; its place is free, nothing is owed for it.

    Raises TicketStateError for one that has been paid for or that never was.
    """
    lock_lot(ticket.lot_id)
    ticket = lock_ticket(ticket_id=ticket.pk)
    if ticket.status in OPEN:
        return review_ticket(ticket=ticket, at=at, why=why)
    if ticket.status != TicketStatus.CLOSED or _is_paid_for(ticket):
        raise TicketStateError(_("The end of ticket %(number)s can't be taken back.") % {"number": ticket.number})
    _owe_nothing(ticket, at)
    ticket.status = TicketStatus.REVIEW
    ticket.exit_at, ticket.exit_plate, ticket.closed_reason = None, None, ""
    ticket.changed_at, ticket.changed_why, ticket.changed_by = at, why, None
    ticket.save(
        update_fields=["status", "exit_at", "exit_plate", "closed_reason", "changed_at", "changed_why", "changed_by"]
    )
    return ticket


@transaction.atomic
def correct_arrival(*, ticket: Ticket, entry_at: datetime, no_grace: bool) -> Ticket:
    """Set when a stay that has not ended began, and whether it followed another at once; raises TicketStateError."""
    ticket = lock_ticket(ticket_id=ticket.pk)
    if ticket.status not in (*OPEN, TicketStatus.REVIEW):
        raise TicketStateError(_("Ticket %(number)s has ended already.") % {"number": ticket.number})
    ticket.entry_at, ticket.no_grace = entry_at, no_grace
    ticket.tariff = Tariff.objects.filter(lot=ticket.lot).valid_on(local_day(ticket.lot, entry_at)).first()
    ticket.stays_before = stays_before(ticket)
    ticket.save(update_fields=["entry_at", "no_grace", "tariff", "stays_before"])
    return ticket


def _is_paid_for(ticket: Ticket) -> bool:
    charge = ticket.charge
    return charge is not None and bool(charge.captured_amount or charge.credited_amount)


def _owe_nothing(ticket: Ticket, at: datetime) -> None:
    if ticket.charge is None:
        return
    known = ticket.charge
    charge = assess_charge(
        charge=known, lot=ticket.lot, label=known.label, due=0, tax_percent=known.tax_percent, lines=(), at=at
    )
    debt = getattr(charge, "debt", None)
    if debt is not None:
        settle_debt(debt=debt, at=at)
