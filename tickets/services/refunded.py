"""What a stay owes again after money was given back for it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import Charge, CreditKind
from billing.services import credit_locked, record_debt
from tickets.models import Ticket, TicketStatus
from tickets.services.resolution import NoPlateToOweError

WHY = "refunded"


@transaction.atomic
def owe_again(*, charge: Charge, at: datetime) -> Ticket | None:
    """Make the stay of a refunded charge owe it: a paid one is active again, one that has left owes a debt.

    A stay that never was owes nothing, so its charge is credited. The charge is locked. Raises NoPlateToOweError for
    a car that left without a plate on record: such a refund can only be goodwill.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).filter(charge=charge).first()
    if ticket is None:
        return None
    if ticket.status == TicketStatus.PAID:
        ticket.status = TicketStatus.ACTIVE
        ticket.changed_at, ticket.changed_why, ticket.changed_by = at, WHY, None
        ticket.save(update_fields=["status", "changed_at", "changed_why", "changed_by"])
    elif ticket.status == TicketStatus.CLOSED:
        plate = ticket.plate or ticket.exit_plate
        if not plate:
            raise NoPlateToOweError(
                _("Nobody can owe this: the car left without a known plate. Refund it as goodwill.")
            )
        record_debt(charge=charge, plate=plate, region=ticket.plate_region, reason=WHY, at=at)
    elif ticket.status == TicketStatus.VOID:
        credit_locked(charge, amount=charge.balance_amount, kind=CreditKind.VOID, reason=WHY, at=at)
    return ticket
