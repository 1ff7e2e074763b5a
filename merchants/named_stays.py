"""The stay that a person of a merchant means: by its number, its link or its plate, at the merchant's lots alone."""

from django.utils.translation import gettext as _

from accounts.models import Merchant
from common.errors import DomainError
from common.plates import normalise
from tickets.models import Ticket
from tickets.numbers import InvalidNumberError, is_token, parse_reference
from tickets.queries import TicketNotFoundError, with_fee_parts

LONGEST_REFERENCE = 300


def stay_for(merchant: Merchant, text: str, *, by_plate: bool = True) -> Ticket:
    """Return the stay that a scanned or typed text names: a number, a link or, if it may, a plate.

    By a plate only a car that is inside now is found, and only by the whole plate. Raises TicketNotFoundError for all
    others in the same words, so that nobody learns where else a car is or was.
    """
    stays = with_fee_parts().filter(lot__merchant_places__merchant=merchant)
    try:
        reference = parse_reference(text)
        found = stays.filter(**{"token" if is_token(reference) else "number": reference}).first()
    except InvalidNumberError:
        plate = _plate(text) if by_plate else None
        found = stays.filter(plate_normalised=plate).open().order_by("-entry_at").first() if plate else None
    if found is None:
        if by_plate:
            raise TicketNotFoundError(_("No car that is parked here has this ticket or plate. Check it and try again."))
        raise TicketNotFoundError(_("No car that is parked here has this ticket. Check it and try again."))
    return found


def _plate(text: str) -> str | None:
    try:
        return normalise(text)
    except DomainError:
        return None
