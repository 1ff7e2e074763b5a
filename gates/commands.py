"""What a barrier has to do that no answer to a read told it: open once, stay open, work as usual again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from gates.decision import Action
from gates.models import EventKind, GateEvent
from lots.models import Gate

OPEN_FOR = timedelta(seconds=60)
"""How long an opening is worth obeying: later its car has gone, or stands somewhere else."""


@dataclass(frozen=True, slots=True)
class Command:
    """One act at a gate as its barrier is told: `open`, `hold_open` or `release`; its event is what a passage names."""

    id: int
    event_id: UUID
    action: str
    reason: str
    issued_at: datetime


def commands_for(gate: Gate, *, after: int, at: datetime) -> list[Command]:
    """Return the commands since the one with the key `after`, oldest first; of holds only the latest. Two queries."""
    since = GateEvent.objects.filter(gate=gate, pk__gt=after)
    opened = since.filter(kind__in=[EventKind.PERSON, EventKind.RELEASE], action=Action.OPEN, at__gte=at - OPEN_FOR)
    held = since.filter(kind=EventKind.HOLD).order_by("-id")[:1]
    events = sorted((*opened, *held), key=lambda event: event.pk)
    return [Command(event.pk, event.event_id, event.action, event.reason, event.received_at) for event in events]
