"""API endpoints for webhooks: made, changed, rolled, replayed, removed, and what became of their messages."""

from collections.abc import Collection
from typing import Any

from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.access import load_operator, require_operator
from accounts.models import Operator, Role, User
from api.auth import people_auth, person_of
from api.idempotency import IdempotencyKey, stored_key
from api.page_numbers import paged
from api.webhook_examples import (
    CHANGE_WEBHOOK,
    DELIVERIES,
    MAKE_WEBHOOK,
    REMOVE_WEBHOOK,
    REPLAY,
    ROLL_SECRET,
    SEND_AGAIN,
    WEBHOOK,
    WEBHOOKS,
)
from api.webhook_schemas import (
    DeliveriesOut,
    DeliveryOut,
    PageQuery,
    ReplayIn,
    WebhookChangeIn,
    WebhookIn,
    WebhookOut,
    WebhooksOut,
    WebhookWithSecretOut,
)
from common.errors import InvalidValueError
from events.access import load_delivery, load_webhook, webhooks_of
from events.event_json import event_json
from events.models import DeliveryState, Webhook, WebhookDelivery
from events.services import (
    WebhookWish,
    change_webhook,
    make_webhook,
    message_id,
    pause_webhook,
    remove_webhook,
    replay_events,
    resume_webhook,
    roll_secret,
    send_again,
)
from lots.access import lots_visible_to

router = Router(tags=["People"], auth=people_auth)


