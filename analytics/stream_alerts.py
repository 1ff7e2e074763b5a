"""Telling those who run the installation that the stream of events is stuck."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from accounts.access import people_of_installation
from accounts.models import Operator
from analytics.alert_kinds import STREAM_STUCK
from common.translation import moment_said
from events.queries import stream_of, stream_progress
from notifications.services import new_message, queue_messages

STUCK_AFTER = timedelta(minutes=15)


def tell_stuck_stream(*, at: datetime) -> bool:
    """Queue a message a day while events wait longer than usual for the stream; return whether they do."""
    address = settings.EVENTS_STREAM
    if address is None:
        return False
    progress = stream_progress(address, Operator.objects.all())
    waiting = [one.waits_since for one in progress if one.waits_since is not None]
    if not waiting or min(waiting) > at - STUCK_AFTER:
        return False
    stream = stream_of(address)
    facts = {
        "stream": address.label,
        "count": sum(one.behind for one in progress),
        "error": stream.error if stream else "",
        "link": settings.PUBLIC_URL + reverse("office:webhooks"),
    }
    messages = []
    for recipient, locale in people_of_installation():
        language = locale or settings.LANGUAGE_CODE
        with override(language):
            since = f"{moment_said(min(waiting))} (UTC)"
        digest = hashlib.sha256(recipient.encode()).hexdigest()[:16]
        messages.append(
            new_message(
                key=f"{STREAM_STUCK}:{at:%Y%m%d}:{digest}",
                operator_id=None,
                recipient=recipient,
                template=STREAM_STUCK,
                context={**facts, "language": language, "since": since},
                at=at,
            )
        )
    queue_messages(messages)
    return True
