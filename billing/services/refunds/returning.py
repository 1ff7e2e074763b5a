"""Having a provider return a refund: tried again with growing pauses, then left to a person.

An attempt is claimed before the provider is asked, so that two processes never ask at once and a person never reverses
a refund while it is on its way. A process that dies leaves the claim, which ends with its pause.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import Refund
from billing.providers import (
    ProviderTimeoutError,
    ProviderUnavailableError,
    RefundRefusedError,
    provider_named,
    reference_of,
)
from billing.queries import PROVIDER_SECONDS
from billing.services.charges import lock_charge
from common.errors import ConflictError

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
"""How long a refund rests after each attempt; after one more attempt a person has to look at it."""

logger = structlog.get_logger(__name__)


class RefundNotStuckError(ConflictError):
    """The refund is not one that waits for a person: it was returned, is being tried, or was taken back."""

    code = "refund_not_stuck"


def return_refund(*, refund: Refund, at: datetime) -> Refund:
    """Have the payment's provider give the money back, if that is due now; its failure is kept on the refund.

    Must not be called inside a transaction that holds locks; safe to call twice, the provider knows our key.
    """
    claimed = _claim(refund.pk, at)
    if claimed is None:
        return Refund.objects.select_related("payment").get(pk=refund.pk)
    payment = claimed.payment
    try:
        provider_named(payment.provider).refund(
            reference_of(payment), claimed.idempotency_key, claimed.amount, timeout=PROVIDER_SECONDS
        )
    except RefundRefusedError as error:
        return _note_failure(claimed, error.reason, is_refused=True, is_final=error.is_final)
    except ProviderTimeoutError:
        return _note_failure(claimed, "timeout")
    except ProviderUnavailableError:
        return _note_failure(claimed, "unavailable")
    except Exception:
        # A provider's own library may raise anything; the refund is then tried again.
        logger.exception("refund_not_returned", refund=claimed.pk, provider=payment.provider)
        return _note_failure(claimed, "error")
    claimed.returned_at, claimed.failure, claimed.next_attempt_at = at, "", None
    claimed.save(update_fields=["returned_at", "failure", "next_attempt_at"])
    return claimed


def retry_refund(*, refund: Refund, at: datetime) -> Refund:
    """Ask the provider once more on behalf of a person. Raises RefundNotStuckError."""
    with transaction.atomic():
        stuck = lock_stuck_refund(refund)
        stuck.next_attempt_at = at
        stuck.save(update_fields=["next_attempt_at"])
    return return_refund(refund=stuck, at=at)


@transaction.atomic
def return_otherwise(*, refund: Refund, by: User, note: str, at: datetime) -> Refund:
    """Record that a person gave the money back in another way, such as by bank transfer. Raises RefundNotStuckError."""
    stuck = lock_stuck_refund(refund)
    stuck.returned_at, stuck.returned_by, stuck.return_note = at, by, note
    stuck.save(update_fields=["returned_at", "returned_by", "return_note"])
    return stuck


def lock_stuck_refund(refund: Refund) -> Refund:
    """Return a refund that its provider did not return, with its charge locked. Raises RefundNotStuckError."""
    charge = lock_charge(refund.payment.charge)
    stuck = Refund.objects.select_for_update(of=("self",)).select_related("payment").get(pk=refund.pk)
    stuck.payment.charge = charge
    if not stuck.is_stuck:
        raise RefundNotStuckError(_("This refund needs nothing: it was returned, taken back, or is being tried again."))
    return stuck


@transaction.atomic
def _claim(key: int, at: datetime) -> Refund | None:
    """Return the refund with one more attempt, or None when it is not due."""
    due = Refund.objects.select_for_update(of=("self",)).due(at).select_related("payment__charge").filter(pk=key)
    refund = due.first()
    if refund is None:
        return None
    refund.next_attempt_at = at + PAUSES[min(refund.attempts, len(PAUSES) - 1)]
    refund.attempts += 1
    refund.save(update_fields=["attempts", "next_attempt_at"])
    return refund


def _note_failure(refund: Refund, reason: str, *, is_refused: bool = False, is_final: bool = False) -> Refund:
    logger.warning("refund_not_returned", refund=refund.pk, provider=refund.payment.provider, reason=reason)
    refund.failure, refund.is_refused = reason[: Refund.LONGEST_FAILURE], is_refused
    if is_final or refund.attempts > len(PAUSES):
        refund.next_attempt_at = None
    refund.save(update_fields=["failure", "is_refused", "next_attempt_at"])
    return refund
