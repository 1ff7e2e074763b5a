"""Puts together what a document says, from what causes it as it is under its lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.core import get_global
from django.utils.translation import gettext as _

from billing.documents.content import Line, Part, mirrored, parts_of, percent_of, taxes_of
from billing.documents.document_facts import Billed, GivenBack, Taken
from billing.documents.invoice_corrections import InvoiceCorrection
from billing.documents.numbering import Draft
from billing.models import DocumentKind
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


def draft_receipt(payments: Sequence[Taken], at: datetime) -> Draft:
    """Return the receipt of payments that were taken together; they are of one operator and currency."""
    charges = list({payment.billed.key: payment.billed for payment in payments}.values())
    lines: list[Line] = []
    for item, charge in enumerate(charges):
        of_charge = [payment for payment in payments if payment.billed.key == charge.key]
        amount = sum(payment.amount for payment in of_charge)
        lines += charge.owed.lines_for(amount, untaxed=_untaxed(of_charge), item=item)
    paid = {"payments": [_paid(payment) for payment in payments]}
    return _draft(
        DocumentKind.RECEIPT,
        charges,
        _figures(lines, [part for payment in payments for part in _parts(payment)]) | paid,
        causes=[payment.key for payment in payments],
        mail_to=_receivers(payments),
        at=at,
    )


def draft_invoice(  # noqa: PLR0913 - the facts of one document
    debt: int, billed: Billed, recipient: Recipient, *, amount: int, taxed_before: int, at: datetime
) -> Draft:
    """Return the invoice of what a debt's charge still asks for, of which `taxed_before` was paid."""
    parts = parts_of(billed.owed.percent, amount, 0, before=taxed_before)
    to = {"recipient": recipient.as_json(), "pay_link": billed.subject.link, "charged": billed.owed.charged}
    return _draft(
        DocumentKind.INVOICE,
        [billed],
        _figures(billed.owed.lines_for(amount), parts) | to,
        causes=[debt],
        mail_to={recipient.email.lower(): False} if recipient.email else {},
        at=at,
    )


def draft_credit_note(refund: GivenBack, at: datetime) -> Draft:
    """Return the credit note of a refund, which takes back as much of its payment's receipt.

    That of a refund which reverses another, as it never reached the driver, puts as much on again.
    """
    content, back = refund.receipt["content"], refund.taxed_from - refund.taxed_to
    places = {item["charge"]: place for place, item in enumerate(content["items"])}
    item = places.get(refund.taken.billed.key, 0)
    parts = parts_of(percent_of(content, item), -back, back - refund.amount, before=refund.taxed_from)
    label = _("Refund") if refund.amount > 0 else _("Refund that was taken back")
    figures = _correcting(content, refund.amount, label, parts, item)
    return _correction(
        refund.receipt, figures, refund.reason, causes=[refund.key], mail_to=_receivers([refund.taken]), at=at
    )


def draft_invoice_correction(correction: InvoiceCorrection, at: datetime) -> Draft:
    """Return the credit note that takes off an invoice what is not owed of it."""
    invoice, amount = correction.invoice, correction.amount
    content = invoice["content"]
    [rate] = content["taxes"]
    left = rate["before"] + rate["total"] - correction.corrected
    figures = _correcting(content, amount, _("Not owed any more"), [Part(percent_of(content, 0), -amount, left)], 0)
    if correction.cancelled:
        reason = _("The invoice is cancelled.")
    else:
        reason = correction.reason or _("The price was lowered.")
    email = content["recipient"]["email"].lower()
    return _correction(invoice, figures, reason, causes=[], mail_to={email: False} if email else {}, at=at)


def _correction(  # noqa: PLR0913 - the facts of one document
    about: Mapping[str, Any],
    figures: Mapping[str, object],
    reason: str,
    *,
    causes: Sequence[int],
    mail_to: Mapping[str, bool],
    at: datetime,
) -> Draft:
    content = about["content"]
    frame = {name: content[name] for name in ("issuer", "zone", "items")}
    frame |= {"issued": _local(at, content["zone"]), "about": about["number"], "reason": reason}
    frame |= {"recipient": content["recipient"]} if "recipient" in content else {}
    return Draft(
        kind=DocumentKind.CREDIT_NOTE,
        operator=about["operator"],
        lot=about["lot"],
        zone=ZoneInfo(about["operator_timezone"] or content["zone"]),
        currency=about["currency"],
        content=frame | dict(figures),
        causes=causes,
        at=at,
        plate=about["plate"],
        about=about["id"],
        mail_to=mail_to,
    )


