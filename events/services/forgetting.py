"""Events whose plates have run out, and what is removed after its time."""

from collections.abc import Collection
from datetime import datetime
from itertools import takewhile

from django.db import connection, transaction

from events.models import DeliveryState, Event, WebhookDelivery

BATCH = 5000
_PLATES = """
UPDATE events_event SET data = jsonb_set(data, '{plate}', 'null')
WHERE id = ANY(%s) AND data ->> 'plate' IS NOT NULL
"""
_OF_SUBJECTS = """
UPDATE events_event SET data = jsonb_set(data, '{plate}', 'null')
WHERE subject = ANY(%s) AND data ->> 'plate' IS NOT NULL
"""


def forget_event_plates(*, events: Collection[int]) -> int:
    """Take the plates out of events by their keys, and return how many had one. Idempotent."""
    with connection.cursor() as cursor:
        cursor.execute(_PLATES, [list(events)])
        return int(cursor.rowcount)


def forget_plates_of_subjects(*, subjects: Collection[str]) -> int:
    """Take the plates out of all events of some subjects, such as `stay:PS-…`; it reads all events. Idempotent."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_SUBJECTS, [list(subjects)])
        return int(cursor.rowcount)


@transaction.atomic
def clear_events(*, operator: int, before: datetime, log_before: datetime) -> int:
    """Remove a batch of an operator's oldest events from `before` an instant, and return how many rows went.

    Of what became of messages that were planned `log_before` another instant, a batch is removed, too.
    """
    over = WebhookDelivery.objects.filter(webhook__operator=operator, planned_at__lt=log_before)
    over = over.exclude(state=DeliveryState.WAITING).order_by("planned_at")
    logged, _ = WebhookDelivery.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:BATCH])).delete()
    # Numbers are without gaps, so the earliest go first; an index of the time would cost every read at a gate.
    oldest = Event.objects.filter(operator=operator, number__isnull=False).order_by("number")
    found = oldest.values_list("pk", "recorded_at")[:BATCH]
    old = [key for key, _recorded in takewhile(lambda row: row[1] < before, found)]
    Event.objects.filter(pk__in=old).delete()
    return logged + len(old)
