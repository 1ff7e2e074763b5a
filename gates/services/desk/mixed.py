"""A fee that is paid by card and cash in one go."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Payment
from billing.services import AmountTooLargeError, take_payment
from billing.shifts import till_for_cash
from common.errors import FieldError
from gates.decision import Action, Decision, Reason
from gates.services.desk.acts import lock_lane
from gates.services.desk.exits import DeskExit, Tender, take_exit_payment
from gates.services.desk.leaving import leaving_car, require_inside
from lots.gate_rules import Direction
from lots.models import Gate
from tickets.models import Ticket
from tickets.paying import FeeChangedError


def take_mixed_payment(  # noqa: PLR0913 - who, what, where and when
    *, ticket: Ticket, gate: Gate, cash: Tender, card: Tender, by: User, at: datetime
) -> DeskExit:
    """Take `cash.tendered` of a stay's fee in cash and the rest by card, and let the car go when both are there.

    The card comes first: when it is declined, or pays only a part, no cash is taken and the car stays. Both payments
    are taken `together`, under the cash's key, which makes it idempotent. Must not be called inside a transaction.

    Raises AmountTooLargeError when the cash alone is enough, NoOpenShiftError (409), and what `take_exit_payment`
    raises.
    """
    till_for_cash(by, ticket.lot)
    key = f"{cash.payment_key}-card"
    paid = Payment.objects.select_related("charge").filter(idempotency_key=key).first()
    if paid is None:
        charge, rest = _rest(ticket, gate, cash, at)
        paid = take_payment(
            charge=charge,
            method=card.method,
            amount=rest,
            idempotency_key=key,
            token=card.token,
            taken_by=by,
            together=cash.key,
            at=at,
        )
    if paid.captured_amount < paid.amount:
        return DeskExit(ticket, Decision(action=Action.PAY, reason=Reason.FEE_DUE, ticket_id=ticket.pk), paid)
    both = replace(cash, agreed=None, together=cash.key)
    return take_exit_payment(ticket=ticket, gate=gate, tender=both, by=by, at=at)


@transaction.atomic
def _rest(ticket: Ticket, gate: Gate, cash: Tender, at: datetime) -> tuple[Charge, int]:
    """Write down what the stay costs, and return its charge with what the card has to pay. Raises FeeChangedError."""
    car = leaving_car(ticket, lock_lane(gate, Direction.EXIT), at)
    require_inside(car.stay.ticket)
    charge = car.assess()
    owed = int(charge.balance_amount) if charge else 0
    if cash.agreed is not None and owed > cash.agreed:
        raise FeeChangedError(_("The fee has gone up meanwhile. Tell the driver the new fee, then take it again."))
    if charge is None or not 0 < (cash.tendered or 0) < owed:
        message = _("Type the part that is paid in cash: more than nothing, and less than the fee.")
        raise AmountTooLargeError(message, errors=[FieldError("tendered", message)])
    return charge, owed - (cash.tendered or 0)
