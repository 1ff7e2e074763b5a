"""What the documents of a booking's own charge say about it, and the invoices of what its driver owes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from billing.documents.document_facts import load_billed
from billing.documents.drafting import Recipient
from billing.documents.issuing import issue_invoice
from billing.documents.subjects import Subject, register_subjects
from billing.models import Debt, Document

_BOOKING = """
SELECT json_build_object('code', booking.code, 'plate', booking.plate, 'plate_normalised', booking.plate_normalised,
    'email', coalesce(driver.email, booking.email),
    'name', coalesce(nullif(driver.name, ''), driver.email, booking.email))
FROM reservations_reservation booking LEFT JOIN accounts_user driver ON driver.id = booking.driver_id
WHERE booking.charge_id = charge.id
"""


def _subject(booking: Mapping[str, Any], _zone: ZoneInfo) -> Subject:
    return Subject(
        reference=booking["code"],
        plate=booking["plate"],
        plate_normalised=booking["plate_normalised"],
        holder=booking["name"],
        holders=(booking["email"],) if booking["email"] else (),
    )


register_subjects(_BOOKING, _subject)


def invoice_bookers(*, at: datetime, limit: int = 100) -> list[Document]:
    """Invoice what is owed for bookings and passes to those who have them, as far as an address of theirs is known."""
    booked = Debt.objects.open().filter(of_booker=True, invoice=None).exclude(plate_normalised="")
    owed = booked.select_related("charge__lot").order_by("pk")
    invoices = [_invoice(debt, at) for debt in owed[:limit]]
    return [invoice for invoice in invoices if invoice is not None]


def _invoice(debt: Debt, at: datetime) -> Document | None:
    subject = load_billed([debt.charge_id])[debt.charge_id].subject
    if not subject.holders:
        return None
    to = Recipient(name=subject.holder, email=subject.holders[0], address=subject.address, tax_id=subject.tax_id)
    return issue_invoice(debt, to, at=at)
