"""Ask providers again, carry out what a crash has left, issue documents and keep the books."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog
from celery import shared_task
from django.utils.timezone import now

from billing.books import book_postings, close_days
from billing.documents.fiscal import is_fiscal, sign_documents
from billing.documents.worker import issue_due
from billing.models import CardSetup, Refund, SavedMethod
from billing.queries import abandoned_payments, events_to_apply, holds_to_settle, payments_on_pages
from billing.services import (
    apply_event,
    capture_due_hold,
    conclude_payment,
    finish_card_setup,
    forget_removed_method,
    look_at_payment,
    return_refund,
    settle_hold,
)

BATCH = 100
SETUP_SETTLES = timedelta(minutes=2)
"""How long a set-up of a card is left to the driver's own return before it is asked about."""

logger = structlog.get_logger(__name__)


@shared_task
def conclude_payments() -> None:
    """Conclude abandoned payments, and retry refunds that were not returned and are due."""
    for payment in abandoned_payments(now()).select_related("charge")[:BATCH]:
        _attempt(partial(conclude_payment, payment=payment, at=now()), "payment", payment.pk)
    for refund in Refund.objects.due(now()).select_related("payment__charge").order_by("created_at")[:BATCH]:
        _attempt(partial(return_refund, refund=refund, at=now()), "refund", refund.pk)


@shared_task
def issue_documents() -> None:
    """Issue the documents of what happened at lanes, and sign those that could not be signed at once."""
    issue_due(at=now())
    if is_fiscal():
        sign_documents()


@shared_task
def settle_holds() -> None:
    """Carry out what was decided about holds, and capture those that their provider lets go of soon."""
    for payment in holds_to_settle(now()).select_related("charge")[:BATCH]:
        act = capture_due_hold if payment.settling_amount is None else settle_hold
        _attempt(partial(act, payment=payment, at=now()), "hold", payment.pk)


@shared_task
def apply_provider_events() -> None:
    """Apply the webhooks whose payment, card set-up or refund exists by now."""
    for event in events_to_apply()[:BATCH]:
        _attempt(partial(apply_event, event=event, at=now()), "event", event.pk)


@shared_task
def ask_about_pages() -> None:
    """Ask about payments and cards of people on a provider's page, in case neither they nor a webhook came back."""
    for payment in payments_on_pages(now()).select_related("charge")[:BATCH]:
        _attempt(partial(look_at_payment, payment=payment, at=now()), "payment", payment.pk)
    started = CardSetup.objects.filter(finished_at=None, created_at__lte=now() - SETUP_SETTLES)
    for setup in started.order_by("created_at")[:BATCH]:
        _attempt(partial(finish_card_setup, setup=setup, at=now()), "setup", setup.pk)
    for method in SavedMethod.objects.filter(removed_at__isnull=False, forgotten_at=None)[:BATCH]:
        _attempt(partial(forget_removed_method, method=method, at=now()), "card", method.pk)


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
