"""Queueing messages in the transaction of their cause."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from accounts.models import Operator
from common.breaker import Breaker
from notifications.models import Message, MessageState
from notifications.tasks import deliver_outbox

logger = structlog.get_logger(__name__)

REDIS_SECONDS = 0.3
LEAVE_ALONE_SECONDS = 10.0
_redis_away = Breaker(LEAVE_ALONE_SECONDS)

# A request must not wait for Redis while it is away: one attempt to connect, not six seconds of them.
_ONE_ATTEMPT = {
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "socket_connect_timeout": REDIS_SECONDS,
    "socket_timeout": REDIS_SECONDS,
}


def queue_message(  # noqa: PLR0913 - the facts of one message
    *,
    key: str,
    operator: Operator | None,
    recipient: str,
    template: str,
    context: Mapping[str, object],
    at: datetime,
) -> Message:
    """Queue a message to one email address; it exists exactly when the caller's transaction commits.

    Idempotent by `key`, which names the cause: returns the first message. Admins of `operator` may see it; None for a
    person's own mail. `template` is a name under `templates/mail/`, `context` must be JSON.
    """
    message = new_message(
        key=key,
        operator_id=operator.pk if operator else None,
        recipient=recipient,
        template=template,
        context=context,
        at=at,
    )
    queue_messages([message])
    return Message.objects.get(key=key)


def new_message(  # noqa: PLR0913 - the facts of one message
    *, key: str, operator_id: int | None, recipient: str, template: str, context: Mapping[str, object], at: datetime
) -> Message:
    """Return a message as it is to be queued; nothing is written."""
    return Message(
        key=key,
        operator_id=operator_id,
        recipient=recipient,
        template=template,
        context=dict(context),
        created_at=at,
        next_attempt_at=at,
    )


def queue_messages(messages: Sequence[Message]) -> None:
    """Queue new messages in one statement, except those whose key is known; otherwise as `queue_message`."""
    if messages:
        Message.objects.bulk_create(messages, ignore_conflicts=True)
        transaction.on_commit(nudge_delivery, robust=True)


def send_again(*, message: Message, at: datetime) -> Message:
    """Queue a parked or sent message again with all its attempts; a queued one is tried at once."""
    message.state = MessageState.QUEUED
    message.attempts = 0
    message.next_attempt_at = at
    message.error = ""
    message.save(update_fields=["state", "attempts", "next_attempt_at", "error"])
    transaction.on_commit(nudge_delivery, robust=True)
    return message


def nudge_delivery() -> None:
    """Ask a worker to deliver now; without Redis it delivers at its next poll."""
    if _redis_away.is_open:
        return
    app = deliver_outbox.app
    try:
        with app.connection_for_write(transport_options=app.conf.broker_transport_options | _ONE_ATTEMPT) as connection:
            deliver_outbox.apply_async(connection=connection, retry=False)  # type: ignore[call-arg] # stubs lack it
    except (KombuError, RedisError, OSError) as error:
        _redis_away.trip()
        logger.info("outbox_nudge_failed", error=repr(error))
