"""Periodic tasks of runs. Each does what is due by now, so one that was missed is caught up by the next."""

from celery import shared_task
from django.utils.timezone import now

from reports import services

SECONDS = 4.0
"""How long a task plans before others get their turn; the next one goes on within seconds."""


@shared_task
def notice_due_runs() -> int:
    """Note the reminders and reports that are due in some time zone."""
    return services.notice_due(at=now())


@shared_task
def work_on_runs() -> int:
    """Plan the reminders and reports that are due."""
    return services.work_runs(clock=now, seconds=SECONDS)
