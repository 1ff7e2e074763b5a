"""Webhooks of an operator: made, changed, paused, rolled, replayed, removed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Operator, User
from common.errors import ConflictError, InvalidValueError
from events.addresses_allowed import check_url
from events.models import DeliveryState, EventType, Webhook, WebhookDelivery, WebhookState
from events.queries import last_number
from events.signing import new_secret

OLD_SECRET_FOR = timedelta(hours=24)
MOST_WEBHOOKS = 20
LONGEST_NAME = 80


class TooManyWebhooksError(ConflictError):
    """The operator has as many webhooks as it may."""

    code = "too_many_webhooks"


class WebhookKeyUsedError(InvalidValueError):
    """The idempotency key was used for another webhook."""

    code = "idempotency_key_reused"


class WebhookOffError(ConflictError):
    """Nothing is sent by a webhook that is paused or disabled."""

    code = "webhook_off"


@dataclass(frozen=True, slots=True)
class WebhookWish:
    """What is wanted of a webhook; no types or lots mean all."""

    url: str
    name: str = ""
    types: Collection[str] = ()
    lots: Collection[str] = ()


@transaction.atomic
def make_webhook(
    *, operator: Operator, wish: WebhookWish, by: User, at: datetime, key: str | None = None
) -> tuple[Webhook, str]:
    """Make a webhook and return it with its secret. It gets what happens from now on; `key` makes it idempotent.

    Raises InvalidValueError, TooManyWebhooksError, WebhookKeyUsedError.
    """
    values = _values(wish)
    Operator.objects.select_for_update().get(pk=operator.pk)
    earlier = Webhook.objects.filter(idempotency_key=key).first() if key else None
    if earlier is not None:
        if any(getattr(earlier, name) != value for name, value in values.items()):
            raise WebhookKeyUsedError(_("This key was used for another webhook."), path="Idempotency-Key")
        return earlier, earlier.secret
    if operator.webhooks.count() >= MOST_WEBHOOKS:
        raise TooManyWebhooksError(_("There are as many webhooks as there may be: remove one first."))
    secret = new_secret()
    webhook = Webhook.objects.create(
        operator=operator,
        secret=secret,
        after=last_number(operator),
        created_at=at,
        created_by=by,
        idempotency_key=key,
        **values,
    )
    return webhook, secret


@transaction.atomic
def change_webhook(*, webhook: Webhook, wish: WebhookWish) -> Webhook:
    """Change where a webhook leads and what it gets, from the next event on. Raises InvalidValueError."""
    webhook = _locked(webhook)
    values = _values(wish)
    for name, value in values.items():
        setattr(webhook, name, value)
    webhook.save(update_fields=[*values])
    return webhook


@transaction.atomic
def pause_webhook(*, webhook: Webhook) -> Webhook:
    """Send nothing until it is resumed; what happens meanwhile is sent then. Idempotent."""
    webhook = _locked(webhook)
    if webhook.state == WebhookState.ACTIVE:
        webhook.state = WebhookState.PAUSED
        webhook.save(update_fields=["state"])
    return webhook


@transaction.atomic
def resume_webhook(*, webhook: Webhook, at: datetime) -> Webhook:
    """Go on where a paused or disabled webhook stopped, with what waits at once. Idempotent."""
    webhook = _locked(webhook)
    if webhook.state != WebhookState.ACTIVE:
        webhook.state, webhook.disabled_at, webhook.failing_since = WebhookState.ACTIVE, None, None
        webhook.save(update_fields=["state", "disabled_at", "failing_since"])
        webhook.deliveries.filter(state=DeliveryState.WAITING).update(next_at=at)
    return webhook


@transaction.atomic
def roll_secret(*, webhook: Webhook, at: datetime) -> tuple[Webhook, str]:
    """Give a webhook a new secret and return it; for a day messages are signed with the old one, too."""
    webhook, secret = _locked(webhook), new_secret()
    webhook.old_secret, webhook.old_secret_until = webhook.secret, at + OLD_SECRET_FOR
    webhook.secret = secret
    webhook.save(update_fields=["secret", "old_secret", "old_secret_until"])
    return webhook, secret


@transaction.atomic
def replay_events(*, webhook: Webhook, after: int) -> Webhook:
    """Send the kept events after a number again, with the ids they had; whatever waits comes in its order.

    Raises InvalidValueError for a number that was not given yet.
    """
    webhook = _locked(webhook)
    if not 0 <= after <= last_number(webhook.operator):
        raise InvalidValueError(_("There is no such event yet."), path="after")
    webhook.after = min(webhook.after, after)
    webhook.save(update_fields=["after"])
    return webhook


@transaction.atomic
def send_again(*, delivery: WebhookDelivery, at: datetime) -> WebhookDelivery:
    """Send one message again, with ten more tries and the id it had. Raises WebhookOffError."""
    webhook = _locked(delivery.webhook)
    if webhook.state != WebhookState.ACTIVE:
        raise WebhookOffError(_("Resume the webhook first: it sends nothing."))
    delivery = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
    delivery.state, delivery.tries, delivery.next_at = DeliveryState.WAITING, 0, at
    delivery.claim = delivery.claimed_until = None
    delivery.save(update_fields=["state", "tries", "next_at", "claim", "claimed_until"])
    return delivery


@transaction.atomic
def remove_webhook(*, webhook: Webhook) -> None:
    """Remove a webhook with the log of its deliveries."""
    _locked(webhook).delete()


def _locked(webhook: Webhook) -> Webhook:
    return Webhook.objects.select_for_update(of=("self",)).select_related("operator").get(pk=webhook.pk)


def _values(wish: WebhookWish) -> Mapping[str, Any]:
    known: list[str] = list(EventType.values)
    if unknown := sorted(set(wish.types) - set(known)):
        raise InvalidValueError(_("There is no type %(name)s.") % {"name": unknown[0]}, path="types")
    url = check_url(wish.url.strip())
    name = wish.name.strip() or url.split("/")[2]
    if len(name) > LONGEST_NAME:
        raise InvalidValueError(
            _("The name may have at most %(most)s characters.") % {"most": LONGEST_NAME}, path="name"
        )
    return {
        "name": name,
        "url": url,
        "types": [kind for kind in known if kind in wish.types],
        "lots": sorted(set(wish.lots)),
    }
