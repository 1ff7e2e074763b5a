"""Periodic tasks of bookings. Each does what is due by now, so a run that was missed is caught up by the next."""

from celery import shared_task
from django.utils.timezone import now

from reservations import reminders, services
from reservations.booking_documents import invoice_bookers


@shared_task
def hold_spots() -> int:
    """Hold the spots of bookings that start soon."""
    return services.hold_due_spots(at=now())


@shared_task
def mark_no_shows() -> int:
    """Count bookings as no-shows whose driver has not come."""
    return services.mark_no_shows(at=now())


@shared_task
def lapse_bookings() -> int:
    """End bookings that were not confirmed in time, and conclude those that are being paid."""
    return services.lapse_unconfirmed(at=now()) + services.conclude_pending(at=now())


@shared_task
def settle_bookings() -> int:
    """Capture what is held for bookings that are over, and let go of what is not needed."""
    return services.settle_over(at=now())


@shared_task
def invoice_bookings() -> int:
    """Invoice what is owed for bookings to those who booked."""
    return len(invoice_bookers(at=now()))


@shared_task
def apply_blackouts() -> int:
    """Close the places whose blackout runs, and open those whose has ended."""
    return services.apply_blackouts(at=now())


@shared_task
def remind_bookers() -> int:
    """Tell bookers what starts and ends soon."""
    return reminders.remind_bookers(at=now())
