"""Whether a message goes out now, later, in a summary or not at all; essential ones always go, if they can."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils.translation import gettext as _

from accounts.access import employers_of
from accounts.models import Role
from notifications.kinds import Kind
from notifications.models import MailAddress, MailOutcome, Message
from notifications.wishes import MessageReader, end_of_quiet, next_at


class MessageCourse(Enum):
    """What happens to a message."""

    SEND = "send"
    WAIT = "wait"
    SUMMARISE = "summarise"
    LEAVE_OUT = "leave out"
    PARK = "park"


@dataclass(frozen=True, slots=True)
class Decided:
    """The course of a message: until when it waits, or why it is not sent."""

    course: MessageCourse
    until: datetime | None = None
    why: str = ""


def decide(message: Message, kind: Kind, reader: MessageReader, mark: MailAddress | None, at: datetime) -> Decided:
    """Return what happens to a message that is due, to a reader whose address may be marked as unreachable."""
    if mark is not None:
        return Decided(MessageCourse.PARK if kind.essential else MessageCourse.LEAVE_OUT, why=_why_unreachable(mark))
    if kind.essential:
        return Decided(MessageCourse.SEND)
    if not kind.is_wanted(reader.wishes.kinds):
        return Decided(MessageCourse.LEAVE_OUT, why=_("The recipient has turned these messages off."))
    if not is_theirs(message, kind, reader):
        return Decided(MessageCourse.LEAVE_OUT, why=_("The recipient is no admin of the operator any more."))
    if message.expires_at is not None and message.expires_at <= at:
        return Decided(MessageCourse.LEAVE_OUT, why=_("It came too late to be of use."))
    return _when(message, kind, reader, at)


def is_theirs(message: Message, kind: Kind, reader: MessageReader) -> bool:
    """Return whether a message is still its reader's business: one for admins may have waited while a role was lost."""
    if not kind.for_admins or message.operator is None:
        return True
    return reader.person is not None and employers_of(reader.person, Role.ADMIN).filter(pk=message.operator.pk).exists()


def _when(message: Message, kind: Kind, reader: MessageReader, at: datetime) -> Decided:
    until = end_of_quiet(reader, at)
    if until is not None:
        if message.expires_at is not None and message.expires_at <= until:
            return Decided(MessageCourse.LEAVE_OUT, why=_("It fell into the recipient's quiet hours."))
        return Decided(MessageCourse.WAIT, until)
    if reader.wishes.summary_at is None or not kind.can_wait:
        return Decided(MessageCourse.SEND)
    due = next_at(reader.zone, reader.wishes.summary_at, message.created_at)
    if at >= due or (message.expires_at is not None and message.expires_at <= due):
        return Decided(MessageCourse.SUMMARISE if at >= due else MessageCourse.SEND)
    return Decided(MessageCourse.WAIT, due)


def _why_unreachable(mark: MailAddress) -> str:
    if mark.outcome == MailOutcome.COMPLAINED:
        return _("The recipient marked an earlier message as spam.")
    return _("Mail to this address came back: %(said)s") % {"said": mark.said or _("it does not exist")}
