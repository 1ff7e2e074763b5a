"""How an event looks to programs, in the feed as in a webhook and in the stream."""

import json
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


def event_bytes(event: Event) -> bytes:
    """Return a numbered event as it is sent, the same each time."""
    return json.dumps(event_json(event), ensure_ascii=False, separators=(",", ":")).encode()