@router.get("/webhooks", response=WebhooksOut, summary="List webhooks", openapi_extra=WEBHOOKS)
def get_webhooks(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    """List the webhooks of the operators whose admin you are."""
    person = person_of(request)
    require_operator(person)
    answer = paged(webhooks_of(person), query.page, query.page_size)
    return answer | {"items": [_webhook_json(webhook) for webhook in answer["items"]]}


@router.post("/webhooks", response={201: WebhookWithSecretOut}, summary="Make a webhook", openapi_extra=MAKE_WEBHOOK)
def post_webhook(
    request: HttpRequest,
    body: WebhookIn,
    idempotency_key: IdempotencyKey = "",
) -> Status[dict[str, Any]]:
    """Send events to an address from now on. Only this answer tells the secret that signs them.

    The same `Idempotency-Key` with the same body makes one.
    """
    person = person_of(request)
    operator = load_operator(person, body.operator)
    _check_lots(person, operator, body.lots)
    wish = WebhookWish(url=body.url, name=body.name, types=body.types, lots=body.lots)
    key = stored_key(person, idempotency_key)
    webhook, secret = make_webhook(operator=operator, wish=wish, by=person, at=now(), key=key)
    return Status(201, _webhook_json(webhook) | {"secret": secret})


@router.get("/webhooks/{int:webhook_id}", response=WebhookOut, summary="Show a webhook", openapi_extra=WEBHOOK)
def get_webhook(request: HttpRequest, webhook_id: int) -> dict[str, Any]:
    """Describe a webhook."""
    return _webhook_json(load_webhook(person_of(request), webhook_id))


@router.patch(
    "/webhooks/{int:webhook_id}", response=WebhookOut, summary="Change a webhook", openapi_extra=CHANGE_WEBHOOK
)
def patch_webhook(request: HttpRequest, webhook_id: int, body: WebhookChangeIn) -> dict[str, Any]:
    """Change a webhook, pause it, or let it go on where it stopped."""
    person = person_of(request)
    webhook = load_webhook(person, webhook_id)
    given = body.dict(exclude_none=True, exclude={"status"})
    _check_lots(person, webhook.operator, given.get("lots", ()))
    if given:
        known = {"url": webhook.url, "name": webhook.name, "types": webhook.types, "lots": webhook.lots}
        webhook = change_webhook(webhook=webhook, wish=WebhookWish(**known | given))
    if body.status == "paused":
        webhook = pause_webhook(webhook=webhook)
    elif body.status == "active":
        webhook = resume_webhook(webhook=webhook, at=now())
    return _webhook_json(webhook)


@router.delete(
    "/webhooks/{int:webhook_id}", response={204: None}, summary="Remove a webhook", openapi_extra=REMOVE_WEBHOOK
)
def delete_webhook(request: HttpRequest, webhook_id: int) -> Status[None]:
    """Remove a webhook with the log of its deliveries."""
    remove_webhook(webhook=load_webhook(person_of(request), webhook_id))
    return Status(204, None)


@router.post(
    "/webhooks/{int:webhook_id}/secret",
    response=WebhookWithSecretOut,
    summary="Roll a webhook’s secret",
    openapi_extra=ROLL_SECRET,
)
def post_webhook_secret(request: HttpRequest, webhook_id: int) -> dict[str, Any]:
    """Make a new secret; for 24 hours messages have a signature of each."""
    webhook, secret = roll_secret(webhook=load_webhook(person_of(request), webhook_id), at=now())
    return _webhook_json(webhook) | {"secret": secret}


@router.post(
    "/webhooks/{int:webhook_id}/replay", response={202: WebhookOut}, summary="Send events again", openapi_extra=REPLAY
)
def post_webhook_replay(request: HttpRequest, webhook_id: int, body: ReplayIn) -> Status[dict[str, Any]]:
    """Send all kept events after a number again, in their order and with the ids that they had."""
    webhook = replay_events(webhook=load_webhook(person_of(request), webhook_id), after=body.after)
    return Status(202, _webhook_json(webhook))


@router.get(
    "/webhooks/{int:webhook_id}/deliveries",
    response=DeliveriesOut,
    summary="List what was sent",
    openapi_extra=DELIVERIES,
)
def get_webhook_deliveries(request: HttpRequest, webhook_id: int, query: Query[PageQuery]) -> dict[str, Any]:
    """List a webhook's deliveries with their bodies and answers, those of the latest events first."""
    webhook = load_webhook(person_of(request), webhook_id)
    answer = paged(webhook.deliveries.select_related("event"), query.page, query.page_size)
    return answer | {"items": [_delivery_json(delivery) for delivery in answer["items"]]}


@router.post(
    "/webhooks/{int:webhook_id}/deliveries/{int:delivery_id}/again",
    response={202: DeliveryOut},
    summary="Send one event again",
    openapi_extra=SEND_AGAIN,
)
def post_delivery_again(request: HttpRequest, webhook_id: int, delivery_id: int) -> Status[dict[str, Any]]:
    """Send one event again, with ten more tries. Answers 409 `webhook_off` while the webhook sends nothing."""
    delivery = load_delivery(person_of(request), webhook_id, delivery_id)
    return Status(202, _delivery_json(send_again(delivery=delivery, at=now())))


def _check_lots(person: User, operator: Operator, slugs: Collection[str]) -> None:
    known = lots_visible_to(person, Role.ADMIN).filter(operator=operator, slug__in=slugs)
    if unknown := sorted(set(slugs) - set(known.values_list("slug", flat=True))):
        raise InvalidValueError(_("There is no lot %(name)s.") % {"name": unknown[0]}, path="lots")


def _webhook_json(webhook: Webhook) -> dict[str, Any]:
    same = ("id", "name", "url", "types", "lots", "after", "failing_since", "disabled_at", "created_at")
    return {name: getattr(webhook, name) for name in same} | {
        "operator": webhook.operator.slug,
        "status": webhook.state,
        "waiting": webhook.deliveries.filter(state=DeliveryState.WAITING).count(),
        "old_secret_until": webhook.old_secret_until,
    }


def _delivery_json(delivery: WebhookDelivery) -> dict[str, Any]:
    same = ("id", "tries", "tried_at", "status_code", "answer", "error", "took_ms")
    return {name: getattr(delivery, name) for name in same} | {
        "message_id": message_id(delivery),
        "event": event_json(delivery.event),
        "status": delivery.state,
        "next_at": delivery.next_at if delivery.state == DeliveryState.WAITING else None,
    }
