"""The locks of a stay: its charge, then its row."""

from dataclasses import dataclass

from django.db import transaction

from billing.models import Charge
from common.db.loaded import keep_loaded
from lots.models import Lot
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class LockedStay:
    """A stay whose charge, if it has one, and row this transaction has locked, in this order.

    The ticket is as it is now and leads to everything that its fee depends on.
    """

    ticket: Ticket

    @property
    def charge(self) -> Charge | None:
        """Return what is to be paid for it, locked; None before anything was assessed."""
        return self.ticket.charge

    @property
    def lot(self) -> Lot:
        """Return where it is."""
        return self.ticket.lot


def lock_stay(ticket: Ticket) -> LockedStay:
    """Lock a stay by an earlier reading of it; needs a transaction.

    What that reading has loaded beside the stay is not loaded again: the rules of a tariff that has stays never change.
    """
    return LockedStay(keep_loaded(lock_as_seen(ticket.pk, ticket.charge_id), ticket, "lot", "tariff", "level", "spot"))


def lock_as_seen(ticket_id: int, charge_id: int | None) -> Ticket:
    """Lock the charge that a stay has been seen with, then the stay, and return the stay with its charge.

    The charge comes first, as a payment that settles the charge comes to the ticket after it. When a charge was made
    while this waited for the ticket, the ticket is let go and both are locked in their order.
    """
    tickets = Ticket.objects.select_for_update()
    if charge_id is not None:
        charge = Charge.objects.select_for_update().get(pk=charge_id)
        ticket = tickets.get(pk=ticket_id)
        ticket.charge = charge
        return ticket
    before = transaction.savepoint()
    ticket = tickets.get(pk=ticket_id)
    if ticket.charge_id is None:
        transaction.savepoint_commit(before)
        return ticket
    transaction.savepoint_rollback(before)
    return lock_as_seen(ticket_id, ticket.charge_id)
