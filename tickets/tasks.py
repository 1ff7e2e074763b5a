"""Periodic tasks of stays."""

from celery import shared_task
from django.utils.timezone import now

from tickets import services


@shared_task
def end_exit_graces() -> int:
    """End the exit grace of paid stays."""
    return services.end_exit_graces(at=now())
