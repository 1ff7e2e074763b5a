"""Finding a stay for a stranger: by the token of its link, or rate limited by its number."""

from django.http import HttpRequest

from common.client_address import client_network
from common.rate_limits import check_rate
from tickets.models import Ticket
from tickets.queries import find_ticket, is_token

NUMBERS_PER_MINUTE = 60
PAYMENTS_PER_MINUTE = 60


def is_number(reference: str) -> bool:
    """Say whether a reference can only be a typed number; whoever has just that sees no more than the fee."""
    return not is_token(reference)


def look_up(request: HttpRequest, reference: str) -> Ticket:
    """Return the stay with this number or token.

    Raises TicketNotFoundError, and TooManyRequestsError for an address that asks for too many numbers, or a ticket that
    too many payments are tried for.
    """
    if is_number(reference):
        check_rate("ticket-number", client_network(request), per_minute=NUMBERS_PER_MINUTE)
    ticket = find_ticket(reference)
    if request.method == "POST":
        check_rate("ticket-payment", str(ticket.pk), per_minute=PAYMENTS_PER_MINUTE)
    return ticket
