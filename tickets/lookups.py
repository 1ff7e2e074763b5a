"""Find a stay for anyone: by the token of its link, or, with a rate limit, by its number."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from common.web.client_address import client_network
from common.web.rate_limits import check_rate
from tickets.models import ProofKind, Ticket, TicketStatus
from tickets.numbers import names_token
from tickets.queries import TicketNotFoundError, find_ticket

NUMBERS_PER_MINUTE = 60
PAYMENTS_PER_MINUTE = 60
PROOFS_PER_MINUTE = 10


def is_number(reference: str) -> bool:
    """Return whether a reference is a typed number, with which only the fee may be seen."""
    return not names_token(reference)


def look_up(request: HttpRequest, reference: str) -> Ticket:
    """Return the stay with this number or token.

    Raises TicketNotFoundError, and TooManyRequestsError for an address that tries too many numbers, or a ticket with
    too many payment attempts. Attempts by number and by token are counted apart: strangers know no token.
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
    """Return the stay of a number, token or link that a driver enters, and the kind of proof.

    Raises TicketNotFoundError, also for a void ticket, and TooManyRequestsError for an account or address with too many
    tries.
    """
    check_rate("stay-proof", str(driver.pk), per_minute=PROOFS_PER_MINUTE)
    check_rate("ticket-number", client_network(request), per_minute=NUMBERS_PER_MINUTE)
    ticket = find_ticket(text)
    if ticket.status == TicketStatus.VOID:
        raise TicketNotFoundError(_("This ticket is void."))
    return ticket, ProofKind.NUMBER if is_number(text) else ProofKind.TOKEN
