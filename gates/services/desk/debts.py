"""Debts that are paid later at a desk."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Payment
from billing.services import AmountTooLargeError, NothingOwedError, take_payment
from gates.services.desk.exits import Tender
from tickets.models import Ticket
from tickets.paying import FeeChangedError
from tickets.services import TicketStateError


def take_debt_payment(*, ticket: Ticket, tender: Tender, by: User, at: datetime) -> Payment:
    """Take what is owed for a stay whose car has left, and return the payment with its state and `failure`.

    Settling closes the debt and lifts the block caused by too many debts. No gate opens. Must not be called inside a
    transaction, as a card is charged outside of any. Idempotent by the tender's key.

    Raises TicketStateError for a car that is inside, NothingOwedError (409) when somebody else has taken the money,
    FeeChangedError when another amount than the agreed one is owed, and what `billing.services.take_payment` raises.
    """
    if ticket.is_open:
        raise TicketStateError(_("Ticket %(number)s is inside. Take its fee at the exit.") % {"number": ticket.number})
    if ticket.charge is None:
        raise NothingOwedError(_("Nothing is owed any more."))
    try:
        return take_payment(
            charge=ticket.charge,
            method=tender.method,
            amount=tender.agreed,
            idempotency_key=tender.payment_key,
            token=tender.token,
            tendered=tender.tendered,
            taken_by=by,
            receipt_email=tender.receipt_email,
            kept=tender.kept,
            at=at,
        )
    except AmountTooLargeError as error:
        raise FeeChangedError(_("Less is owed by now. The new amount is shown; take that instead.")) from error
