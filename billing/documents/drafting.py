"""Puts together what a document says, from the rows that cause it as they are under their locks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import get_global
from django.utils.translation import gettext as _

from billing.documents.content import Line, Rates, added, credit_of, taxes_of
from billing.documents.numbering import Draft
from billing.documents.subjects import ChargeFacts, Subject
from billing.models import Charge, Debt, Document, DocumentKind, Payment, Refund
from common.translation import translated


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets an invoice: a person, or with an address and tax id a company."""

    name: str
    email: str
    address: str = ""
    tax_id: str = ""
    country: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the recipient as it is frozen."""
        return {
            "name": self.name,
            "email": self.email,
            "address": self.address,
            "tax_id": self.tax_id,
            "country": self.country,
        }


def draft_receipt(payments: Sequence[Payment], facts: ChargeFacts, before: Mapping[int, int], at: datetime) -> Draft:
    """Return the receipt of payments that were taken together; `before` has what each charge's documents say so far.

    The payments are of one operator and currency.
    """
    charges = list({payment.charge_id: payment.charge for payment in payments}.values())
    subjects = [facts.subject(charge) for charge in charges]
    lines: list[Line] = []
    earlier: Rates = {}
    for item, charge in enumerate(charges):
        owed, so_far = facts.owed(charge), before.get(charge.pk, 0)
        amount = sum(payment.captured_amount for payment in payments if payment.charge_id == charge.pk)
        lines += owed.lines_for(amount, before=so_far, item=item)
        earlier = added(earlier, owed.rates_of(so_far))
    paid = {"payments": [_paid(payment) for payment in payments]}
    return Draft(
        kind=DocumentKind.RECEIPT,
        operator=charges[0].lot.operator,
        lot=charges[0].lot,
        currency=charges[0].currency,
        content=_frame(charges, subjects, at) | _figures(lines, earlier) | paid,
        causes=[payment.pk for payment in payments],
        at=at,
        plate=subjects[0].plate_normalised,
        mail_to=_receivers(subjects, payments),
    )


def draft_invoice(debt: Debt, recipient: Recipient, facts: ChargeFacts, before: int, at: datetime) -> Draft:
    """Return the invoice of what a debt's charge still asks for, of which `before` is on other documents."""
    charge = debt.charge
    subject, owed = facts.subject(charge), facts.owed(charge)
    lines = owed.lines_for(charge.balance_amount, before=before)
    to = {"recipient": recipient.as_json(), "pay_link": subject.link}
    return Draft(
        kind=DocumentKind.INVOICE,
        operator=debt.operator,
        lot=charge.lot,
        currency=charge.currency,
        content=_frame([charge], [subject], at) | _figures(lines, owed.rates_of(before)) | to,
        causes=[debt.pk],
        at=at,
        plate=subject.plate_normalised,
        mail_to={recipient.email.lower(): False} if recipient.email else {},
    )


def draft_credit_note(
    refund: Refund, facts: ChargeFacts, receipt: Document, credited: Sequence[Document], at: datetime
) -> Draft:
    """Return the credit note of a refund, which takes back as much of its payment's receipt, after those `credited`.

    That of a refund which reverses another, as it never reached the driver, puts as much on again.
    """
    payment = refund.payment
    subjects = [facts.subject(payment.charge)]
    places = {item["charge"]: place for place, item in enumerate(receipt.content["items"])}
    figures = credit_of(
        receipt.content,
        [note.content for note in credited],
        amount=refund.amount,
        item=places.get(payment.charge_id, 0),
        label=_("Refund") if refund.amount > 0 else _("Refund that was taken back"),
    )
    return _correction(receipt, figures, refund.reason, [refund.pk], _receivers(subjects, [payment]), at=at)


def draft_cancellation(invoice: Document, credited: Sequence[Document], at: datetime) -> Draft:
    """Return the credit note that cancels what is left of an invoice."""
    left = invoice.total_amount + sum(note.total_amount for note in credited)
    figures = credit_of(
        invoice.content, [note.content for note in credited], amount=left, item=None, label=_("Cancelled")
    )
    email = invoice.content["recipient"]["email"].lower()
    return _correction(invoice, figures, _("The invoice is cancelled."), [], {email: False} if email else {}, at=at)


def _correction(  # noqa: PLR0913 - the facts of one document
    about: Document,
    figures: Mapping[str, object],
    reason: str,
    causes: Sequence[int],
    mail_to: Mapping[str, bool],
    *,
    at: datetime,
) -> Draft:
    frame = {name: about.content[name] for name in ("issuer", "zone", "items")}
    frame |= {"issued": _local(at, about.content["zone"]), "about": about.number, "reason": reason}
    frame |= {"recipient": about.content["recipient"]} if "recipient" in about.content else {}
    return Draft(
        kind=DocumentKind.CREDIT_NOTE,
        operator=about.operator,
        lot=about.lot,
        currency=about.currency,
        content=frame | dict(figures),
        causes=causes,
        at=at,
        plate=about.plate_normalised,
        about=about.pk,
        mail_to=mail_to,
    )


def _frame(charges: Sequence[Charge], subjects: Sequence[Subject], at: datetime) -> dict[str, Any]:
    lot = charges[0].lot
    operator, zone = lot.operator, lot.timezone
    return {
        "issuer": {
            "name": operator.legal_name or operator.name,
            "address": operator.address,
            "tax_id": operator.tax_id,
            "country": country_of(operator.timezone or zone),
        },
        "zone": zone,
        "issued": _local(at, zone),
        "items": [_item(charge, subject) for charge, subject in zip(charges, subjects, strict=True)],
    }


def country_of(zone: str) -> str:
    """Return the two-letter code of the country that a timezone is used in; empty for a zone of none."""
    return str(get_global("zone_territories").get(zone, ""))


def _item(charge: Charge, subject: Subject) -> dict[str, Any]:
    lot = charge.lot
    town = f"{lot.postal_code} {lot.city}".strip()
    return {
        "charge": charge.pk,
        "label": charge.label,
        "lot": lot.name,
        "lot_address": ", ".join(filter(None, [lot.address, town])),
        "reference": subject.reference,
        "plate": subject.plate,
        "entry": subject.entry,
        "until": subject.until,
        "has_left": subject.has_left,
    }


def _figures(lines: Sequence[Line], before: Rates) -> dict[str, Any]:
    return {
        "lines": [line.as_json() | {"label": translated(line.label)} for line in lines],
        "taxes": taxes_of(lines, before),
        "total": sum(line.amount for line in lines),
    }


def _paid(payment: Payment) -> dict[str, Any]:
    return {
        "method": payment.method,
        "amount": payment.captured_amount,
        "at": _local(payment.finished_at or payment.created_at, payment.charge.lot.timezone),
        "tendered": payment.tendered_amount,
        "change": payment.change_amount,
    }


def _local(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def _receivers(subjects: Sequence[Subject], payments: Sequence[Payment]) -> dict[str, bool]:
    """Return who gets a document, each with whether plate and links are hidden.

    A payer who only typed the number, or an address that an attendant heard, proves nothing.
    """
    hidden: dict[str, bool] = {}
    for payment in payments:
        if payment.receipt_email:
            held_ticket = not payment.by_number and payment.taken_by_id is None
            address = payment.receipt_email.lower()
            hidden[address] = hidden.get(address, True) and not held_ticket
    return hidden | {address.lower(): False for subject in subjects for address in subject.holders}
