"""Refunds that their provider accepted and that failed later: the money is back, and the driver has nothing."""

from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import F

from billing.models import Charge, Credit, Refund
from billing.providers import (
    ProviderRefusedError,
    ProviderTimeoutError,
    ProviderUnavailableError,
    RefundRefusedError,
    provider_named,
    reference_of,
)
from billing.queries import PROVIDER_SECONDS
from billing.services.charges import lock_charge
from billing.services.refunds.returning import PAUSES
from billing.services.refunds.reversing import goodwill_of, write_reversal

logger = structlog.get_logger(__name__)


def check_refund(*, refund: Refund, at: datetime) -> bool:
    """Ask the provider whether a refund has failed after all, record it, and return whether its answer is known.

    A failed one is taken back by a row and given again by another, with a reference of its own. One that is still
    being tried is not asked about: its own attempt hears of it. Must not be called inside a transaction; safe to call
    twice.
    """
    refund = Refund.objects.select_related("payment__charge").get(pk=refund.pk)
    if refund.is_reversed or refund.returned_by_id is not None:
        return True
    if refund.returned_at is None:
        return refund.is_stuck
    payment = refund.payment
    try:
        provider_named(payment.provider).check_refund(
            reference_of(payment), refund.idempotency_key, timeout=PROVIDER_SECONDS
        )
    except RefundRefusedError as error:
        logger.warning("refund_came_back", refund=refund.pk, provider=payment.provider, reason=error.reason)
        _give_again(refund, error, at)
    except (ProviderTimeoutError, ProviderUnavailableError, ProviderRefusedError):
        return False
    return True


@transaction.atomic
def _give_again(refund: Refund, error: RefundRefusedError, at: datetime) -> None:
    """Take a refund back, and give it again later, or when a person says so after the last attempt; once.

    What is owed stays as it is: the driver still has that money to get.
    """
    charge = lock_charge(refund.payment.charge)
    refund = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    if refund.returned_at is None or refund.is_reversed:
        return
    failure = error.reason[: Refund.LONGEST_FAILURE]
    refund.returned_at, refund.failure, refund.is_refused, refund.next_attempt_at = None, failure, True, None
    refund.save(update_fields=["returned_at", "failure", "is_refused", "next_attempt_at"])
    credit = goodwill_of(refund, charge)
    # As when money comes twice, room is made on the charge and taken back: it may have been paid again meanwhile.
    charges = Charge.objects.filter(pk=charge.pk)
    charges.update(due_amount=F("due_amount") + refund.amount)
    write_reversal(refund, credit, by=None, reason=failure, at=at)
    _write_again(refund, credit, failure, is_final=error.is_final, at=at)
    charges.update(due_amount=F("due_amount") - refund.amount)


def _write_again(refund: Refund, credit: Credit | None, failure: str, *, is_final: bool, at: datetime) -> None:
    """Write the same refund again, with the pause that follows its attempts; a `final` failure waits for a person."""
    waits_for_person = is_final or refund.attempts > len(PAUSES)
    Refund.objects.create(
        payment=refund.payment,
        amount=refund.amount,
        reason=refund.reason,
        goodwill=refund.goodwill,
        idempotency_key=f"again-{refund.pk}",
        refunded_by=refund.refunded_by,
        created_at=at,
        attempts=refund.attempts,
        next_attempt_at=None if waits_for_person else at + PAUSES[refund.attempts - 1],
        failure=failure,
        is_refused=True,
    )
    if credit:
        Credit.objects.create(
            charge_id=credit.charge_id,
            amount=credit.amount,
            kind=credit.kind,
            reason=credit.reason,
            granted_by=credit.granted_by,
            created_at=at,
        )
