"""Promo codes of drivers who pay for a stay online."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models import PromoCode
from billing.models.promo_codes import discount_of
from billing.services import CodeUser, CodeWish, check_uses, find_code, lower_by_use, note_balance, take_use
from tickets.fees import fee_of, price_of
from tickets.models import Ticket
from tickets.services import TicketStateError, assess_stay, lock_stay, require_fitting_code, require_open


def code_for(ticket: Ticket, typed: str, *, by: CodeUser, at: datetime) -> PromoCode:
    """Return the code that a text means for a stay; it is only looked at.

    Raises InvalidValueError, CodeUsedUpError, NotStackableError and StayOverError.
    """
    code = find_code(ticket.lot, typed, at=at)
    require_open(ticket)
    require_fitting_code(ticket, discount_of(code))
    check_uses(code, by)
    return code


def with_code(ticket: Ticket, code: PromoCode) -> Ticket:
    """Let a loaded stay have a code's discount, to be looked at; nothing is written."""
    ticket.discounts = [*ticket.discounts, discount_of(code)]
    return ticket


def code_wish(ticket: Ticket, typed: str, *, by: CodeUser, at: datetime) -> CodeWish:
    """Return the use of a code for a stay, with what it takes off now. Raises what `code_for` raises."""
    code = code_for(ticket, typed, by=by, at=at)
    before, own = price_of(ticket, at).total, ticket.discounts
    after = price_of(with_code(ticket, code), at).total
    ticket.discounts = own
    return CodeWish(code=code, by=by, off_amount=before - after)


@transaction.atomic
def settle_by_code(ticket: Ticket, wish: CodeWish, *, at: datetime) -> None:
    """Use a code that leaves nothing to pay: the stay counts as paid.

    Raises CodeUsedUpError, TicketStateError and, as the stay may have got other discounts since the code was looked
    at, what `code_for` raises.
    """
    stay = lock_stay(ticket)
    require_open(stay.ticket)
    charge = assess_stay(stay, fee_of(stay.ticket, at), at)
    if charge is None or charge.balance_amount <= 0:
        return
    if charge.balance_amount > wish.off_amount:
        raise TicketStateError(_("The fee has changed meanwhile. Please look at it again."))
    require_fitting_code(stay.ticket, discount_of(wish.code))
    use = take_use(code=wish.code, by=wish.by, at=at, charge=charge, off_amount=wish.off_amount)
    lower_by_use(charge, use, at)
    note_balance(charge, at, sold=stay)
