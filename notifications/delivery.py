"""Delivering the outbox by the providers of mail.

A message is delivered at least once. Its row is locked while it is sent, so that two workers never send it at once and
a killed worker frees it immediately. Only a worker that dies between the provider's OK and the commit causes a second
copy, with the same Message-ID.
"""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from notifications.deciding import MessageCourse, decide
from notifications.kinds import Kind, kind_of
from notifications.models import LONGEST_ERROR, MailOutcome, Message, MessageState
from notifications.posting import MailPost, NotSentError
from notifications.reachability import mark_address, unreachable
from notifications.rendering import render_message
from notifications.rounds import rounds
from notifications.storable import storable
from notifications.summaries import summarise
from notifications.urgent_texts import queue_urgent_text
from notifications.wishes import MessageReader, reader_of

logger = structlog.get_logger(__name__)

FIRST_DELAY = timedelta(seconds=10)
DELAY_FACTOR = 3
MAX_ATTEMPTS = 9


def deliver_due(*, at: datetime, limit: int = 100) -> int:
    """Try up to `limit` queued messages whose time has come, oldest first, and return how many were sent.

    Each message is a transaction of its own; messages that another worker is sending are left to it.
    """
    post = MailPost()
    sent = 0
    try:
        for _ in rounds(limit):
            message = deliver_next(at=at, post=post)
            if message is None:
                break
            sent += message.state == MessageState.SENT
    finally:
        post.close()
    return sent


@transaction.atomic
def deliver_next(*, at: datetime, post: MailPost) -> Message | None:
    """Do what is to be done with the message that is due longest: send it, hold it back or leave it out.

    Returns it, or None when none is due.
    """
    due = Message.objects.filter(state=MessageState.QUEUED, next_attempt_at__lte=at).order_by("next_attempt_at", "id")
    message = due.select_related("operator").select_for_update(skip_locked=True, of=("self",)).first()
    if message is None:
        return None
    kind, reader = kind_of(message.template), reader_of(message)
    decided = decide(message, kind, reader, unreachable(message.recipient), at)
    if decided.course is MessageCourse.SUMMARISE and summarise(message, reader, at=at):
        return message
    if decided.course is MessageCourse.WAIT:
        message.next_attempt_at = decided.until or at
    elif decided.course in {MessageCourse.PARK, MessageCourse.LEAVE_OUT}:
        _give_up(message, decided.why, MessageState.PARKED if kind.essential else MessageState.LEFT_OUT)
    else:
        _try(message, kind, reader, post, at)
    message.save(
        update_fields=[
            *("attempts", "state", "context", "sent_at", "next_attempt_at", "error"),
            *("provider", "provider_reference"),
        ]
    )
    return message


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: 10 s, 30 s, 90 s, … about 6 hours after the eighth."""
    return FIRST_DELAY * int(DELAY_FACTOR ** (attempts - 1))


def _try(message: Message, kind: Kind, reader: MessageReader, post: MailPost, at: datetime) -> None:
    message.attempts += 1
    try:
        # A savepoint, so that an error of the database while writing one message leaves its transaction usable.
        with transaction.atomic():
            email = render_message(message, locale=reader.locale)
        sent_by = post.send(email, at=at)
    except NotSentError as error:
        _retry_or_park(message, error, at)
    except Exception as error:
        # An error in one message's template or context must not hold up the others.
        logger.exception("message_not_written", message=message.pk)
        _give_up(message, f"The message can't be written: {error!r}", MessageState.PARKED)
    else:
        message.provider, message.provider_reference = sent_by
        _mark_sent(message, kind, at)
        queue_urgent_text(message, kind, reader, subject=str(email.subject), at=at)


def _mark_sent(message: Message, kind: Kind, at: datetime) -> None:
    message.state = MessageState.SENT
    message.sent_at = at
    message.error = ""
    if kind.opens_account:
        message.context = {}


def _retry_or_park(message: Message, error: NotSentError, at: datetime) -> None:
    failure = error.failure
    logger.warning("message_not_sent", message=message.pk, attempts=message.attempts, error=failure.said)
    if failure.is_unknown_address:
        mark_address(address=message.recipient, outcome=MailOutcome.BOUNCED, said=failure.said, at=at)
    if failure.is_permanent or message.attempts >= MAX_ATTEMPTS:
        _give_up(message, failure.said, MessageState.PARKED)
        return
    message.error = storable(failure.said, LONGEST_ERROR)
    message.next_attempt_at = at + retry_delay(message.attempts)


def _give_up(message: Message, why: str, state: MessageState) -> None:
    message.state = state
    message.error = storable(why, LONGEST_ERROR) or "refused"
