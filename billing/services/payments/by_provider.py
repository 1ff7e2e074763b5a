"""Card payments: write the row, ask the provider, record.

The pending row with its idempotency key is committed before the provider is asked, and no lock is held meanwhile. A
crash in between leaves the row; the same key, or `billing.tasks.conclude_payments`, takes it up again. As a pending row
keeps nobody else from paying, more may be captured than is owed: the rest is refunded with the record of it.
"""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from billing.models import Charge, Payment, PaymentState, Refund
from billing.providers import (
    CardOutcome,
    CardRequest,
    PaymentProvider,
    ProviderTimeoutError,
    ProviderUnavailableError,
    default_provider,
    provider_named,
)
from billing.queries import PROVIDER_SECONDS, is_running
from billing.services.charges import lock_charge, note_balance
from billing.services.payments.order import Order, PaymentRunningError
from billing.services.refunds import return_refund

PAID_TWICE = "paid_twice"
"""The `failure` of a payment that was captured after the charge had been paid, or credited, meanwhile."""

logger = structlog.get_logger(__name__)


def take_by_provider(order: Order) -> Payment:
    """Take an order from a card; must not be called inside a transaction."""
    payment = _reserve(order)
    if payment.state != PaymentState.PENDING:
        return payment
    request = CardRequest(order.idempotency_key, payment.amount, payment.charge.currency, order.token)
    provider = provider_named(payment.provider)
    outcome = _ask(payment, lambda: provider.charge(request, timeout=PROVIDER_SECONDS))
    if outcome is None:
        return _conclude(payment, provider, "timeout", order.at)
    return _record(payment, outcome, order.at)


def conclude_payment(*, payment: Payment, at: datetime) -> Payment:
    """Ask the provider for the last word on a payment that was left pending, and record it.

    It stays pending while the provider can't say. Must not be called inside a transaction; safe to call twice.
    """
    if payment.state != PaymentState.PENDING:
        return payment
    return _conclude(payment, provider_named(payment.provider), "abandoned", at)


@transaction.atomic(durable=True)
def _reserve(order: Order) -> Payment:
    charge = lock_charge(order.charge)
    payment = order.earlier_payment()
    if payment is None:
        name, _provider = default_provider()
        amount = order.amount_to_take(charge)
        return order.write(charge, state=PaymentState.PENDING, amount=amount, provider=name)
    if is_running(payment, order.at):
        raise PaymentRunningError(_("This payment is being processed. Please wait a moment."))
    return payment


def _ask(payment: Payment, question: Callable[[], CardOutcome]) -> CardOutcome | None:
    """Return the provider's answer, or None when what it did is unknown."""
    try:
        return question()
    except ProviderUnavailableError:
        return CardOutcome(0, "unavailable")
    except ProviderTimeoutError:
        logger.warning("payment_provider_timeout", payment=payment.pk, provider=payment.provider)
    except Exception:
        # A provider's own library may raise anything; the payment is then asked about again.
        logger.exception("payment_provider_error", payment=payment.pk, provider=payment.provider)
    return None


def _conclude(payment: Payment, provider: PaymentProvider, why_cancelled: str, at: datetime) -> Payment:
    outcome = _ask(payment, lambda: provider.conclude(payment.idempotency_key, timeout=PROVIDER_SECONDS))
    if outcome is None or outcome.failure == "unavailable":
        return payment
    if outcome.failure == "cancelled":
        outcome = CardOutcome(0, why_cancelled, outcome.provider_reference)
    return _record(payment, outcome, at)


def _record(payment: Payment, outcome: CardOutcome, at: datetime) -> Payment:
    """Record the provider's last word, and give back at once what was taken beyond what is owed."""
    payment = _write_outcome(payment, outcome, at)
    if payment.failure == PAID_TWICE:
        for refund in payment.refunds.filter(returned_at=None).select_related("payment"):
            return_refund(refund=refund, at=at)
    return payment


@transaction.atomic(durable=True)
def _write_outcome(payment: Payment, outcome: CardOutcome, at: datetime) -> Payment:
    charge = lock_charge(payment.charge)
    payment = Payment.objects.get(pk=payment.pk)
    payment.charge = charge
    if payment.state != PaymentState.PENDING:
        return payment
    payment.captured_amount = outcome.approved_amount
    payment.state = PaymentState.CAPTURED if outcome.approved_amount else PaymentState.FAILED
    payment.failure = "partial" if 0 < outcome.approved_amount < payment.amount else outcome.failure
    payment.provider_reference = outcome.provider_reference
    payment.finished_at = at
    if not outcome.approved_amount:
        _save(payment)
        return payment
    _capture(charge, payment, at)
    note_balance(charge, at, captured=payment)
    return payment


def _capture(charge: Charge, payment: Payment, at: datetime) -> None:
    """Save a captured payment of the locked charge, and refund what it brought beyond the balance."""
    excess = payment.captured_amount - charge.balance_amount
    if excess <= 0:
        _save(payment)
        return
    payment.failure = PAID_TWICE
    # The database sums up row by row and allows no charge to be overpaid in between: the room is made and taken back.
    charges = Charge.objects.filter(pk=charge.pk)
    charges.update(due_amount=F("due_amount") + excess)
    _save(payment)
    Refund.objects.create(
        payment=payment,
        amount=excess,
        reason="paid twice",
        idempotency_key=f"excess-{payment.pk}",
        created_at=at,
    )
    charges.update(due_amount=F("due_amount") - excess)


def _save(payment: Payment) -> None:
    payment.save(update_fields=["captured_amount", "state", "failure", "provider_reference", "finished_at"])
