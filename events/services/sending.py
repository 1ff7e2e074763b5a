"""Sending what is planned: many subjects in parallel, those of one in their order, each at least once.

A worker claims deliveries for a minute, sends them without a transaction, and records the result under its claim. One
that dies loses its claim with the time; then another sends the same message, with the same id.
"""

import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from time import monotonic
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Q

from common.db.name_locks import NameLock, held_alone
from events.event_json import event_bytes
from events.models import DeliveryState, Webhook, WebhookDelivery, WebhookState
from events.retry_schedule import delay_after
from events.sending_posts import Post, PostAnswer
from events.services.numbering import number_events
from events.services.planning import plan_deliveries
from events.signing import signed_headers

RUN_SECONDS = 8.0
"""After so long a run begins nothing; another goes on."""
AT_ONCE = 16
MOST_OF_FAILING = 2
"""How many messages a receiver gets at once that took none lately: one that hangs holds up no others."""
AWAY_FOR = timedelta(minutes=1)
AWAY = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)
"""What stands in front of a receiver says while it is away."""
CLAIMED_FOR = timedelta(seconds=60)
PLANNED_EVERY = 0.5
AGENT = "parking-webhooks/1"
_RECORDED = (
    *("tries", "claim", "claimed_until", "status_code", "answer", "error", "tried_at", "took_ms", "state", "next_at"),
)
Clock = Callable[[], datetime]
logger = structlog.get_logger(__name__)

# The first message of each subject is found in one pass; to look for an earlier one of each grew with their square.
# One chooses at a time, so that none waits for a row of another.
_ALONE = "SELECT pg_advisory_xact_lock(%s::int, 1)"
_CLAIM = """
UPDATE events_webhookdelivery SET claim = %(claim)s, claimed_until = %(until)s
WHERE id IN (
    SELECT due.id FROM events_webhook w CROSS JOIN LATERAL (
        SELECT first.id FROM (
            SELECT DISTINCT ON (d.subject) d.id, d.number, d.next_at, d.claimed_until FROM events_webhookdelivery d
            WHERE d.webhook_id = w.id AND d.state = 'waiting' ORDER BY d.subject, d.number) first
        WHERE first.next_at <= %(at)s AND (first.claimed_until IS NULL OR first.claimed_until <= %(at)s)
        ORDER BY first.number
        LIMIT greatest(0, CASE WHEN w.failing_since IS NULL THEN %(most)s ELSE %(failing)s END
            - (SELECT count(*) FROM events_webhookdelivery busy
            WHERE busy.webhook_id = w.id AND busy.state = 'waiting' AND busy.claimed_until > %(at)s))
    ) due WHERE w.state = 'active' ORDER BY w.failing_since NULLS FIRST LIMIT %(limit)s)
RETURNING id
"""
_RUN = 2


def run_webhooks(*, clock: Clock) -> int:
    """Deliver as `deliver_webhooks` does, unless another run is at it.

    So receivers that hang keep one worker busy, not all. A run whose connection ends loses its lock with it.
    """
    with held_alone(NameLock.EVENTS, _RUN) as is_held:
        return deliver_webhooks(clock=clock) if is_held else 0


