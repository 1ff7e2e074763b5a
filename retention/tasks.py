"""What ends by its clock, every night."""

from celery import shared_task
from django.utils.timezone import now

from retention.services import end_clocks as end_due


@shared_task
def end_clocks() -> int:
    """End what was kept long enough."""
    return sum(end_due(at=now()).values())
