"""Sending the texts of the outbox; each row is locked while it is sent, as with mails."""

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from notifications.models import LONGEST_ERROR, MessageState, TextMessage
from notifications.rounds import rounds
from notifications.storable import storable
from notifications.texts import (
    OutgoingText,
    TextRefusedError,
    TextUnavailableError,
    can_send_texts,
    text_provider,
)

AGAIN_AFTER = timedelta(seconds=10)
SECONDS = 3.0

logger = structlog.get_logger(__name__)


def deliver_texts(*, at: datetime, limit: int = 100) -> int:
    """Try the texts whose time has come, oldest first, and return how many were sent; those too late are given up."""
    sent = 0
    for _ in rounds(limit if can_send_texts() else 0):
        text = _deliver_next(at)
        if text is None:
            break
        sent += text.state == MessageState.SENT
    return sent


@transaction.atomic
def _deliver_next(at: datetime) -> TextMessage | None:
    due = TextMessage.objects.filter(state=MessageState.QUEUED, next_attempt_at__lte=at).order_by(
        "next_attempt_at", "id"
    )
    text = due.select_for_update(skip_locked=True).first()
    if text is None:
        return None
    if text.expires_at <= at:
        _give_up(text, text.error or "It was not sent in time.")
    else:
        text.attempts += 1
        _send(text, at)
    text.save(update_fields=["attempts", "state", "text", "sent_at", "next_attempt_at", "error"])
    return text


def _send(text: TextMessage, at: datetime) -> None:
    provider = text_provider()
    try:
        provider.send(OutgoingText(text.key, text.phone, text.text), timeout=SECONDS)
    except TextRefusedError as error:
        _give_up(text, str(error))
    except Exception as error:
        # Whatever a provider's library raises, the next attempt may go through.
        if not isinstance(error, TextUnavailableError):
            logger.exception("text_not_sent", text=text.pk)
        text.error, text.next_attempt_at = storable(str(error), LONGEST_ERROR), at + AGAIN_AFTER * text.attempts
    else:
        text.state, text.sent_at, text.error = MessageState.SENT, at, ""
        if not provider.simulated:
            text.text = ""


def _give_up(text: TextMessage, why: str) -> None:
    text.state, text.error, text.text = MessageState.PARKED, storable(why, LONGEST_ERROR) or "refused", ""
