"""A stay as its payer sees it: its stage, its fee and the last payment."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from billing.models import Payment, PaymentState
from billing.queries import pending_amount
from billing.services import PAID_TWICE
from common.translation import money_said
from tickets.fees import Fee, leave_by
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.queries import fee_now

ATTEMPTS = {
    "declined": _("The card was declined and nothing was taken. Try another card, or pay at the machine or desk."),
    "timeout": _("The card’s bank did not answer in time and nothing was taken. Try again, or use another card."),
    "abandoned": _("The last payment did not go through and nothing was taken. Please try again."),
    "unavailable": _("Card payments don’t work at the moment; nothing was taken. Try again soon, or pay at the desk."),
    "partial": _("{taken} was taken. {owed} is still to pay."),
    PAID_TWICE: _("The fee had been paid meanwhile, so {returned} of the last payment goes back to its card."),
}
ATTEMPT_SHOWN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class StayToPay:
    """A stay to be paid.

    `stage` is one of `owed`, `running` (a payment has not been answered), `paid`, `free` (nothing to pay so far),
    `ended`, `review`, `void`. `attempt` is the last card payment, when it was just now and kept less than was asked.
    `is_pending` marks a stay that can be paid although an earlier payment has not been answered.
    """

    ticket: Ticket
    fee: Fee
    stage: str
    leave_by: datetime | None
    attempt: Payment | None
    is_pending: bool

    @property
    def attempt_words(self) -> str:
        """Return the result of the last attempt and what to do next."""
        return said_of(self.attempt, owed=self.fee.owed) if self.attempt else ""

    @property
    def version(self) -> list[object]:
        """Return a value that changes when the page does."""
        attempt = self.attempt.pk if self.attempt else None
        amounts = [self.fee.owed, self.fee.total, self.fee.credited]
        return [self.stage, *amounts, self.ticket.status, self.leave_by, attempt, self.is_pending]


def said_of(payment: Payment, *, owed: int) -> str:
    """Return why a payment took less than it should have, and what to do next; `owed` in minor units is left."""
    currency = payment.charge.currency
    return ATTEMPTS.get(payment.failure, ATTEMPTS["declined"]).format(
        taken=money_said(payment.captured_amount, currency),
        returned=money_said(payment.refunded_amount, currency),
        owed=money_said(owed, currency),
    )


def stay_to_pay(ticket: Ticket, at: datetime, *, by_number: bool) -> StayToPay:
    """Return a stay as its payer sees it at `at`; a payer `by_number` sees only attempts by number."""
    fee = stay_owes(ticket, at)
    pending = _is_being_paid(ticket) if fee.owed else False
    stage = _stage(ticket, fee, is_running=pending and by_number)
    attempt = _last_attempt(ticket, at, by_number=by_number)
    if attempt is not None and (stage == "owed") == (attempt.failure == PAID_TWICE):
        attempt = None
    return StayToPay(ticket, fee, stage, leave_by(ticket), attempt, is_pending=pending and stage == "owed")


def stay_owes(ticket: Ticket, at: datetime) -> Fee:
    """Return the fee of a stay: so far, or what an ended one left owing."""
    if ticket.status in OPEN:
        return fee_now(ticket, at)
    fee, charge = fee_now(ticket, ticket.exit_at or at), ticket.charge
    if charge is None or ticket.status != TicketStatus.CLOSED:
        return replace(fee, owed=0)
    if not charge.lines:
        return replace(fee, owed=charge.balance_amount)
    # As it was charged: with the fees of reminders, and whatever a later tariff would cost.
    return replace(
        fee,
        total=charge.due_amount,
        credited=charge.credited_amount,
        tax=charge.charged_tax_amount,
        tax_percent=charge.tax_percent,
        owed=charge.balance_amount,
        lines=charge.lines,
    )


def _stage(ticket: Ticket, fee: Fee, *, is_running: bool) -> str:
    if ticket.status in {TicketStatus.REVIEW, TicketStatus.VOID}:
        return str(ticket.status)
    if fee.owed:
        return "running" if is_running else "owed"
    if ticket.status == TicketStatus.CLOSED:
        return "ended"
    return "paid" if leave_by(ticket) else "free"


def _is_being_paid(ticket: Ticket) -> bool:
    charge = ticket.charge
    return charge is not None and 0 < charge.balance_amount <= pending_amount(charge)


def _last_attempt(ticket: Ticket, at: datetime, *, by_number: bool) -> Payment | None:
    """Return the last failed attempt by the number, or by the link, when it is recent."""
    if ticket.charge is None:
        return None
    attempts = ticket.charge.payments.filter(created_at__gte=at - ATTEMPT_SHOWN, by_number=by_number)
    last = attempts.order_by("-created_at", "-pk").first()
    return last if last and last.failure and last.state in {PaymentState.FAILED, PaymentState.CAPTURED} else None
