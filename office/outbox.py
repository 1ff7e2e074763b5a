"""An operator's mail: undelivered messages and those waiting to be sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from notifications.models import Message, MessageState
from notifications.rendering import RAW

SUBJECTS = {"invitation": _("Invitation"), "document": _("Document"), RAW: _("Account mail")}


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many messages are waiting to be sent, and since when the oldest has waited."""

    count: int
    since: datetime | None


def messages_of(operators: Iterable[Operator], state: MessageState) -> QuerySet[Message]:
    """Return the operators' messages in the given state."""
    return Message.objects.filter(state=state, operator__in=operators)


def waiting_of(operators: Iterable[Operator]) -> Waiting:
    """Count the operators' messages that are still queued."""
    queued = messages_of(operators, MessageState.QUEUED)
    return Waiting(**queued.order_by().aggregate(count=Count("pk"), since=Min("created_at")))


def subject_of(message: Message) -> str:
    """Return what a message is about, in one or two words."""
    return str(SUBJECTS.get(message.template, message.template.replace("_", " ").capitalize()))
