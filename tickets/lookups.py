"""Finding a stay for a stranger: by the token of its link, or rate limited by its number."""

from django.http import HttpRequest

from accounts.models import User
from common.web.client_address import client_network
from common.web.rate_limits import check_rate
from tickets.links import reference_in
from tickets.models import ProofKind, Ticket, TicketStatus
from tickets.queries import TicketNotFoundError, find_ticket, is_token

NUMBERS_PER_MINUTE = 60
PAYMENTS_PER_MINUTE = 60
PROOFS_PER_MINUTE = 10


def is_number(reference: str) -> bool:
    """Say whether a reference can only be a typed number; whoever has just that sees no more than the fee."""
    return not is_token(reference)


def look_up(request: HttpRequest, reference: str) -> Ticket:
    """Return the stay with this number or token.

    Raises TicketNotFoundError, and TooManyRequestsError for an address that asks for too many numbers, or a ticket that
    too many payments are tried for. Attempts by number use up none of those by token: strangers know no token.
    """
    by_number = is_number(reference)
    if by_number:
        check_rate("ticket-number", client_network(request), per_minute=NUMBERS_PER_MINUTE)
    ticket = find_ticket(reference)
    if request.method == "POST":
        what = "ticket-payment-by-number" if by_number else "ticket-payment"
        check_rate(what, str(ticket.pk), per_minute=PAYMENTS_PER_MINUTE)
    return ticket


def look_up_own(request: HttpRequest, driver: User, text: str) -> tuple[Ticket, ProofKind]:
    """Return the stay whose number, token or whole link a signed-in driver gives, and what that proves.

    Raises TicketNotFoundError, also for a void ticket, and TooManyRequestsError for an account or address that tries
    too many.
    """
    reference = reference_in(text) or text.strip()
    check_rate("stay-proof", str(driver.pk), per_minute=PROOFS_PER_MINUTE)
    check_rate("ticket-number", client_network(request), per_minute=NUMBERS_PER_MINUTE)
    ticket = find_ticket(reference)
    if ticket.status == TicketStatus.VOID:
        raise TicketNotFoundError("This ticket is void.")
    return ticket, ProofKind.NUMBER if is_number(reference) else ProofKind.TOKEN
