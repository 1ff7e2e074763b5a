"""Giving money back."""

from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Charge, Credit, CreditKind, Payment, PaymentMethod, Refund, Shift
from billing.providers import ProviderTimeoutError, ProviderUnavailableError, provider_named
from billing.queries import PROVIDER_SECONDS
from billing.services.charges import lock_charge, note_refund
from billing.shifts import keep_in_shift, open_till_of, till_for_cash
from common.db.rows import add_unless_taken
from common.errors import ConflictError, DomainError

logger = structlog.get_logger(__name__)


class RefundKeyUsedError(ConflictError):
    """The idempotency key stands for another refund."""

    code = "idempotency_conflict"


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

    What was given back is owed again, unless it is `goodwill`: then the charge is credited by as much. A provider
    returns it after the commit, see `return_refund`; cash comes out of the giver's till. Raises RefundTooLargeError,
    NoOpenShiftError (409) for cash, RefundKeyUsedError (409) for another refund, and what receivers refuse it with.
    """
    charge = lock_charge(payment.charge)
    earlier = _earlier_refund(idempotency_key, payment, amount, goodwill=goodwill)
    if earlier:
        return earlier
    payment = Payment.objects.get(pk=payment.pk)
    if not 0 < amount <= payment.captured_amount - payment.refunded_amount:
        raise RefundTooLargeError(_("The refund must be more than nothing and no more than what was paid."))
    refund = Refund(
        payment=payment,
        amount=amount,
        reason=reason,
        goodwill=goodwill,
        idempotency_key=idempotency_key,
        refunded_by=refunded_by,
        shift=_till(payment, charge, refunded_by),
        created_at=at,
        returned_at=None if payment.provider else at,
    )
    if not add_unless_taken(refund, "idempotency_key"):
        raise _key_used()
    if goodwill:
        # The refund came first: the charge is never credited below what was paid for it.
        Credit.objects.create(
            charge=charge,
            amount=amount,
            kind=CreditKind.GOODWILL,
            reason=reason,
            granted_by=refunded_by,
            created_at=at,
        )
    else:
        note_refund(charge, at)
    keep_in_shift(refund)
    return refund


def _till(payment: Payment, charge: Charge, by: User | None) -> Shift | None:
    """Return the till that a refund of a payment comes out of. Raises NoOpenShiftError for cash."""
    return till_for_cash(by, charge.lot) if payment.method == PaymentMethod.CASH else open_till_of(by, charge)


def _earlier_refund(key: str, payment: Payment, amount: int, *, goodwill: bool) -> Refund | None:
    earlier = Refund.objects.filter(idempotency_key=key).first()
    if earlier and (earlier.payment_id, earlier.amount, earlier.goodwill) != (payment.pk, amount, goodwill):
        raise _key_used()
    return earlier


def _key_used() -> RefundKeyUsedError:
    return RefundKeyUsedError(_("This idempotency key was already used for another refund."))


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
    except Exception:
        # A provider's own library may raise anything; the refund is then tried again.
        logger.exception("refund_not_returned", refund=refund.pk, provider=payment.provider)
        return refund
    refund.returned_at = at
    refund.save(update_fields=["returned_at"])
    return refund
