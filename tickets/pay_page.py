"""What a driver sees before, while and after paying: the stage of the stay and what to do next."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from billing.models import Payment, PaymentState
from billing.queries import open_amount
from common.money import format_money
from tickets.fees import Fee, leave_by
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.queries import fee_now

ATTEMPTS = {
    "declined": "The card was declined and nothing was taken. Try another card, or pay at the machine or desk.",
    "timeout": "The card’s bank did not answer in time and nothing was taken. Try again, or use another card.",
    "abandoned": "The last payment did not go through and nothing was taken. Please try again.",
    "unavailable": "Card payments don’t work at the moment; nothing was taken. Try again soon, or pay at the desk.",
    "partial": "{taken} was taken. {owed} is still to pay.",
}
ATTEMPT_SHOWN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay to be paid.

    `stage` is one of `owed`, `running` (a payment has not been answered), `paid`, `free` (nothing to pay so far),
    `ended`, `review`, `void`. `attempt` is the last card payment, when it was just now and took less than was asked.
    """

    ticket: Ticket
    fee: Fee
    stage: str
    leave_by: datetime | None
    attempt: Payment | None

    @property
    def attempt_words(self) -> str:
        """Say what became of the last attempt and what to do next."""
        return said_of(self.attempt, owed=self.fee.owed) if self.attempt else ""

    @property
    def version(self) -> list[object]:
        """Return what changes whenever the page has something new to say."""
        attempt = self.attempt.pk if self.attempt else None
        return [self.stage, self.fee.owed, self.fee.total, self.ticket.status, self.leave_by, attempt]


def said_of(payment: Payment, *, owed: int) -> str:
    """Return why a payment took less than it should have, and what is to do; `owed` in minor units is what is left."""
    currency = payment.charge.currency
    taken, left = format_money(payment.captured_amount, currency), format_money(owed, currency)
    return ATTEMPTS.get(payment.failure, ATTEMPTS["declined"]).format(taken=taken, owed=left)


def stay_to_pay(ticket: Ticket, at: datetime) -> Stay:
    """Return a stay as its payer sees it at `at`."""
    fee = stay_owes(ticket, at)
    stage = _stage(ticket, fee)
    return Stay(ticket, fee, stage, leave_by(ticket), _failed_attempt(ticket, at) if stage == "owed" else None)


def stay_owes(ticket: Ticket, at: datetime) -> Fee:
    """Return the fee of a stay: as of now, or for one that has ended what it left owing."""
    if ticket.status in OPEN:
        return fee_now(ticket, at)
    fee = fee_now(ticket, ticket.exit_at or at)
    owing = ticket.charge.balance_amount if ticket.charge and ticket.status == TicketStatus.CLOSED else 0
    return replace(fee, owed=owing)


def _stage(ticket: Ticket, fee: Fee) -> str:
    if ticket.status in {TicketStatus.REVIEW, TicketStatus.VOID}:
        return str(ticket.status)
    if fee.owed:
        is_being_paid = (
            ticket.charge is not None and ticket.charge.balance_amount > 0 and open_amount(ticket.charge) <= 0
        )
        return "running" if is_being_paid else "owed"
    if ticket.status == TicketStatus.CLOSED:
        return "ended"
    return "paid" if leave_by(ticket) else "free"


def _failed_attempt(ticket: Ticket, at: datetime) -> Payment | None:
    if ticket.charge is None:
        return None
    last = ticket.charge.payments.filter(created_at__gte=at - ATTEMPT_SHOWN).order_by("-created_at", "-pk").first()
    return last if last and last.failure and last.state in {PaymentState.FAILED, PaymentState.CAPTURED} else None
