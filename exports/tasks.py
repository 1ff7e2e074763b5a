"""Background work of exports."""

from celery import shared_task
from django.utils.timezone import now

from exports import services


@shared_task
def write_exports() -> int:
    """Write the exports that no worker is at."""
    return services.run_exports(clock=now)


@shared_task
def clear_exports() -> int:
    """Remove the files of exports that are over."""
    return services.clear_exports(at=now())
