"""Whether mail goes out at all."""

from datetime import datetime, timedelta

from django.db.models import Min

from notifications.models import Message, MessageState

LATE = timedelta(minutes=15)
RECENT = 200


def stuck_since(at: datetime) -> datetime | None:
    """Return since when mail has waited while none went out; None while it flows, as one address alone may be slow."""
    late = Message.objects.filter(state=MessageState.QUEUED, created_at__lt=at - LATE).order_by()
    since: datetime | None = late.aggregate(since=Min("created_at"))["since"]
    if since is None:
        return None
    latest = Message.objects.order_by("-pk").values_list("sent_at", flat=True)[:RECENT]
    return None if any(sent_at and sent_at > since for sent_at in latest) else since
