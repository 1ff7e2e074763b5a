"""Background delivery of the outbox."""

from celery import shared_task
from django.utils.timezone import now

from notifications.rounds import EXPIRES

# Those that queue messages import this module, and the senders queue messages themselves: they are imported when asked.


@shared_task(expires=EXPIRES)
def deliver_outbox() -> None:
    """Send what is due."""
    from notifications.delivery import deliver_due

    deliver_due(at=now())


@shared_task(expires=EXPIRES)
def deliver_texts() -> None:
    """Send the texts that are due."""
    from notifications import text_delivery

    text_delivery.deliver_texts(at=now())
