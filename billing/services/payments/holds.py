"""Holds: authorise now, capture or void later. Every step is a row first, then a call, then its record.

Any step may be cut off: what was decided stands on the row, so `billing.tasks.settle_holds` carries it out, and the
provider does it once a reference.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Payment, PaymentMethod, PaymentState, SavedMethod
from billing.providers import provider_named, reference_of
from billing.queries import PROVIDER_SECONDS
from billing.services.charges import lock_charge
from billing.services.payments.by_provider import take_by_provider
from billing.services.payments.order import AmountTooLargeError, Order
from billing.services.payments.recording import ask, record_outcome
from common.errors import ConflictError, FieldError


class HoldStateError(ConflictError):
    """The payment holds nothing, or something else was decided about it."""

    code = "hold_state"


def authorise_payment(  # noqa: PLR0913 - the facts of one row
    *,
    charge: Charge,
    amount: int | None,
    idempotency_key: str,
    at: datetime,
    token: str = "",
    paid_by: User | None = None,
    receipt_email: str = "",
    saved_method: SavedMethod | None = None,
    return_url: str = "",
) -> Payment:
    """Hold `amount` minor units (None: all that is owed) of a card for a charge, and return the payment.

    Look at its `state`: authorised, failed, or pending, then with a `page_url` on which the payer has to act. A hold
    counts nowhere until it is captured. Must not be called inside a transaction; raises what `take_payment` raises.
    """
    return take_by_provider(
        Order(
            charge=charge,
            method=PaymentMethod.ONLINE,
            amount=amount,
            idempotency_key=idempotency_key,
            at=at,
            token=saved_method.reference if saved_method else token,
            tendered=None,
            taken_by=None,
            paid_by=paid_by,
            receipt_email=receipt_email,
            by_number=False,
            saved_method=saved_method,
            hold=True,
            return_url=return_url,
        )
    )


def capture_hold(*, payment: Payment, amount: int | None = None, at: datetime) -> Payment:
    """Capture `amount` minor units of a hold (None: all of it), let go of the rest, and return the payment.

    It stays authorised while the provider does not answer, and the task carries it out. A hold that had ended at the
    provider is voided as `expired`. Must not be called inside a transaction; the same call twice captures once. Raises
    AmountTooLargeError beyond the hold or the balance, HoldStateError (409).
    """
    return settle_hold(payment=_decide(payment, amount), at=at)


def void_hold(*, payment: Payment, at: datetime) -> Payment:
    """Let go of a hold and return the payment, as `capture_hold` does. Raises HoldStateError (409)."""
    return settle_hold(payment=_decide(payment, 0), at=at)


def capture_due_hold(*, payment: Payment, at: datetime) -> Payment:
    """Capture of a hold what is still owed, before the provider's time for it is over; void it when nothing is."""
    return settle_hold(payment=_decide_late(payment), at=at)


def settle_hold(*, payment: Payment, at: datetime) -> Payment:
    """Carry out what was decided about a hold. Must not be called inside a transaction; safe to call twice."""
    amount = payment.settling_amount
    if payment.state != PaymentState.AUTHORISED or amount is None:
        return payment
    provider, card = provider_named(payment.provider), reference_of(payment)
    if amount:
        outcome = ask(payment, lambda: provider.capture(card, amount, timeout=PROVIDER_SECONDS))
    else:
        outcome = ask(payment, lambda: provider.void(card, timeout=PROVIDER_SECONDS))
    if outcome is None or outcome.failure == "refused":
        # Without an answer, what it did is asked for; with a refusal, why.
        outcome = ask(payment, lambda: provider.status(card, timeout=PROVIDER_SECONDS))
    if outcome is None or outcome.held_amount or outcome.failure in {"unavailable", "refused"}:
        return payment
    return record_outcome(payment, outcome, at)


def decide_hold_locked(payment: Payment, amount: int) -> Payment:
    """Write down how much of a hold is to be captured, 0 to let go of it, with its charge locked.

    `settle_hold` carries it out after the commit, or the task does. Raises HoldStateError (409).
    """
    _require_undecided(payment)
    payment.settling_amount = amount
    payment.save(update_fields=["settling_amount"])
    return payment


@transaction.atomic(durable=True)
def _decide(payment: Payment, amount: int | None) -> Payment:
    charge = lock_charge(payment.charge)
    payment = Payment.objects.get(pk=payment.pk)
    payment.charge = charge
    wanted = payment.authorised_amount if amount is None else amount
    if payment.settling_amount is not None and payment.settling_amount == wanted:
        return payment
    _require_undecided(payment)
    if wanted and not 0 < wanted <= min(payment.authorised_amount, charge.balance_amount):
        message = _("The amount must be no more than what is held and owed.")
        raise AmountTooLargeError(message, errors=[FieldError("amount", message)])
    return decide_hold_locked(payment, wanted)


@transaction.atomic(durable=True)
def _decide_late(payment: Payment) -> Payment:
    charge = lock_charge(payment.charge)
    payment = Payment.objects.get(pk=payment.pk)
    payment.charge = charge
    if payment.state != PaymentState.AUTHORISED or payment.settling_amount is not None:
        return payment
    return decide_hold_locked(payment, min(payment.authorised_amount, int(charge.balance_amount)))


def _require_undecided(payment: Payment) -> None:
    if payment.state != PaymentState.AUTHORISED or payment.settling_amount is not None:
        raise HoldStateError(_("Nothing is held by this payment any more."))
