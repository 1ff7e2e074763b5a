"""Giving money back."""

from datetime import datetime

import structlog
from django.db import transaction

from accounts.models import User
from billing.models import Credit, Payment, Refund
from billing.providers import ProviderTimeoutError, ProviderUnavailableError, provider_named
from billing.queries import PROVIDER_SECONDS
from billing.services.charges import lock_charge, note_balance
from common.errors import DomainError

logger = structlog.get_logger(__name__)


class RefundTooLargeError(DomainError):
    """More can't be given back than was captured."""

    code = "refund_exceeds_payment"


@transaction.atomic
def refund_payment(  # noqa: PLR0913 - the facts of one row
    *,
    payment: Payment,
    amount: int,
    reason: str,
    idempotency_key: str,
    at: datetime,
    refunded_by: User | None = None,
    goodwill: bool = False,
) -> Refund:
    """Give back `amount` minor units of a captured payment; the same key gives the first refund.

    What was given back is owed again, unless it is `goodwill`: then the charge is credited by as much. Money that came
    through a provider is returned by it after the commit, see `return_refund`. Raises RefundTooLargeError.
    """
    charge = lock_charge(payment.charge)
    earlier = Refund.objects.filter(idempotency_key=idempotency_key).first()
    if earlier:
        return earlier
    payment = Payment.objects.get(pk=payment.pk)
    refunded = sum(refund.amount for refund in payment.refunds.all())
    if not 0 < amount <= payment.captured_amount - refunded:
        raise RefundTooLargeError("The refund must be more than nothing and no more than what was paid.")
    refund = Refund.objects.create(
        payment=payment,
        amount=amount,
        reason=reason,
        idempotency_key=idempotency_key,
        refunded_by=refunded_by,
        created_at=at,
        returned_at=None if payment.provider else at,
    )
    if goodwill:
        Credit.objects.create(charge=charge, amount=amount, reason=reason, granted_by=refunded_by, created_at=at)
    note_balance(charge, at)
    return refund


def return_refund(*, refund: Refund, at: datetime) -> Refund:
    """Have the payment's provider give the money back; it stays to be returned while the provider is away.

    Must not be called inside a transaction that holds locks; safe to call twice, the provider knows our key.
    """
    if refund.returned_at is not None:
        return refund
    payment = refund.payment
    try:
        provider_named(payment.provider).refund(
            payment.idempotency_key, refund.idempotency_key, refund.amount, timeout=PROVIDER_SECONDS
        )
    except (ProviderTimeoutError, ProviderUnavailableError) as error:
        logger.warning("refund_not_returned", refund=refund.pk, provider=payment.provider, error=repr(error))
        return refund
    refund.returned_at = at
    refund.save(update_fields=["returned_at"])
    return refund
