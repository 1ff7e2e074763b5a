"""What the documents of a stay say about it, and who gets them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from billing.documents.document_facts import load_billed
from billing.documents.drafting import Recipient
from billing.documents.issuing import issue_invoice
from billing.documents.subjects import Subject, register_subjects
from billing.models import Debt, Document
from tickets.links import ticket_link

_STAY = """
SELECT json_build_object('number', ticket.number, 'token', ticket.token, 'plate', coalesce(ticket.plate, ''),
    'plate_normalised', CASE WHEN ticket.plate IS NULL THEN '' ELSE coalesce(ticket.plate_normalised, '') END,
    'entry_at', ticket.entry_at,
    'until', coalesce(ticket.exit_at, charge.settled_at, charge.assessed_at), 'has_left', ticket.exit_at IS NOT NULL,
    'drivers', (SELECT coalesce(json_agg(json_build_array(coalesce(nullif(driver.name, ''), driver.email), driver.email)
        ORDER BY proof.id), '[]')
        FROM tickets_stayproof proof JOIN accounts_user driver ON driver.id = proof.driver_id
        WHERE proof.ticket_id = ticket.id))
FROM tickets_ticket ticket WHERE ticket.charge_id = charge.id
"""


def _subject(stay: Mapping[str, Any], zone: ZoneInfo) -> Subject:
    drivers = stay["drivers"]
    return Subject(
        reference=stay["number"],
        plate=stay["plate"],
        plate_normalised=stay["plate_normalised"],
        entry=_local(stay["entry_at"], zone),
        until=_local(stay["until"], zone),
        has_left=stay["has_left"],
        link=ticket_link(stay["token"]),
        holder=drivers[0][0] if drivers else "",
        holders=tuple(email for _name, email in drivers),
    )


register_subjects(_STAY, _subject)


def invoice_known_drivers(*, at: datetime, limit: int = 100) -> list[Document]:
    """Invoice the open debts of stays that somebody has proven to be theirs, to the first of these.

    Run it periodically: a stay may be proven long after its car has left.
    """
    owed = Debt.objects.open().filter(invoice=None, charge__ticket__proofs__isnull=False).distinct()
    invoices = [_invoice(debt, at) for debt in owed.select_related("charge__lot").order_by("pk")[:limit]]
    return [invoice for invoice in invoices if invoice is not None]


def _invoice(debt: Debt, at: datetime) -> Document | None:
    subject = load_billed([debt.charge_id])[debt.charge_id].subject
    if not subject.holders:
        return None
    return issue_invoice(debt, Recipient(name=subject.holder, email=subject.holders[0]), at=at)


def _local(iso: str, zone: ZoneInfo) -> str:
    return datetime.fromisoformat(iso).astimezone(zone).isoformat(timespec="seconds")
