"""Recording what a provider said about a payment. Whatever is asked in whichever order, no state goes back."""

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F

from billing.models import Charge, Payment, PaymentState, Refund
from billing.providers import (
    CardOutcome,
    Prepared,
    ProviderRefusedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
)
from billing.services.charges import lock_charge, note_balance
from billing.services.promo_codes import give_back_of, lower_by_code
from billing.services.refunds import return_refund
from billing.signals import automatic_charged, hold_lost

PAID_TWICE = "paid_twice"
"""The `failure` of a payment that was captured after the charge had been paid, or credited, meanwhile."""

OVER = frozenset({PaymentState.CAPTURED, PaymentState.FAILED, PaymentState.VOIDED})

logger = structlog.get_logger(__name__)


def ask(payment: Payment, question: Callable[[], CardOutcome | None]) -> CardOutcome | None:
    """Return the provider's answer, or None when what it did is unknown. Must not be called inside a transaction."""
    try:
        return question()
    except ProviderUnavailableError:
        return CardOutcome(0, "unavailable")
    except ProviderRefusedError as refusal:
        logger.warning("payment_provider_refused", payment=payment.pk, provider=payment.provider, why=str(refusal))
        return CardOutcome(0, "refused")
    except ProviderTimeoutError:
        logger.warning("payment_provider_timeout", payment=payment.pk, provider=payment.provider)
    except Exception:
        # A provider's own library may raise anything; the payment is then asked about again.
        logger.exception("payment_provider_error", payment=payment.pk, provider=payment.provider)
    return None


@transaction.atomic(durable=True)
def record_prepared(payment: Payment, prepared: Prepared) -> Payment:
    """Store by what the provider knows a pending payment, and where its payer has to go, before money can move."""
    payment = Payment.objects.select_for_update(of=("self",)).select_related("charge").get(pk=payment.pk)
    if payment.state == PaymentState.PENDING:
        payment.provider_reference = prepared.provider_reference
        payment.page_url, payment.page_until = prepared.page_url, prepared.page_until
        payment.save(update_fields=["provider_reference", "page_url", "page_until"])
    return payment


def record_outcome(payment: Payment, outcome: CardOutcome, at: datetime) -> Payment:
    """Record what the provider said, and give back at once what was taken beyond what is owed."""
    payment = write_outcome(payment, outcome, at)
    if payment.failure == PAID_TWICE:
        for refund in payment.refunds.filter(returned_at=None).select_related("payment__charge"):
            return_refund(refund=refund, at=at)
    return payment


@transaction.atomic(durable=True)
def write_outcome(payment: Payment, outcome: CardOutcome, at: datetime) -> Payment:
    """Record what the provider said; what was taken beyond what is owed waits as a refund to be returned."""
    charge = lock_charge(payment.charge)
    payment = Payment.objects.select_related("promo_use__code").get(pk=payment.pk)
    payment.charge = charge
    if payment.state in OVER:
        return payment
    payment.provider_reference = outcome.provider_reference or payment.provider_reference
    if outcome.approved_amount:
        lower_by_code(charge, payment, at)
        _capture(charge, payment, outcome, at)
        note_balance(charge, at, captured=payment)
        if payment.automatic_id is not None:
            automatic_charged.send(sender=Payment, payment=payment, at=at)
    elif outcome.held_amount:
        _hold(payment, outcome)
    elif outcome.page_url:
        _wait(payment, outcome)
    else:
        _end(payment, outcome.failure, at)
    return payment


def _capture(charge: Charge, payment: Payment, outcome: CardOutcome, at: datetime) -> None:
    """Save a captured payment of the locked charge, and refund what it brought beyond the balance."""
    asked = payment.amount if payment.settling_amount is None else payment.settling_amount
    payment.captured_amount = outcome.approved_amount
    payment.failure = "partial" if outcome.approved_amount < asked else ""
    excess = payment.captured_amount - charge.balance_amount
    if excess <= 0:
        _finish(payment, PaymentState.CAPTURED, at)
        return
    payment.failure = PAID_TWICE
    # The database sums up row by row and allows no charge to be overpaid in between: the room is made and taken back.
    charges = Charge.objects.filter(pk=charge.pk)
    charges.update(due_amount=F("due_amount") + excess)
    _finish(payment, PaymentState.CAPTURED, at)
    Refund.objects.create(
        payment=payment,
        amount=excess,
        reason="paid twice",
        idempotency_key=f"excess-{payment.pk}",
        created_at=at,
    )
    charges.update(due_amount=F("due_amount") - excess)


def _hold(payment: Payment, outcome: CardOutcome) -> None:
    payment.state, payment.page_url = PaymentState.AUTHORISED, ""
    payment.authorised_amount, payment.capture_before = outcome.held_amount, outcome.capture_before
    payment.failure = "partial" if outcome.held_amount < payment.amount else ""
    payment.save(
        update_fields=["state", "page_url", "authorised_amount", "capture_before", "failure", "provider_reference"]
    )


def _wait(payment: Payment, outcome: CardOutcome) -> None:
    if payment.state == PaymentState.PENDING:
        payment.page_url, payment.page_until = outcome.page_url, outcome.page_until
        payment.save(update_fields=["page_url", "page_until", "provider_reference"])


def _end(payment: Payment, failure: str, at: datetime) -> None:
    """Save that nothing is taken any more: a hold that existed is voided, by us or because its time was over."""
    if payment.state == PaymentState.PENDING:
        payment.failure = failure
        _finish(payment, PaymentState.FAILED, at)
        give_back_of(payment, at)
        return
    payment.failure = "" if payment.settling_amount == 0 else "expired"
    _finish(payment, PaymentState.VOIDED, at)
    if payment.failure:
        hold_lost.send(sender=Payment, payment=payment, at=at)


def _finish(payment: Payment, state: PaymentState, at: datetime) -> None:
    payment.state, payment.page_url, payment.finished_at = state, "", at
    payment.save(update_fields=["captured_amount", "state", "failure", "page_url", "provider_reference", "finished_at"])
