"""Telling drivers who asked for it that a stay of theirs has begun or ended, planned by a worker: no lane waits."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import get_language, override

from accounts.models import User
from billing.documents.document_links import document_link
from billing.models import Document
from common.translation import moment_said, money_said
from lots.calendar import zone_of
from lots.displays import language_for
from lots.models import Lot
from notifications.models import Message, MessageChoices
from notifications.services import new_message, queue_messages
from tickets.links import ticket_link
from tickets.models import Ticket
from tickets.stay_kinds import CLOSED, OPENED

LOOKS_BACK = timedelta(minutes=30)
"""How long a begin or end is told of after it: a run that was missed is caught up by the next."""
SETTLES = timedelta(seconds=60)
"""By then the receipt of a stay that ended is issued."""


def tell_of_stays(*, at: datetime) -> int:
    """Queue what is to be told of begins and ends of stays, each once, and return how many messages that are.

    A stay is told to those whose it is by `Ticket.objects.proven_by`, and of these to those who asked for it.
    """
    messages = [*_opened(at), *_closed(at)]
    queue_messages(messages)
    return len(messages)


def _opened(at: datetime) -> Iterator[Message]:
    asked = _asked_for(OPENED)
    recent = Q(entry_at__range=(at - LOOKS_BACK, at)) | Q(proofs__proven_at__range=(at - LOOKS_BACK, at))
    for driver, ticket in _stays_of(asked, recent & Q(exit_at=None), at):
        with override(language_for(driver, ticket.lot)):
            place = f"{ticket.spot.number}, {ticket.spot.level.name}" if ticket.spot else ""
            message = _message(OPENED, driver, ticket, {"spot": place}, at)
        yield message


def _closed(at: datetime) -> Iterator[Message]:
    asked = _asked_for(CLOSED)
    recent = Q(exit_at__range=(at - LOOKS_BACK, at - SETTLES))
    for driver, ticket in _stays_of(asked, recent, at):
        with override(language_for(driver, ticket.lot)):
            message = _message(CLOSED, driver, ticket, _end_of(ticket, at), at)
        yield message


def _end_of(ticket: Ticket, at: datetime) -> dict[str, str]:
    charge = ticket.charge
    receipt = Document.objects.filter(payments__charge=charge).order_by("-pk").first() if charge else None
    return {
        "exit": _when(ticket.lot, ticket.exit_at or at),
        "paid": money_said(charge.captured_amount if charge else 0, ticket.lot.currency),
        "receipt": receipt.number if receipt else "",
        "receipt_link": document_link(receipt.token) if receipt else "",
    }


def _asked_for(kind: str) -> list[User]:
    rows = MessageChoices.objects.filter(**{f"kinds__{kind}": True}, person__is_active=True)
    return [row.person for row in rows.select_related("person") if row.person]


def _stays_of(drivers: list[User], recent: Q, at: datetime) -> Iterator[tuple[User, Ticket]]:
    """Yield recent stays with the drivers whose they are."""
    if not drivers:
        return
    by_key = {driver.pk: driver for driver in drivers}
    since = at - timedelta(days=400)
    found = Ticket.objects.filter(Q(proofs__driver__in=by_key) | Q(reservation__driver__in=by_key), recent)
    rows = found.filter(entry_at__gte=since).select_related("lot__operator", "spot__level", "charge").distinct()
    for ticket in rows:
        for key in sorted(Ticket.objects.filter(pk=ticket.pk).provers() & by_key.keys()):
            yield by_key[key], ticket


def _message(kind: str, driver: User, ticket: Ticket, more: dict[str, str], at: datetime) -> Message:
    context = {
        "language": get_language() or "",
        "operator": ticket.lot.operator.name,
        "lot": ticket.lot.name,
        "plate": ticket.plate or "",
        "ticket": ticket.number,
        "entry": _when(ticket.lot, ticket.entry_at),
        "link": ticket_link(ticket.token),
    }
    return new_message(
        key=f"{kind}:{ticket.number}:{driver.pk}",
        operator_id=ticket.lot.operator_id,
        recipient=driver.email,
        template=kind,
        context=context | more,
        at=at,
    )


def _when(lot: Lot, at: datetime) -> str:
    return moment_said(at.astimezone(zone_of(lot)))
