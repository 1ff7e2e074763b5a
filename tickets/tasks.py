"""Regular work on stays."""

from celery import shared_task
from django.utils.timezone import now

from tickets import services


@shared_task
def end_exit_graces() -> int:
    """Let the exit grace of paid stays end."""
    return services.end_exit_graces(at=now())
