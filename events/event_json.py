"""How an event looks to programs, in the feed as in a webhook."""

from typing import Any

from events.models import Event


def event_json(event: Event) -> dict[str, Any]:
    """Return a numbered event; `type`, `timestamp` and `data` are as Standard Webhooks has them."""
    return {
        "id": event.number,
        "type": event.kind,
        "timestamp": event.at.isoformat(),
        "subject": event.subject,
        "lot": event.lot,
        "data": event.data,
    }
