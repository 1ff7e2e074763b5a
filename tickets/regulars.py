"""How often a car has paid for a stay in the month before it comes again."""

from django.db import connection

from billing.tariffs import rules_of
from common.plate_hashes import has_run_out, spellings
from tickets.models import Ticket


def stays_before(ticket: Ticket) -> int:
    """Return how many stays count for the discount that a stay's tariff has for regulars.

    0 without a query where it has none.
    """
    if ticket.tariff is None or not rules_of(ticket.tariff).regulars:
        return 0
    return counted_before(ticket)


def counted_before(ticket: Ticket) -> int:
    """Return how many paid stays of a stay's plate ended at its lot in the local month of its entry, before it.

    Stays by booking and those that cost nothing don't count.
    """
    if ticket.plate_normalised is None:
        return 0
    plate = ticket.plate_normalised
    plates = [plate] if has_run_out(plate) else spellings(plate, ticket.lot.operator_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tickets_stays_before(%s, %s::text[], %s, %s)",
            [ticket.lot_id, plates, ticket.plate_region, ticket.entry_at],
        )
        return int(cursor.fetchone()[0])