def _correcting(
    content: Mapping[str, Any], amount: int, label: str, parts: Sequence[Part], item: int
) -> dict[str, Any]:
    """Return lines, taxes and total of a credit note: the lines of its document when it takes back all of it."""
    if amount == content["total"]:
        return _figures(mirrored(content), parts)
    return _figures([Line(label, part.amount, part.percent, item) for part in parts], parts)


def _draft(  # noqa: PLR0913 - the facts of one document
    kind: DocumentKind,
    charges: Sequence[Billed],
    content: Mapping[str, Any],
    *,
    causes: Sequence[int],
    mail_to: Mapping[str, bool],
    at: datetime,
) -> Draft:
    first = charges[0]
    return Draft(
        kind=kind,
        operator=first.operator["id"],
        lot=first.lot["id"],
        zone=ZoneInfo(first.operator["timezone"] or first.lot["timezone"]),
        currency=first.currency,
        content=_frame(charges, at) | dict(content),
        causes=causes,
        at=at,
        plate=first.subject.plate_normalised if first.subject.holders else "",
        mail_to=mail_to,
    )


def _frame(charges: Sequence[Billed], at: datetime) -> dict[str, Any]:
    lot, operator = charges[0].lot, charges[0].operator
    return {
        "issuer": {
            "name": operator["legal_name"] or operator["name"],
            "address": operator["address"],
            "tax_id": operator["tax_id"],
            "country": country_of(operator["timezone"] or lot["timezone"]),
        },
        "zone": lot["timezone"],
        "issued": _local(at, lot["timezone"]),
        "items": [_item(charge) for charge in charges],
    }


def country_of(zone: str) -> str:
    """Return the two-letter code of the country that a timezone is used in; empty for a zone of none."""
    return str(get_global("zone_territories").get(zone, ""))


def _item(charge: Billed) -> dict[str, Any]:
    lot, subject = charge.lot, charge.subject
    town = f"{lot['postal_code']} {lot['city']}".strip()
    return {
        "charge": charge.key,
        "label": charge.label,
        "lot": lot["name"],
        "lot_address": ", ".join(filter(None, [lot["address"], town])),
        "reference": subject.reference,
        # What nobody is known to own says no plate: it would be kept as long as the books.
        "plate": subject.plate if subject.holders else "",
        "entry": subject.entry,
        "until": subject.until,
        "has_left": subject.has_left,
    }


def _figures(lines: Sequence[Line], parts: Sequence[Part]) -> dict[str, Any]:
    return {
        "lines": [line.as_json() | {"label": translated(line.label)} for line in lines],
        "taxes": taxes_of(parts),
        "total": sum(line.amount for line in lines),
    }


def _untaxed(payments: Sequence[Taken]) -> dict[str, int]:
    rounding, kept = sum(one.rounding for one in payments), sum(one.kept for one in payments)
    amounts = ((_("Cash rounding"), rounding), (_("Change not given"), kept))
    return {label: amount for label, amount in amounts if amount}


def _parts(payment: Taken) -> list[Part]:
    untaxed = payment.rounding + payment.kept
    return parts_of(payment.billed.owed.percent, payment.amount - untaxed, untaxed, before=payment.taxed_before)


def _paid(payment: Taken) -> dict[str, Any]:
    return {
        "method": payment.method,
        "amount": payment.amount,
        "at": _local(payment.at, payment.billed.lot["timezone"]),
        "tendered": payment.tendered,
        "change": payment.change,
    }


def _local(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def _receivers(payments: Sequence[Taken]) -> dict[str, bool]:
    """Return who gets a document, each with whether plate and links are hidden.

    A payer who only typed the number, or an address that an attendant heard, proves nothing.
    """
    hidden: dict[str, bool] = {}
    for payment in payments:
        if payment.email:
            hidden[payment.email] = hidden.get(payment.email, True) and payment.proves_nothing
    return hidden | {address.lower(): False for one in payments for address in one.billed.subject.holders}
