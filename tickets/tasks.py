"""Periodic tasks of stays and what they owe."""

from celery import shared_task
from django.utils.timezone import now

from tickets import services


@shared_task
def end_exit_graces() -> int:
    """End the exit grace of paid stays."""
    return services.end_exit_graces(at=now())


@shared_task
def remind_debtors() -> int:
    """Send the reminders of debts that are due."""
    return services.remind_debtors(at=now())
