"""Concludes payments and refunds that their provider has not answered, and keeps the books."""

from collections.abc import Callable
from functools import partial

import structlog
from celery import shared_task
from django.utils.timezone import now

from billing.books import book_postings, close_days
from billing.models import Refund
from billing.queries import abandoned_payments
from billing.services import conclude_payment, return_refund

BATCH = 100

logger = structlog.get_logger(__name__)


@shared_task
def conclude_payments() -> None:
    """Conclude abandoned payments, and retry refunds that were not returned."""
    for payment in abandoned_payments(now()).select_related("charge")[:BATCH]:
        _attempt(partial(conclude_payment, payment=payment, at=now()), "payment", payment.pk)
    for refund in Refund.objects.filter(returned_at=None).select_related("payment").order_by("created_at")[:BATCH]:
        _attempt(partial(return_refund, refund=refund, at=now()), "refund", refund.pk)


def _attempt(finish: Callable[[], object], what: str, key: int) -> None:
    try:
        finish()
    except Exception:
        # One provider's failure must not block the other payments; the next run retries.
        logger.exception("payment_not_concluded", what=what, key=key)


@shared_task
def keep_books() -> None:
    """Add all new postings to the sums, in batches."""
    while book_postings():
        pass


@shared_task
def close_ended_days() -> None:
    """Close the days that have ended, of all lots."""
    close_days(at=now())
