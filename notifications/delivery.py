"""Delivering the outbox over SMTP.

A message is delivered at least once. Its row is locked while it is sent, so that two workers never send it at once and
a killed worker frees it immediately. Only a worker that dies between the mail server's OK and the commit causes a
second copy, with the same Message-ID.
"""

from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

import structlog
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from notifications.models import LONGEST_ERROR, Message, MessageState
from notifications.rendering import RAW, render_message

logger = structlog.get_logger(__name__)

FIRST_DELAY = timedelta(seconds=10)
DELAY_FACTOR = 3
MAX_ATTEMPTS = 9
OPENS_ACCOUNTS = frozenset({RAW, "invitation"})
"""Templates with links that open an account: their context is deleted once they are sent."""
_SMTP_PERMANENT = 500


def deliver_due(*, at: datetime, limit: int = 100) -> int:
    """Try up to `limit` queued messages whose time has come, oldest first, and return how many were sent.

    Each message is a transaction of its own; messages that another worker is sending are left to it.
    """
    connection = get_connection()
    sent = 0
    try:
        for _ in range(limit):
            message = deliver_next(at=at, connection=connection)
            if message is None:
                break
            sent += message.state == MessageState.SENT
    finally:
        connection.close()
    return sent


@transaction.atomic
def deliver_next(*, at: datetime, connection: BaseEmailBackend) -> Message | None:
    """Send the message that is due longest and record the result; None when none is due."""
    due = Message.objects.filter(state=MessageState.QUEUED, next_attempt_at__lte=at).order_by("next_attempt_at", "id")
    message = due.select_for_update(skip_locked=True).first()
    if message is None:
        return None
    message.attempts += 1
    try:
        _send(render_message(message), connection)
    except (SMTPException, OSError) as error:
        connection.close()
        _retry_or_park(message, error, at)
    except Exception as error:
        # An error in one message's template or context must not hold up the others.
        logger.exception("message_not_written", message=message.pk)
        _park(message, f"The message can't be written: {error!r}")
    else:
        _mark_sent(message, at)
    message.save(update_fields=["attempts", "state", "context", "sent_at", "next_attempt_at", "error"])
    return message


def retry_delay(attempts: int) -> timedelta:
    """Return how long to wait after so many failed attempts: 10 s, 30 s, 90 s, … about 6 hours after the eighth."""
    return FIRST_DELAY * int(DELAY_FACTOR ** (attempts - 1))


def _send(email: EmailMultiAlternatives, connection: BaseEmailBackend) -> None:
    # The backend opens its connection for the first message and keeps it for the next ones.
    connection.open()
    connection.send_messages([email])


def _mark_sent(message: Message, at: datetime) -> None:
    message.state = MessageState.SENT
    message.sent_at = at
    message.error = ""
    if message.template in OPENS_ACCOUNTS:
        message.context = {}


def _retry_or_park(message: Message, error: Exception, at: datetime) -> None:
    said = _what_the_server_said(error)
    logger.warning("message_not_sent", message=message.pk, attempts=message.attempts, error=said)
    if _is_permanent(error) or message.attempts >= MAX_ATTEMPTS:
        _park(message, said)
        return
    message.error = said[:LONGEST_ERROR]
    message.next_attempt_at = at + retry_delay(message.attempts)


def _park(message: Message, why: str) -> None:
    message.state = MessageState.PARKED
    message.error = why[:LONGEST_ERROR]


def _is_permanent(error: Exception) -> bool:
    """Return whether the refusal is permanent: a 5xx for this recipient or content (RFC 5321 4.2.1)."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= _SMTP_PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, SMTPDataError) and error.smtp_code >= _SMTP_PERMANENT


def _what_the_server_said(error: Exception) -> str:
    if isinstance(error, SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(reply)}" for code, reply in error.recipients.values())
    if isinstance(error, SMTPDataError):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return repr(error)


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
