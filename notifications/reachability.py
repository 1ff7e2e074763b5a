"""Addresses that get no mail any more, and what providers report about mails."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from notifications.models import (
    LONGEST_ADDRESS,
    LONGEST_ERROR,
    LONGEST_REFERENCE,
    MailAddress,
    MailEvent,
    MailOutcome,
    Message,
    MessageState,
)
from notifications.storable import storable

LATEST = timedelta(days=30)
"""How long after an event its report may come; beyond that, and before the event, the sender's clock is wrong."""


@dataclass(frozen=True, slots=True)
class Reported:
    """One report of a provider about a mail to an address."""

    provider: str
    event_id: str
    outcome: MailOutcome
    address: str
    at: datetime
    reference: str = ""
    said: str = ""


@transaction.atomic
def keep_report(*, report: Reported, at: datetime) -> bool:
    """Record a provider's report, and mark its address when the mail came back or was marked as spam.

    Returns whether it is news; the same event counts once.
    """
    report = _as_kept(report, at)
    message = _message_of(report)
    _event, is_news = MailEvent.objects.get_or_create(
        provider=report.provider,
        event_id=report.event_id,
        defaults={
            "outcome": report.outcome,
            "address": report.address,
            "message": message,
            "said": report.said,
            "at": report.at,
            "received_at": at,
        },
    )
    if not is_news:
        return False
    if message is not None:
        _note_outcome(message, report)
    if report.outcome != MailOutcome.DELIVERED:
        mark_address(address=report.address, outcome=report.outcome, said=report.said, at=at, happened_at=report.at)
    return True


@transaction.atomic
def mark_address(
    *, address: str, outcome: MailOutcome, said: str, at: datetime, happened_at: datetime | None = None
) -> None:
    """Send no more mail to an address from `at` on, because of what happened then or earlier.

    What happened before somebody said that the address works again changes nothing. But a complaint always replaces a
    bounce: only the address's owner may take it back.
    """
    said = storable(said, LONGEST_ERROR)
    row, is_first = MailAddress.objects.select_for_update().get_or_create(
        address=address.lower(), defaults={"outcome": outcome, "since": at, "said": said}
    )
    is_after = row.cleared_at is not None and row.cleared_at < (happened_at or at)
    is_worse = outcome == MailOutcome.COMPLAINED and row.outcome == MailOutcome.BOUNCED
    if is_first or not (is_after or is_worse):
        return
    if row.cleared_at is not None:
        row.since = at
    row.outcome, row.said = outcome, said
    row.cleared_at = row.cleared_by = None
    row.save()


@transaction.atomic
def clear_address(*, address: str, by: User, at: datetime) -> bool:
    """Send mail to an address again, as somebody says that it works; return whether it was marked."""
    row = MailAddress.objects.select_for_update().filter(address=address.lower(), cleared_at=None).first()
    if row is None:
        return False
    row.cleared_at, row.cleared_by = at, by
    row.save(update_fields=["cleared_at", "cleared_by"])
    return True


def unreachable(address: str) -> MailAddress | None:
    """Return the mark of an address that gets no mail, None when it gets some."""
    return MailAddress.objects.filter(address=address.lower(), cleared_at=None).first()


def _as_kept(report: Reported, at: datetime) -> Reported:
    """Return a report as our columns take it, at the time of its arrival if its own can't be right."""
    return replace(
        report,
        event_id=storable(report.event_id, LONGEST_REFERENCE),
        address=storable(report.address.lower(), LONGEST_ADDRESS),
        at=report.at if at - LATEST <= report.at <= at else at,
        reference=storable(report.reference, LONGEST_REFERENCE),
        said=storable(report.said, LONGEST_ERROR),
    )


def _message_of(report: Reported) -> Message | None:
    if not report.reference:
        return None
    sent = Message.objects.filter(state=MessageState.SENT, provider_reference=report.reference)
    return sent.filter(recipient__iexact=report.address).first()


def _note_outcome(message: Message, report: Reported) -> None:
    # A complaint about a mail that arrived says more than that it arrived, whichever report comes last.
    if message.outcome and report.outcome == MailOutcome.DELIVERED:
        return
    message.outcome, message.outcome_at = report.outcome, report.at
    message.save(update_fields=["outcome", "outcome_at"])
