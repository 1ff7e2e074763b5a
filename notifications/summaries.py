"""One mail instead of many: what waits for somebody who chose a daily summary."""

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications.deciding import is_theirs
from notifications.kinds import kind_of, optional_kinds
from notifications.marks import MailBlock, first_words
from notifications.models import Message, MessageState
from notifications.rendering import language_of, write_blocks
from notifications.wishes import MessageReader

logger = structlog.get_logger(__name__)

SUMMARY = "summary"
MOST = 50


def summarise(message: Message, reader: MessageReader, *, at: datetime) -> bool:
    """Put a message and what else is due to its reader into one summary, which is queued; False when it is alone.

    All of them are locked until the transaction ends, so that none is sent beside it. One that can't be written is left
    out of it: it is parked when its own turn comes.
    """
    found = [(part, _item(part, reader)) for part in [message, *_others(message, reader, at)]]
    written = [(part, item) for part, item in found if item is not None]
    if len(written) == 1 or found[0][1] is None:
        return False
    written.sort(key=lambda one: (one[0].created_at, one[0].pk))
    parts = [part for part, _item in written]
    language = language_of(parts[0], locale=reader.locale)
    summary = Message.objects.create(
        key=f"{SUMMARY}:{parts[0].pk}:{message.pk}",
        operator=None,
        recipient=message.recipient,
        template=SUMMARY,
        context={"language": language, "count": len(parts), "items": [item for _part, item in written]},
        created_at=at,
        next_attempt_at=at,
    )
    why = _("It was sent in a summary.")
    keys = [part.pk for part in parts]
    Message.objects.filter(pk__in=keys).update(state=MessageState.LEFT_OUT, error=why, summary=summary)
    message.refresh_from_db()
    return True


def _others(message: Message, reader: MessageReader, at: datetime) -> list[Message]:
    """Lock and return what else is due to a reader, can wait, and is still of use and their business."""
    waits = [kind.name for kind in optional_kinds() if kind.can_wait and kind.is_wanted(reader.wishes.kinds)]
    others = Message.objects.filter(
        state=MessageState.QUEUED, recipient__iexact=reader.address, template__in=waits, next_attempt_at__lte=at
    ).exclude(Q(pk=message.pk) | Q(expires_at__lte=at))
    found = others.select_for_update(skip_locked=True).order_by("created_at", "id")[: MOST - 1]
    return [other for other in found if is_theirs(other, kind_of(other.template), reader)]


def _item(part: Message, reader: MessageReader) -> dict[str, Any] | None:
    try:
        # A savepoint, as in delivery: an error of the database leaves the transaction usable.
        with transaction.atomic(), override(language_of(part, locale=reader.locale)):
            subject, blocks = write_blocks(kind_of(part.template), part.context)
    except Exception:
        logger.exception("message_not_written", message=part.pk)
        return None
    return {"subject": subject, "words": first_words(blocks), "link": _link(blocks)}


def _link(blocks: list[MailBlock]) -> str:
    return next((block.address for block in blocks if block.kind == "action"), "")
