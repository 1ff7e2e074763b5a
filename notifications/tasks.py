"""Background delivery of the outbox."""

from celery import shared_task
from django.utils.timezone import now

from notifications import text_delivery
from notifications.delivery import deliver_due


@shared_task
def deliver_outbox() -> None:
    """Send what is due."""
    deliver_due(at=now())


@shared_task
def deliver_texts() -> None:
    """Send the texts that are due."""
    text_delivery.deliver_texts(at=now())
