"""What the documents of a stay say about it, and who gets them."""

from collections.abc import Sequence
from datetime import datetime

from billing.documents.drafting import Recipient
from billing.documents.issuing import issue_invoice
from billing.documents.subjects import Subject, register_subjects
from billing.models import Charge, Debt, Document
from lots.calendar import zone_of
from tickets.links import ticket_link
from tickets.models import Ticket


def describe_stays(charges: Sequence[Charge]) -> dict[int, Subject]:
    """Return what the documents of charges say about their stays, by charge, without charges of something else."""
    of_charge = {charge.pk: charge for charge in charges}
    stays = Ticket.objects.select_related("lot").prefetch_related("proofs__driver").filter(charge__in=charges)
    return {ticket.charge_id: _subject(ticket, of_charge[ticket.charge_id]) for ticket in stays if ticket.charge_id}


register_subjects(describe_stays)


def _subject(ticket: Ticket, charge: Charge) -> Subject:
    drivers = [proof.driver for proof in sorted(ticket.proofs.all(), key=lambda proof: proof.pk)]
    return Subject(
        reference=ticket.number,
        plate=ticket.plate or "",
        plate_normalised=ticket.plate_normalised or "",
        entry=_local(ticket, ticket.entry_at),
        until=_local(ticket, ticket.exit_at or charge.settled_at or charge.assessed_at),
        has_left=ticket.exit_at is not None,
        link=ticket_link(ticket.token),
        holder=str(drivers[0]) if drivers else "",
        holders=tuple(driver.email for driver in drivers),
    )


def invoice_known_drivers(*, at: datetime, limit: int = 100) -> list[Document]:
    """Invoice the open debts of stays that somebody has proven to be theirs, to the first of these.

    Run it periodically: a stay may be proven long after its car has left.
    """
    owed = Debt.objects.open().filter(invoice=None, charge__ticket__proofs__isnull=False).distinct()
    invoices = [_invoice(debt, at) for debt in owed.select_related("charge__lot").order_by("pk")[:limit]]
    return [invoice for invoice in invoices if invoice is not None]


def _invoice(debt: Debt, at: datetime) -> Document | None:
    subject = describe_stays([debt.charge]).get(debt.charge_id)
    if subject is None or not subject.holders:
        return None
    return issue_invoice(debt, Recipient(name=subject.holder, email=subject.holders[0]), at=at)


def _local(ticket: Ticket, at: datetime) -> str:
    return at.astimezone(zone_of(ticket.lot)).isoformat(timespec="seconds")
