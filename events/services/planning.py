"""Which events go to which webhook: each goes on from the last event that was planned for it."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from events.models import DeliveryState, Event, EventCounter, EventQuerySet, Webhook, WebhookDelivery, WebhookState
from events.queries import last_number

BACKLOG = 2000
"""How many deliveries of a webhook wait at most; what follows stays planned by the number that was reached."""
_AGAIN = ("state", "tries", "next_at", "claim", "claimed_until", "planned_at")


def plan_deliveries(*, at: datetime) -> int:
    """Plan the numbered events of every active webhook, as far as its backlog has room; return how many."""
    active = Webhook.objects.filter(state=WebhookState.ACTIVE, operator_id__in=_operators_with_news())
    return sum(_plan(key, at) for key in active.order_by("pk").values_list("pk", flat=True))


def _operators_with_news() -> list[int]:
    # Few webhooks are behind at any time; a join finds them without a look at the events.
    behind = EventCounter.objects.filter(operator__webhooks__after__lt=F("last"))
    return list(behind.values_list("operator_id", flat=True).distinct())


@transaction.atomic
def _plan(key: int, at: datetime) -> int:
    webhook = Webhook.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=key).first()
    if webhook is None or webhook.state != WebhookState.ACTIVE:
        return 0
    room = BACKLOG - webhook.deliveries.filter(state=DeliveryState.WAITING).count()
    last = last_number(webhook.operator)
    if room <= 0 or webhook.after >= last:
        return 0
    events = list(_wanted(webhook).filter(number__lte=last)[:room])
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                webhook=webhook, event=event, number=event.number or 0, subject=event.subject, next_at=at, planned_at=at
            )
            for event in events
        ],
        update_conflicts=True,
        unique_fields=["webhook", "event"],
        update_fields=_AGAIN,
    )
    webhook.after = (events[-1].number or 0) if len(events) == room else last
    webhook.save(update_fields=["after"])
    return len(events)


def _wanted(webhook: Webhook) -> EventQuerySet:
    events = Event.objects.after(webhook.operator, webhook.after).only("pk", "number", "subject")
    if webhook.types:
        events = events.filter(kind__in=webhook.types)
    if webhook.lots:
        events = events.filter(lot__in=webhook.lots)
    return events
