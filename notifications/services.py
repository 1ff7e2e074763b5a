"""Queueing messages in the transaction of their cause."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from threading import local
from typing import Any

import structlog
from django.db import transaction
from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from accounts.models import Operator
from common.breaker import Breaker
from notifications.kinds import kind_of
from notifications.models import (
    ERASED,
    MailAddress,
    MailEvent,
    Message,
    MessageChoices,
    MessageState,
    TextMessage,
)
from notifications.tasks import deliver_outbox, deliver_texts

logger = structlog.get_logger(__name__)

REDIS_SECONDS = 0.3
LEAVE_ALONE_SECONDS = 10.0
_redis_away = Breaker(LEAVE_ALONE_SECONDS)
_own = local()
"""The producer of each thread, by which it sends all its tasks: a connection takes longer than a booking's mail."""

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
    person's own mail. `template` is the name of a kind (`notifications.kinds`), `context` must be JSON.
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
    *,
    key: str,
    operator_id: int | None,
    recipient: str,
    template: str,
    context: Mapping[str, object],
    at: datetime,
    expires_at: datetime | None = None,
) -> Message:
    """Return a message as it is to be queued; nothing is written.

    An optional one is worth nothing after `expires_at`, else as long as its kind says.
    """
    worth = kind_of(template).worth
    return Message(
        key=key,
        operator_id=operator_id,
        recipient=recipient,
        template=template,
        context=dict(context),
        created_at=at,
        next_attempt_at=at,
        expires_at=expires_at or (at + worth if worth else None),
    )


def queue_messages(messages: Sequence[Message]) -> None:
    """Queue new messages in one statement, except those whose key is known; otherwise as `queue_message`."""
    if messages:
        Message.objects.bulk_create(messages, ignore_conflicts=True)
        transaction.on_commit(nudge_delivery, robust=True)


def queue_text(  # noqa: PLR0913 - the facts of one text
    *, key: str, operator: Operator | None, phone: str, text: str, expires_at: datetime, at: datetime
) -> None:
    """Queue a text to a phone in international form; it exists exactly when the caller's transaction commits.

    Idempotent by `key`, which names the cause. It is given up at `expires_at`.
    """
    row = TextMessage(
        key=key,
        operator=operator,
        phone=phone,
        text=text,
        expires_at=expires_at,
        created_at=at,
        next_attempt_at=at,
    )
    TextMessage.objects.bulk_create([row], ignore_conflicts=True)
    transaction.on_commit(lambda: _nudge(deliver_texts), robust=True)


def stuck(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Keep the parked messages that can be sent again: those of deleted accounts have no recipient any more."""
    return messages.filter(state=MessageState.PARKED).exclude(recipient=ERASED)


def send_all_again(*, messages: QuerySet[Message], at: datetime) -> int:
    """Queue all that are stuck among some messages again, and return how many these were."""
    queued = (
        stuck(messages)
        .order_by()
        .update(state=MessageState.QUEUED, attempts=0, next_attempt_at=at, error="", outcome="")
    )
    transaction.on_commit(nudge_delivery, robust=True)
    return queued


@transaction.atomic
def send_again(*, message: Message, at: datetime) -> Message:
    """Queue a parked or sent message again with all its attempts; a queued one is tried at once.

    One that was sent meanwhile, or whose account was deleted, is left as it is.
    """
    row = Message.objects.select_for_update().get(pk=message.pk)
    if row.state == MessageState.SENT != message.state or row.recipient == ERASED:
        return row
    row.state, row.attempts, row.next_attempt_at, row.error, row.outcome = MessageState.QUEUED, 0, at, "", ""
    row.save(update_fields=["state", "attempts", "next_attempt_at", "error", "outcome"])
    transaction.on_commit(nudge_delivery, robust=True)
    return row


def erase_messages(*, addresses: Collection[str], typed: Collection[str], about: Collection[str]) -> None:
    """Remove recipient and contents of a person's messages; what was not sent is parked. Keys stay: none comes again.

    These are all to the person's own `addresses`, and of those to addresses that it only `typed`, which may be
    anybody's, the ones that are `about` its bookings and documents, as the second part of their key says.
    """
    parts = Message.objects.annotate(
        to=Lower("recipient"),
        subject=Func(F("key"), Value(":"), Value(2), function="split_part", output_field=CharField()),
    )
    found = parts.filter(Q(to__in=addresses) | Q(to__in=typed, subject__in=about))
    told = Message.objects.filter(pk__in=list(found.values_list("pk", flat=True)))
    told.exclude(state__in=[MessageState.SENT, MessageState.LEFT_OUT]).update(
        state=MessageState.PARKED, error=_("The account was deleted.")
    )
    told.update(recipient=ERASED, context={})
    MailEvent.objects.filter(address__in=addresses).update(address=ERASED, said="")
    MailAddress.objects.filter(address__in=addresses).delete()
    MessageChoices.objects.filter(Q(address__in=addresses) | Q(person__email__in=addresses)).delete()


def forget_old_messages(*, operator: Operator | None, before: datetime) -> int:
    """Remove recipient and contents of messages from before an instant that are over; their keys stay. Idempotent."""
    over = Message.objects.filter(operator=operator, created_at__lt=before).exclude(state=MessageState.QUEUED)
    return over.exclude(recipient=ERASED, context={}).update(recipient=ERASED, context={})


def nudge_delivery() -> None:
    """Ask a worker to deliver mails now; without Redis it delivers at its next poll."""
    _nudge(deliver_outbox)


def _nudge(task: Any) -> None:
    if _redis_away.is_open:
        return
    kept = hasattr(_own, "producer")
    try:
        _publish(task)
    except (KombuError, RedisError, OSError) as error:
        if kept:  # Redis may only have ended a connection that was idle
            _nudge(task)
            return
        _redis_away.trip()
        logger.info("outbox_nudge_failed", error=repr(error))


def _publish(task: Any) -> None:
    """Send a task by this thread's connection, which is opened at its first and forgotten when it fails."""
    if not hasattr(_own, "producer"):
        options = task.app.conf.broker_transport_options | _ONE_ATTEMPT
        _own.producer = task.app.amqp.Producer(task.app.connection_for_write(transport_options=options))
    try:
        task.apply_async(producer=_own.producer, retry=False)
    except BaseException:
        producer = vars(_own).pop("producer")
        with suppress(KombuError, RedisError, OSError):
            producer.connection.release()
        raise
