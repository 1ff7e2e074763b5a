"""A webhook of the demo's operator, paused after its receiver had been away, with the log of what it got."""

from datetime import datetime, timedelta

from accounts.models import Operator
from events.models import DeliveryState, Event, Webhook, WebhookDelivery
from events.services import WebhookWish, make_webhook, number_events, pause_webhook
from traffic.demo.personas import People

SENT = 24
WAITING = 3
AWAY = "<html><h1>503 Service Unavailable</h1></html>"


def send_events(operator: Operator, *, people: People, at: datetime) -> None:
    """Make the webhook and its log; only as many events get their numbers now as it shows."""
    wish = WebhookWish(url="https://accounting.example/parking", name="Accounting", types=["payment.captured"])
    webhook, _secret = make_webhook(operator=operator, wish=wish, by=people.admin, at=at - timedelta(days=20))
    kinds = Event.objects.filter(operator=operator, kind="payment.captured").order_by("pk")
    last = kinds.values_list("pk", flat=True)[SENT - 1 : SENT].first()
    number_events(limit=Event.objects.filter(pk__lte=last or 0).count())
    sent = list(kinds.filter(number__isnull=False)[:SENT])
    WebhookDelivery.objects.bulk_create(
        _logged(
            webhook,
            event,
            at - timedelta(hours=2, minutes=7 * (len(sent) - place)),
            is_away=place >= len(sent) - WAITING,
        )
        for place, event in enumerate(sent)
    )
    Webhook.objects.filter(pk=webhook.pk).update(after=sent[-1].number or 0 if sent else 0)
    pause_webhook(webhook=webhook)


def _logged(webhook: Webhook, event: Event, at: datetime, *, is_away: bool) -> WebhookDelivery:
    answered = {"state": DeliveryState.DELIVERED, "status_code": 200, "answer": '{"ok": true}', "took_ms": 84}
    if is_away:
        answered = {"state": DeliveryState.WAITING, "status_code": 503, "answer": AWAY, "took_ms": 41}
    return WebhookDelivery(
        webhook=webhook,
        event=event,
        number=event.number or 0,
        subject=event.subject,
        tries=3 if is_away else 1,
        next_at=at + timedelta(minutes=30),
        tried_at=at,
        planned_at=at,
        **answered,
    )
