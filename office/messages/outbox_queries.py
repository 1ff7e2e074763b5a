"""An operator's messages: what waits and what is parked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet

from accounts.models import Operator
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
