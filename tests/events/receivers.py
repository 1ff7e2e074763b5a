"""Receivers of webhooks, and events to send them."""

import datetime as dt
import json
from typing import Any

from django.db import connection
from django.utils.timezone import now

from accounts.models import Operator
from events.models import Webhook, WebhookDelivery
from events.services import WebhookWish, deliver_webhooks, make_webhook
from tests.factories import make_user


def record(operator: Operator, *subjects: str, kind: str = "lot.full") -> None:
    """Record an event for each subject, as the triggers do."""
    with connection.cursor() as cursor:
        for subject in subjects:
            cursor.execute(
                "INSERT INTO events_event (kind, subject, operator_id, lot, at, data)"
                " VALUES (%s, %s, %s, 'central', now(), jsonb_build_object('lot', %s))",
                [kind, subject, operator.pk, subject],
            )


def hook(operator: Operator, url: str, **wish: Any) -> Webhook:
    webhook, _ = make_webhook(
        operator=operator, wish=WebhookWish(url=url, **wish), by=make_user("admin", operator), at=now()
    )
    Webhook.objects.filter(pk=webhook.pk).update(after=0)
    # Of the admin who made it.
    operator.events.all().delete()
    return webhook


def deliver(*, later: dt.timedelta = dt.timedelta(0), seconds: float = 15) -> int:
    """Let a worker run, so much later."""
    return deliver_webhooks(clock=lambda: now() + later, seconds=seconds)


def subjects(server) -> list[str]:
    """The subjects that a server got, in their order."""
    return [json.loads(request.data)["subject"] for request, _answer in server.log]


def states(webhook: Webhook) -> list[tuple[int, str, int]]:
    rows = WebhookDelivery.objects.filter(webhook=webhook).order_by("number")
    return [*rows.values_list("number", "state", "tries")]
