"""A text to the phone of somebody who wants what can't wait as a text, too."""

from datetime import datetime, timedelta

from notifications.kinds import Kind
from notifications.models import LONGEST_TEXT, Message
from notifications.phone_codes import ACCOUNT, is_phone_verified
from notifications.services import queue_text
from notifications.texts import can_send_texts
from notifications.wishes import MessageReader

WORTH = timedelta(minutes=30)
VERIFIED_FOR = timedelta(days=180)


def queue_urgent_text(message: Message, kind: Kind, reader: MessageReader, *, subject: str, at: datetime) -> None:
    """Queue the subject of a message that can't wait as a text to its reader's verified phone. Idempotent."""
    person = reader.person
    if (
        kind.essential
        or kind.can_wait
        or person is None
        or not reader.wishes.by_text
        or not can_text(person.pk, person.phone, at=at)
    ):
        return
    queue_text(
        key=f"message:{message.pk}",
        operator=message.operator,
        phone=person.phone,
        text=subject[:LONGEST_TEXT],
        expires_at=message.expires_at or at + WORTH,
        at=at,
    )


def can_text(person_id: int, phone: str, *, at: datetime) -> bool:
    """Return whether texts are sent to the phone of an account: it has shown to have it, and there is a provider."""
    is_possible = bool(phone) and can_send_texts()
    return is_possible and is_phone_verified(person=f"{ACCOUNT}{person_id}", phone=phone, since=at - VERIFIED_FOR)
