"""What a barrier has to do that no answer to a read told it: open once, stay open, work as usual again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from gates.decision import Action
from gates.models import EventKind, GateEvent
from lots.models import Gate

OPEN_FOR = timedelta(seconds=60)
"""How long an opening is worth obeying: later its car has gone, or stands somewhere else."""
_OPENS = Q(kind__in=[EventKind.PERSON, EventKind.RELEASE], action=Action.OPEN)
COMMANDS = _OPENS | Q(kind=EventKind.HOLD)
"""The events that a barrier is told."""


@dataclass(frozen=True, slots=True)
class Command:
    """One act at a gate as its barrier is told: `open`, `hold_open` or `release`; its event is what a passage names."""

    id: int
    event_id: UUID
    action: str
    reason: str
    issued_at: datetime


def commands_for(gate: Gate, *, after: int, at: datetime) -> list[Command]:
    """Return the commands since the one with the key `after` that were not obeyed, oldest first. Two queries.

    Of holds only the latest.
    """
    since = GateEvent.objects.filter(gate=gate, pk__gt=after, obeyed=None)
    opened = since.filter(_OPENS, at__gte=at - OPEN_FOR)
    held = GateEvent.objects.filter(gate=gate, kind=EventKind.HOLD).select_related("obeyed").order_by("-id")[:1]
    events = sorted((*opened, *(one for one in held if _is_news(one, after))), key=lambda event: event.pk)
    return [Command(event.pk, event.event_id, event.action, event.reason, event.received_at) for event in events]


def _is_news(hold: GateEvent, after: int) -> bool:
    return hold.pk > after and not hasattr(hold, "obeyed")