def deliver_webhooks(*, clock: Clock, seconds: float = RUN_SECONDS) -> int:
    """Send what is due for a while, after numbering and planning; return how many messages got through."""
    began, planned_at, got_through = monotonic(), float("-inf"), 0
    sending: dict[Future[PostAnswer], ClaimedDelivery] = {}
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as pool:
        while True:
            is_open = monotonic() - began < seconds
            if is_open and (not sending or monotonic() - planned_at > PLANNED_EVERY):
                number_events()
                plan_deliveries(at=clock())
                planned_at = monotonic()
            if is_open and len(sending) < AT_ONCE:
                for claimed in claim_deliveries(at=clock(), limit=AT_ONCE - len(sending)):
                    sending[pool.submit(claimed.post.send)] = claimed
            if not sending:
                return got_through
            done, _ = wait(sending, timeout=0.2, return_when=FIRST_COMPLETED)
            if done:
                answers = {sending.pop(future): future.result() for future in done}
                got_through += record_answers(answers, at=clock())
            for claimed in sending.values():
                claimed.post.stop_if_overdue()


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A message that this worker sends: what of it is recorded under its claim."""

    delivery_id: int
    claim: uuid.UUID
    post: Post


def claim_deliveries(*, at: datetime, limit: int) -> list[ClaimedDelivery]:
    """Take up to `limit` deliveries that are due, of each subject only the earliest, a few of each webhook."""
    claim = uuid.uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ALONE, [NameLock.EVENTS])
        facts: dict[str, Any] = {"claim": claim, "until": at + CLAIMED_FOR, "at": at, "limit": limit}
        cursor.execute(_CLAIM, facts | {"most": AT_ONCE, "failing": MOST_OF_FAILING})
        keys = [key for (key,) in cursor.fetchall()]
    found = WebhookDelivery.objects.filter(pk__in=keys).select_related("webhook", "event").order_by("number")
    return [ClaimedDelivery(one.pk, claim, _post_of(one, at)) for one in found]


def _post_of(delivery: WebhookDelivery, at: datetime) -> Post:
    webhook = delivery.webhook
    body = body_of(delivery)
    headers = signed_headers(message_id(delivery), body, valid_secrets(webhook, at), at=at)
    return Post(webhook.url, body, {"content-type": "application/json", "user-agent": AGENT, **headers})


def body_of(delivery: WebhookDelivery) -> bytes:
    """Return the body of a message, the same in every try."""
    return event_bytes(delivery.event)


def message_id(delivery: WebhookDelivery) -> str:
    """Return the id of a message: that of its event, the same in every try and after a replay."""
    return f"evt_{delivery.event.operator_id}_{delivery.number}"


def valid_secrets(webhook: Webhook, at: datetime) -> list[str]:
    """Return the secrets that sign now: the latest, and for a day after a roll the one before."""
    old = webhook.old_secret if webhook.old_secret_until and webhook.old_secret_until > at else ""
    return [secret for secret in (webhook.secret, old) if secret]


@transaction.atomic
def record_answers(answers: Mapping[ClaimedDelivery, PostAnswer], *, at: datetime) -> int:
    """Record what came of some tries and when the next ones are; return how many messages got through.

    Nothing is recorded of one whose claim has gone to another meanwhile, or that is to be sent again.
    """
    by_key = {claimed.delivery_id: (claimed, answer) for claimed, answer in answers.items()}
    hooks = Webhook.objects.filter(deliveries__in=by_key).distinct().values("pk")
    webhooks = (
        Webhook.objects.select_for_update().filter(pk__in=list(hooks.values_list("pk", flat=True))).order_by("pk")
    )
    by_hook = {webhook.pk: webhook for webhook in webhooks}
    waiting = WebhookDelivery.objects.filter(pk__in=by_key, state=DeliveryState.WAITING).order_by("pk")
    recorded = []
    for delivery in waiting.select_for_update():
        claimed, answer = by_key[delivery.pk]
        if delivery.claim == claimed.claim and delivery.webhook_id in by_hook:
            _record(delivery, by_hook[delivery.webhook_id], answer, at)
            recorded.append(delivery)
    WebhookDelivery.objects.bulk_update(recorded, _RECORDED)
    return sum(delivery.state == DeliveryState.DELIVERED for delivery in recorded)


def _record(delivery: WebhookDelivery, webhook: Webhook, answer: PostAnswer, at: datetime) -> None:
    delivery.tries += 1
    delivery.claim = delivery.claimed_until = None
    delivery.status_code, delivery.answer, delivery.error = answer.status_code, answer.text, answer.error
    delivery.tried_at, delivery.took_ms = at, answer.took_ms
    if answer.is_success:
        delivery.state = DeliveryState.DELIVERED
        _note_success(webhook, at)
    else:
        _note_failure(webhook, delivery, answer, at)


def _note_success(webhook: Webhook, at: datetime) -> None:
    """Let what waits for a receiver that was away be sent now, not when its own next try would come.

    A message that the receiver answers with an error, while it takes others, keeps to its schedule.
    """
    since = webhook.failing_since
    if since is None:
        return
    webhook.failing_since = None
    webhook.save(update_fields=["failing_since"])
    if since <= at - AWAY_FOR:
        unheard = Q(status_code=None) | Q(status_code__in=AWAY)
        waiting = webhook.deliveries.filter(unheard, state=DeliveryState.WAITING, next_at__gt=at)
        waiting.update(next_at=at)


def _note_failure(webhook: Webhook, delivery: WebhookDelivery, answer: PostAnswer, at: datetime) -> None:
    delay = delay_after(delivery.tries)
    logger.info(
        "webhook_not_taken", webhook=webhook.pk, number=delivery.number, status=answer.status_code, error=answer.error
    )
    if answer.is_gone:
        webhook.state, webhook.disabled_at = WebhookState.DISABLED, at
    elif delay is None:
        delivery.state = DeliveryState.GIVEN_UP
    delivery.next_at = at + (delay or timedelta(0))
    webhook.failing_since = webhook.failing_since or at
    webhook.save(update_fields=["state", "disabled_at", "failing_since"])
