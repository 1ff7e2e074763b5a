"""Payments for a stay by anyone who has its number or link."""

import hashlib
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Payment, PaymentState, PromoUse
from billing.services import (
    CodeUser,
    CodeWish,
    IdempotencyConflictError,
    NothingOwedError,
    conclude_payment,
    fold_code,
    look_at_payment,
    take_payment,
)
from common.errors import ConflictError
from tickets.models import OPEN, Ticket, TicketStatus
from tickets.promo import code_wish, settle_by_code
from tickets.services import TicketStateError, assess_ticket


class FeeChangedError(ConflictError):
    """More is owed by now than the payer agreed to."""

    code = "fee_changed"


def pay_ticket(  # noqa: PLR0913 - the facts of one payment
    *,
    ticket: Ticket,
    method: str,
    token: str,
    amount: int | None,
    idempotency_key: str,
    at: datetime,
    by_number: bool,
    agreed_amount: int | None = None,
    receipt_email: str = "",
    paid_by: User | None = None,
    return_url: str = "",
    promo_code: str = "",
) -> Payment | None:
    """Charge a card `amount` minor units (None: all that is owed) of a stay's fee at `at`.

    For a stay that has ended, what it left owing. `by_number`: the payer has not proven to hold the ticket.
    `agreed_amount` is the fee the payer was shown. The key is unique within the ticket. Paying the whole fee proves the
    stay to the account `paid_by`. A payment with a `page_url` waits for its payer there, who then comes back to
    `return_url`. A `promo_code` is used with the payment of the rest; None when it leaves nothing to pay. Must not be
    called inside a transaction.

    Raises FeeChangedError, TicketStateError (a stay in review or void), and what `take_payment` raises.
    """
    key = payment_key(ticket, idempotency_key)
    earlier = Payment.objects.select_related("charge").filter(idempotency_key=key).first()
    charge = earlier.charge if earlier else _charge_to_pay(ticket, at)
    wish = None
    if earlier is not None:
        _require_same_code(earlier, promo_code)
    elif promo_code:
        payer = CodeUser(person=paid_by, email=receipt_email, plate=ticket.plate_normalised or "")
        wish = code_wish(ticket, promo_code, by=payer, at=at)
    if earlier is None and not _is_left(charge, wish, agreed_amount) and wish is not None:
        settle_by_code(ticket, wish, at=at)
        return None
    return take_payment(
        charge=charge,
        method=method,
        amount=amount,
        idempotency_key=key,
        at=at,
        token=token,
        receipt_email=receipt_email,
        paid_by=paid_by,
        by_number=by_number,
        return_url=return_url,
        by_code=wish,
    )


def return_from_page(*, ticket: Ticket, idempotency_key: str, gave_up: bool, at: datetime) -> Payment | None:
    """Record how a payment ended whose payer comes back from the provider's page; None when there is no such payment.

    With `gave_up` nothing more is taken by it. Must not be called inside a transaction; safe to call twice.
    """
    key = payment_key(ticket, idempotency_key)
    payment = Payment.objects.select_related("charge").filter(idempotency_key=key).first()
    if payment is None or payment.state != PaymentState.PENDING:
        return payment
    if gave_up:
        return conclude_payment(payment=payment, at=at)
    return look_at_payment(payment=payment, at=at) or payment


def payment_key(ticket: Ticket, idempotency_key: str) -> str:
    """Return the stored key of a payer's own idempotency key: keys of different tickets never collide."""
    return f"ticket-{ticket.pk}-{hashlib.sha256(idempotency_key.encode()).hexdigest()[:40]}"


def _is_left(charge: Charge, wish: CodeWish | None, agreed_amount: int | None) -> bool:
    """Return whether something is left to pay, with a code. Raises FeeChangedError when it is more than agreed to."""
    left = int(charge.balance_amount) - (wish.off_amount if wish else 0)
    if agreed_amount is not None and left > agreed_amount:
        raise FeeChangedError(_("The fee went up while you were looking at it. Please check it and pay again."))
    return left > 0


def _require_same_code(earlier: Payment, promo_code: str) -> None:
    """Raise IdempotencyConflictError when the key has paid with another code, or with one where there is none now."""
    use = PromoUse.objects.filter(payment=earlier).select_related("code").first()
    if fold_code(promo_code) != (use.code.code if use else ""):
        raise IdempotencyConflictError(_("This idempotency key was already used for another payment."))


def _charge_to_pay(ticket: Ticket, at: datetime) -> Charge:
    if ticket.status in OPEN:
        charge = assess_ticket(ticket=ticket, at=at)
    elif ticket.status == TicketStatus.CLOSED:
        charge = ticket.charge
    else:
        raise TicketStateError(_("An attendant has to look at this stay first. Please call them."))
    if charge is None or charge.balance_amount <= 0:
        raise NothingOwedError(_("Nothing is owed for this stay."))
    return charge
