"""An operator's messages: those that a filter asks for, what waits and what is parked."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Min, Q, QuerySet

from accounts.models import Operator
from common.time import midnight_of
from notifications.kinds import kind_of
from notifications.models import MailProviderState, Message, MessageState

_SAYS_WHAT = ("code", "number", "ticket", "plate", "gate", "person", "lot")
"""The values of a message that name what it is about, the first that it has."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many messages are waiting to be sent, and since when the oldest has waited."""

    count: int
    since: datetime | None


def messages_of(operators: Iterable[Operator]) -> QuerySet[Message]:
    """Return the operators' messages."""
    return Message.objects.filter(operator__in=operators)


def filtered(messages: QuerySet[Message], wanted: Mapping[str, Any], zone: ZoneInfo) -> QuerySet[Message]:
    """Keep the messages that a filter asks for; its days are by the clock of a zone."""
    if text := wanted.get("q", "").strip():
        messages = messages.filter(Q(recipient__icontains=text) | Q(key__icontains=text))
    if state := wanted.get("state"):
        messages = messages.filter(state=state)
    if kind := wanted.get("kind"):
        messages = messages.filter(template=kind)
    since, until = wanted.get("since"), wanted.get("until")
    if since and since > date.min:
        messages = messages.filter(created_at__gte=midnight_of(since, zone))
    if until and until < date.max:
        messages = messages.filter(created_at__lt=midnight_of(until + timedelta(days=1), zone))
    return messages


def waiting_of(operators: Iterable[Operator]) -> Waiting:
    """Count the operators' messages that are still queued and due."""
    queued = messages_of(operators).filter(state=MessageState.QUEUED)
    return Waiting(**queued.order_by().aggregate(count=Count("pk"), since=Min("created_at")))


def providers_away() -> list[MailProviderState]:
    """Return the providers of mail that don't answer now."""
    return list(MailProviderState.objects.filter(away_until__isnull=False).order_by("name"))


def subject_of(message: Message) -> str:
    """Return what a message is about, in a few words."""
    return str(kind_of(message.template).label)


def about(message: Message) -> str:
    """Return what a message is about, such as a booking's code; empty when it doesn't say, or that is not kept."""
    said = (message.context.get(name) for name in _SAYS_WHAT)
    return next((str(value) for value in said if value), "")
