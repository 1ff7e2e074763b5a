"""Periodic tasks of lots."""

from celery import shared_task
from django.utils.timezone import now

from lots import services


@shared_task
def reset_counts() -> int:
    """End the corrections of counts that last until an hour of the day."""
    return services.reset_counts(at=now())
