"""Removing what is kept long enough."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from events.models import DeliveryState, Event, WebhookDelivery

BATCH = 5000


@transaction.atomic
def clear_events(*, at: datetime) -> int:
    """Remove old deliveries that are over, and old events, a batch of each; return how many events."""
    over = WebhookDelivery.objects.filter(planned_at__lt=at - timedelta(days=settings.WEBHOOKS_KEPT_DAYS))
    over = over.exclude(state=DeliveryState.WAITING).order_by("planned_at")
    WebhookDelivery.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:BATCH])).delete()
    # The oldest have the lowest keys; an index of the time would cost every read at a gate.
    oldest = Event.objects.order_by("pk").values_list("pk", "recorded_at")[:BATCH]
    until = at - timedelta(days=settings.EVENTS_KEPT_DAYS)
    removed, _ = Event.objects.filter(pk__in=[key for key, recorded in oldest if recorded < until]).delete()
    return removed
