"""Concludes payments and refunds that their provider has not answered, and issues documents."""

from collections.abc import Callable
from functools import partial

import structlog
from celery import shared_task
from django.utils.timezone import now

from billing.documents.fiscal import is_fiscal, sign_documents
from billing.documents.worker import issue_due
from billing.models import Refund
from billing.queries import abandoned_payments
from billing.services import conclude_payment, return_refund

BATCH = 100

logger = structlog.get_logger(__name__)


@shared_task
def conclude_payments() -> None:
    """Conclude abandoned payments, and retry refunds that were not returned and are due."""
    for payment in abandoned_payments(now()).select_related("charge")[:BATCH]:
        _attempt(partial(conclude_payment, payment=payment, at=now()), "payment", payment.pk)
    for refund in Refund.objects.due(now()).select_related("payment").order_by("created_at")[:BATCH]:
        _attempt(partial(return_refund, refund=refund, at=now()), "refund", refund.pk)


@shared_task
def issue_documents() -> None:
    """Issue the documents of what happened at lanes, and sign those that could not be signed at once."""
    issue_due(at=now())
    if is_fiscal():
        sign_documents()


def _attempt(finish: Callable[[], object], what: str, key: int) -> None:
    try:
        finish()
    except Exception:
        # One provider's failure must not block the other payments; the next run retries.
        logger.exception("payment_not_concluded", what=what, key=key)
