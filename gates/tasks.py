"""Regular work at gates."""

from celery import shared_task
from django.utils.timezone import now

from gates import services
from gates.services.plate_imports import clear_plate_imports, run_plate_imports


@shared_task
def confirm_silent_passages() -> int:
    """Count cars as passed whose barrier kept silent."""
    return services.confirm_silent_passages(at=now())


@shared_task
def decide_not_parked() -> int:
    """Give back the bookings of cars that were turned away and did not come in."""
    return services.decide_reports(at=now())


@shared_task
def import_plates() -> int:
    """Check and import the files of blocked plates and permits that wait, and forget old ones."""
    return run_plate_imports(at=now()) + clear_plate_imports(at=now())
