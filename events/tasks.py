"""Regular work with events."""

from celery import shared_task
from django.utils.timezone import now

from events import services

EXPIRES = 10
"""After so many seconds in the queue a run is dropped, as later ones were asked for meanwhile."""


@shared_task(expires=EXPIRES)
def deliver_webhooks() -> int:
    """Send events to their webhooks."""
    return services.run_webhooks(clock=now)


@shared_task(expires=EXPIRES)
def stream_events() -> int:
    """Send events to the stream."""
    return services.run_stream(clock=now)
