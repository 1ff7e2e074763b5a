"""Periodic tasks of merchants. Each does what is due by now, so a run that was missed is caught up by the next."""

from celery import shared_task
from django.utils.timezone import now

from merchants import services


@shared_task
def reckon() -> int:
    """Write what the validations of stays that are over took off, and invoice the months that are over."""
    reckoned = services.reckon_validations(at=now())
    return reckoned + services.invoice_merchants(at=now())
