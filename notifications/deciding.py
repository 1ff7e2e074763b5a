"""Whether a message goes out now, later, in a summary or not at all; essential ones always go, if they can."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.utils.translation import gettext as _

from notifications.choosing import Reader, end_of_quiet, next_at
from notifications.kinds import Kind
from notifications.models import MailAddress, MailOutcome, Message


class Course(Enum):
    """What happens to a message."""

    SEND = "send"
    WAIT = "wait"
    SUMMARISE = "summarise"
    LEAVE_OUT = "leave out"
    PARK = "park"


@dataclass(frozen=True, slots=True)
class Decided:
    """The course of a message: until when it waits, or why it is not sent."""

    course: Course
    until: datetime | None = None
    why: str = ""


def decide(message: Message, kind: Kind, reader: Reader, mark: MailAddress | None, at: datetime) -> Decided:
    """Return what happens to a message that is due, to a reader whose address may be marked as unreachable."""
    if mark is not None:
        return Decided(Course.PARK if kind.essential else Course.LEAVE_OUT, why=_why_unreachable(mark))
    if kind.essential:
        return Decided(Course.SEND)
    if not kind.is_wanted(reader.wishes.kinds):
        return Decided(Course.LEAVE_OUT, why=_("The recipient has turned these messages off."))
    if message.expires_at is not None and message.expires_at <= at:
        return Decided(Course.LEAVE_OUT, why=_("It came too late to be of use."))
    return _when(message, kind, reader, at)


def _when(message: Message, kind: Kind, reader: Reader, at: datetime) -> Decided:
    until = end_of_quiet(reader, at)
    if until is not None:
        if message.expires_at is not None and message.expires_at <= until:
            return Decided(Course.LEAVE_OUT, why=_("It fell into the recipient's quiet hours."))
        return Decided(Course.WAIT, until)
    if reader.wishes.summary_at is None or not kind.can_wait:
        return Decided(Course.SEND)
    due = next_at(reader.zone, reader.wishes.summary_at, message.created_at)
    if at >= due or (message.expires_at is not None and message.expires_at <= due):
        return Decided(Course.SUMMARISE if at >= due else Course.SEND)
    return Decided(Course.WAIT, due)


def _why_unreachable(mark: MailAddress) -> str:
    if mark.outcome == MailOutcome.COMPLAINED:
        return _("The recipient marked an earlier message as spam.")
    return _("Mail to this address came back: %(said)s") % {"said": mark.said or _("it does not exist")}
