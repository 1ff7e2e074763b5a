"""One mail instead of many: what waits for somebody who chose a daily summary."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from notifications.kinds import kind_of, optional_kinds
from notifications.marks import MailBlock, first_words
from notifications.models import Message, MessageState
from notifications.rendering import language_of, write_blocks
from notifications.wishes import MessageReader

SUMMARY = "summary"
MOST = 50


def summarise(message: Message, reader: MessageReader, *, at: datetime) -> bool:
    """Put a message and what else is due to its reader into one summary, which is queued; False when it is alone.

    All of them are locked until the transaction ends, so that none is sent beside it.
    """
    waits = [kind.name for kind in optional_kinds() if kind.can_wait and kind.is_wanted(reader.wishes.kinds)]
    others = Message.objects.filter(
        state=MessageState.QUEUED, recipient__iexact=reader.address, template__in=waits, next_attempt_at__lte=at
    ).exclude(pk=message.pk)
    parts = [message, *others.select_for_update(skip_locked=True).order_by("created_at", "id")[: MOST - 1]]
    if len(parts) == 1:
        return False
    parts.sort(key=lambda part: (part.created_at, part.pk))
    spoken = [language_of(part, locale=reader.locale) for part in parts]
    items = [_item(part, language) for part, language in zip(parts, spoken, strict=True)]
    summary = Message.objects.create(
        key=f"{SUMMARY}:{parts[0].pk}:{message.pk}",
        operator=None,
        recipient=message.recipient,
        template=SUMMARY,
        context={"language": spoken[0], "count": len(parts), "items": items},
        created_at=at,
        next_attempt_at=at,
    )
    why = _("It was sent in a summary.")
    keys = [part.pk for part in parts]
    Message.objects.filter(pk__in=keys).update(state=MessageState.LEFT_OUT, error=why, summary=summary)
    message.refresh_from_db()
    return True


def _item(part: Message, language: str) -> dict[str, Any]:
    with override(language):
        subject, blocks = write_blocks(kind_of(part.template), part.context)
        return {"subject": subject, "words": first_words(blocks), "link": _link(blocks)}


def _link(blocks: list[MailBlock]) -> str:
    return next((block.address for block in blocks if block.kind == "action"), "")
