"""A car that pays what it owes from before together with its fee."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from accounts.models import User
from billing.models import Charge, Payment, PaymentMethod, PaymentState
from billing.services import lock_charges, pay_together
from gates.decision import Direction
from gates.services.desk.acts import lock_lane
from gates.services.desk.exits import DeskExit, Tender, take_exit_payment
from lots.models import Gate
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class TakenTogether:
    """What was taken: a payment for each debt, and the exit of the car when it came to that."""

    payments: list[Payment]
    done: DeskExit | None

    @property
    def failed(self) -> Payment | None:
        """Return the payment of a debt that did not bring what was asked for."""
        last = self.payments[-1] if self.payments else None
        return last if last and (last.state != PaymentState.CAPTURED or last.failure) else None


def take_all(  # noqa: PLR0913 - who, what, where and when
    *, ticket: Ticket, owed: Sequence[tuple[Charge, int]], gate: Gate, tender: Tender, by: User, at: datetime
) -> TakenTogether:
    """Take old debts of a car (each charge with the amount that was shown) and its fee, and let it go.

    The tender's `agreed` and `tendered` are for all of it; its change is that of the fee's payment. Cash and terminal
    are one transaction: all of it or nothing. A card pays the debts first, up to the first failure; must then not be
    called inside a transaction. Idempotent by the tender's key. Raises what `pay_together` and `take_exit_payment` do.
    """
    before = sum(amount for _charge, amount in owed)
    in_hand = tender.method in (PaymentMethod.CASH, PaymentMethod.TERMINAL)
    with transaction.atomic() if in_hand else nullcontext():
        if in_hand:
            _lock_all(ticket, owed, gate)
        payments = pay_together(
            owed=owed,
            method=tender.method,
            idempotency_key=tender.payment_key,
            together=tender.key,
            token=tender.token,
            taken_by=by,
            receipt_email=tender.receipt_email,
            at=at,
        )
        taken = TakenTogether(payments, None)
        if taken.failed:
            return taken
        paid = sum(payment.amount for payment in payments)
        fee = replace(
            tender,
            agreed=None if tender.agreed is None else tender.agreed - before,
            tendered=None if tender.tendered is None else tender.tendered - paid,
            together=tender.key,
        )
        return replace(taken, done=take_exit_payment(ticket=ticket, gate=gate, tender=fee, by=by, at=at))


def _lock_all(ticket: Ticket, owed: Sequence[tuple[Charge, int]], gate: Gate) -> None:
    """Lock everything in the order of all locks before the first payment: lot, charges, stays."""
    lock_lane(gate, Direction.EXIT)
    charges = [charge.pk for charge, _amount in owed] + ([ticket.charge_id] if ticket.charge_id else [])
    lock_charges(charges)
    list(Ticket.objects.select_for_update(of=("self",)).filter(charge__in=charges).order_by("pk"))
