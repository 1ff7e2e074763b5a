"""Find a stay for anyone: by the token of its link, or, with a rate limit, by its number or by its plate at a lot."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import User
from common.web.client_address import client_network
from common.web.rate_limits import check_hourly_rate, check_rate
from lots.models import Lot
from tickets.models import ProofKind, Ticket, TicketStatus
from tickets.numbers import names_token
from tickets.queries import TicketNotFoundError, find_ticket, open_stay, stays_by_plate

NUMBERS_PER_MINUTE = 60
PAYMENTS_PER_MINUTE = 60
PROOFS_PER_MINUTE = 10
PLATES_PER_HOUR = 5
ENTRY_WITHIN = timedelta(hours=1)
"""How far the entry may be from the time that somebody remembers who has no ticket."""


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


def look_up_by_plate(request: HttpRequest, lot: Lot, plate: str, came: tuple[datetime, datetime]) -> int | None:
    """Return the key of the one car inside a lot with this normalised plate that came about then, else None.

    `came` is the first and the last minute that the remembered time may mean. Each try is counted before anything is
    looked for, by address and by plate, and every answer costs the same one statement. Raises TooManyRequestsError.
    """
    check_hourly_rate("plate-address", client_network(request), per_hour=PLATES_PER_HOUR)
    check_hourly_rate("plate-at-lot", f"{lot.pk}-{plate}", per_hour=PLATES_PER_HOUR)
    found = stays_by_plate(lot, plate, came[0] - ENTRY_WITHIN, came[1] + ENTRY_WITHIN + timedelta(minutes=1))
    return found[0] if len(found) == 1 else None


def look_up_granted(request: HttpRequest, ticket_id: int) -> Ticket | None:
    """Return the open stay whose fee somebody may see, None once it is over; counts payments of a stay by its plate.

    Raises TooManyRequestsError.
    """
    if request.method == "POST":
        check_rate("ticket-payment-by-plate", str(ticket_id), per_minute=PAYMENTS_PER_MINUTE)
    return open_stay(ticket_id)


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
