"""What people want a barrier to do that no read asks for: open once, stay open, work as usual again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gates.decision import Action
from gates.models import EventKind, GateEvent
from lots.models import Gate

OPEN_FOR = timedelta(seconds=60)
"""How long an opening by hand is worth obeying: later its car has gone, or stands somewhere else."""


@dataclass(frozen=True, slots=True)
class Command:
    """One act of a person at a gate as its barrier is told: `open`, `hold_open` or `release`."""

    id: int
    action: str
    reason: str
    issued_at: datetime


def commands_for(gate: Gate, *, after: int, at: datetime) -> list[Command]:
    """Return the commands since the one with the key `after`, oldest first; of holds only the latest. Two queries."""
    since = GateEvent.objects.filter(gate=gate, pk__gt=after)
    opened = since.filter(kind=EventKind.PERSON, action=Action.OPEN, at__gte=at - OPEN_FOR)
    held = since.filter(kind=EventKind.HOLD).order_by("-id")[:1]
    events = sorted((*opened, *held), key=lambda event: event.pk)
    return [Command(event.pk, event.action, event.reason, event.received_at) for event in events]
