"""Regular work at gates."""

from celery import shared_task
from django.utils.timezone import now

from gates import services


@shared_task
def confirm_silent_passages() -> int:
    """Count cars as passed whose barrier kept silent."""
    return services.confirm_silent_passages(at=now())


@shared_task
def decide_not_parked() -> int:
    """Give back the bookings of cars that were turned away and did not come in."""
    return services.decide_reports(at=now())
