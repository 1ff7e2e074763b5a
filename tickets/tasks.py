"""Periodic tasks of stays and what they owe."""

import structlog
from celery import shared_task
from django.utils.timezone import now

from tickets import services, stay_notices
from tickets.described import invoice_known_drivers

logger = structlog.get_logger(__name__)


@shared_task
def end_exit_graces() -> int:
    """End the exit grace of paid stays."""
    return services.end_exit_graces(at=now())


@shared_task
def invoice_debts() -> int:
    """Invoice the debts of drivers who are known."""
    return len(invoice_known_drivers(at=now()))


@shared_task
def remind_debtors() -> int:
    """Send the reminders of debts that are due."""
    return services.remind_debtors(at=now())


@shared_task
def compare_drafts() -> None:
    """Finish the comparisons of drafts that no worker is at."""
    for pk in services.comparisons_to_do(now()):
        try:
            while services.advance_comparison(pk=pk, at=now()):
                pass
        except Exception:
            # One that fails must not keep the others waiting; it is tried again.
            logger.exception("comparison_failed", key=pk)


@shared_task
def tell_of_stays() -> int:
    """Tell drivers who asked for it what stays began and ended."""
    return stay_notices.tell_of_stays(at=now())
