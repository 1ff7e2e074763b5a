"""An operator's mail: what could not be delivered, and what waits to be sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet

from accounts.models import Operator
from notifications.models import Message, MessageState
from notifications.rendering import RAW

SUBJECTS = {"invitation": "Invitation", "receipt": "Receipt", RAW: "Account mail"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many messages wait to be sent, and since when the oldest does."""

    count: int
    since: datetime | None


def messages_of(operators: Iterable[Operator], state: MessageState) -> QuerySet[Message]:
    """Return the messages of some operators that are in a state."""
    return Message.objects.filter(state=state, operator__in=operators)


def waiting_of(operators: Iterable[Operator]) -> Waiting:
    """Count the messages of some operators that no mail server has taken yet."""
    queued = messages_of(operators, MessageState.QUEUED)
    return Waiting(**queued.order_by().aggregate(count=Count("pk"), since=Min("created_at")))


def subject_of(message: Message) -> str:
    """Say what a message is about in a word or two."""
    return SUBJECTS.get(message.template, message.template.replace("_", " ").capitalize())
