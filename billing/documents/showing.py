"""A document in the words and formats of its readers, for pages, mails and PDFs, from its frozen content alone."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from billing.documents.document_links import document_link
from billing.models import Document, DocumentKind, PaymentMethod
from common.plates import mask
from common.translation import moment_said, money_said

TITLES = {
    DocumentKind.RECEIPT: lambda number: _("Receipt %(number)s") % {"number": number},
    DocumentKind.INVOICE: lambda number: _("Invoice %(number)s") % {"number": number},
    DocumentKind.CREDIT_NOTE: lambda number: _("Credit note %(number)s") % {"number": number},
}


def shown(document: Document, *, hidden: bool = False) -> dict[str, Any]:
    """Return a document as JSON texts in the active language.

    `hidden` masks the plate and leaves the link out, for those who have not proven that it is theirs.
    """
    content = document.content
    return {
        "kind": document.kind,
        "number": document.number,
        "operator": document.operator_id,
        "title": title_of(document),
        "issued": moment(content["issued"]),
        "issued_iso": content["issued"],
        "issuer": content["issuer"],
        "recipient": content.get("recipient"),
        "about": content.get("about", ""),
        "reason": content.get("reason", ""),
        "former_number": content.get("former_number", ""),
        "items": [_item(item, hidden=hidden) for item in content["items"]],
        "lines": [line | {"amount": _money(document, line["amount"])} for line in content["lines"]],
        "total": _money(document, content["total"]),
        "taxes": [_rate(document, rate) for rate in content["taxes"] if rate["tax"] or len(content["taxes"]) > 1],
        "payments": [_payment(document, payment) for payment in content.get("payments", ())],
        "signature": (document.signature or {}).get("text", ""),
        "link": "" if hidden else document_link(document.token),
        "pay_link": "" if hidden else content.get("pay_link", ""),
    }


def title_of(document: Document) -> str:
    """Return what a document is called: `Receipt R-2026-000001`."""
    return TITLES[DocumentKind(document.kind)](document.number)


def moment(iso: str) -> str:
    """Return a local instant in the day and time formats of the active language."""
    if not iso:
        return ""
    return moment_said(datetime.fromisoformat(iso))


def _item(item: dict[str, Any], *, hidden: bool) -> dict[str, Any]:
    return {
        "label": item["label"],
        "lot": item["lot"],
        "lot_address": item["lot_address"],
        "reference": item["reference"],
        "plate": mask(item["plate"]) if hidden else item["plate"],
        "entry": moment(item["entry"]),
        "until": moment(item["until"]),
        "until_label": pgettext("time", "Left") if item["has_left"] else _("Paid at"),
    }


def _rate(document: Document, rate: dict[str, Any]) -> dict[str, str]:
    return {
        "percent": rate["percent"],
        "net": _money(document, rate["net"]),
        "tax": _money(document, rate["tax"]),
        "total": _money(document, rate["total"]),
    }


def _payment(document: Document, payment: dict[str, Any]) -> dict[str, str]:
    change = payment["change"]
    return {
        "method": str(PaymentMethod(payment["method"]).label),
        "amount": _money(document, payment["amount"]),
        "at": moment(payment["at"]),
        "tendered": _money(document, payment["tendered"]) if change else "",
        "change": _money(document, change) if change else "",
    }


def _money(document: Document, amount: int) -> str:
    return money_said(amount, document.currency)
