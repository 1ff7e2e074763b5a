"""The receipt as a PDF as wide as a till roll, with the texts of the page and the email."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.lib.colors import black, grey
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from notifications.attachments import Attachment
from tickets.documents.type import BOLD, REGULAR, set_in_type

WIDTH = 80 * mm
MARGIN = 5 * mm
_LINE_HEIGHT = 6 * mm
_REST_HEIGHT = 110 * mm

_TEXT = ParagraphStyle("text", fontName=REGULAR, fontSize=9, leading=12)
_SMALL = ParagraphStyle("small", parent=_TEXT, fontSize=7.5, leading=10, textColor=grey)
_TITLE = ParagraphStyle("title", parent=_TEXT, fontName=BOLD, fontSize=13, leading=17)
_TOTAL = ParagraphStyle("total", parent=_TEXT, fontName=BOLD, fontSize=11, leading=14)


def receipt_pdf(receipt: Mapping[str, Any]) -> Attachment:
    """Return the PDF of what `tickets.documents.receipts.receipt_of` says."""
    file = BytesIO()
    height = _REST_HEIGHT + _LINE_HEIGHT * (len(receipt["lines"]) + 2 * len(receipt["payments"]))
    title = _("Receipt %(number)s") % {"number": receipt["receipt"]}
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), MARGIN)
    document = SimpleDocTemplate(
        file, pagesize=(WIDTH, height), title=title, author=receipt["operator"], lang=get_language() or "en", **margins
    )
    document.build([_paragraph(title, _TITLE), *_head(receipt), Spacer(0, 4 * mm), *_sums(receipt)])
    return Attachment(f"receipt-{receipt['receipt']}.pdf", file.getvalue(), "application/pdf")


def _head(receipt: Mapping[str, Any]) -> list[Flowable]:
    place = ", ".join(filter(None, [receipt["lot"], receipt["address"]]))
    facts = [
        (_("Ticket"), receipt["ticket"]),
        (_("Plate"), receipt["plate"] or "–"),
        (_("In"), receipt["entry"]),
        (receipt["until_label"], receipt["until"]),
    ]
    return [
        _paragraph(receipt["operator"], _TEXT),
        _paragraph(place, _SMALL),
        Spacer(0, 3 * mm),
        _table([(_paragraph(name, _TEXT), _paragraph(value, _TEXT)) for name, value in facts], 18 * mm),
    ]


def _sums(receipt: Mapping[str, Any]) -> list[Flowable]:
    lines = [_row(line["label"], line["amount"]) for line in receipt["lines"]]
    total = [_row(_("Total"), receipt["total"], _TOTAL)]
    total += [_row(_("of which tax"), receipt["tax"], _SMALL)] if receipt["tax"] else []
    paid = [_row(f"{one['method']}, {one['at']}", one["amount"]) for one in receipt["payments"]]
    paid += [_row(_("Given back"), receipt["refunded"])] if receipt["refunded"] else []
    wide = WIDTH - 2 * MARGIN - 26 * mm
    return [_table(lines + total, wide, rule_above=len(lines)), Spacer(0, 2 * mm), _table(paid, wide)]


def _row(label: str, amount: str, style: ParagraphStyle = _TEXT) -> tuple[Paragraph, Paragraph]:
    right = ParagraphStyle("right", parent=style, alignment=2)
    return _paragraph(label, style), _paragraph(amount, right)


def _paragraph(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(set_in_type(text, style.fontName), style)


def _table(rows: list[tuple[Paragraph, Paragraph]], first: float, *, rule_above: int | None = None) -> Table:
    style: list[tuple[Any, ...]] = [("VALIGN", (0, 0), (-1, -1), "TOP")]
    style += [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT")]
    style += [(f"{side}PADDING", (0, 0), (-1, -1), 1) for side in ("TOP", "BOTTOM")]
    style += [("LINEABOVE", (0, rule_above), (-1, rule_above), 0.5, black)] if rule_above is not None else []
    return Table(rows, colWidths=[first, WIDTH - 2 * MARGIN - first], style=style)
