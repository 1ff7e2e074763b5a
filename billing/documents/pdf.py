"""A document as a PDF, on A4 or as wide as a till roll, with the texts of the page and the email."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import grey
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from billing.documents.einvoice import is_einvoice, with_data
from billing.documents.paper import PAGE, ROLL, Paper, logo_of, table_of, text_of
from billing.documents.showing import shown
from billing.documents.type import BOLD, REGULAR
from billing.models import Document
from notifications.attachments import Attachment

PDF = "application/pdf"
ROLL_NAME = "roll"
_QR_SIZE = 24 * mm
_ENDLESS = 5000 * mm


def pdf_of(document: Document, paper: str) -> Attachment:
    """Return the PDF of a document: a till roll when `paper` is `roll`, else A4 with a company's invoice as data."""
    if paper == ROLL_NAME:
        return roll_pdf(shown(document))
    page = page_pdf(shown(document))
    return with_data(document, page) if is_einvoice(document) else page


def page_pdf(document: Mapping[str, Any]) -> Attachment:
    """Return a document, as `billing.documents.showing.shown` says it, as a PDF on A4."""
    return _pdf(document, PAGE)


def roll_pdf(document: Mapping[str, Any]) -> Attachment:
    """Return a document as a PDF for a till roll of 80 mm, as long as it needs."""
    return _pdf(document, ROLL)


def pages_pdf(documents: Sequence[Document], *, title: str, author: str) -> bytes:
    """Return documents in their order as one PDF on A4, each from a page of its own on."""
    stories = [_story(shown(document), PAGE) for document in documents]
    story = [part for one in stories for part in (PageBreak(), *one)]
    return _built(story[1:], PAGE, PAGE.height or _ENDLESS, title=title, author=author)


def _pdf(document: Mapping[str, Any], paper: Paper) -> Attachment:
    height = paper.height or _height_of(document, paper)
    names = {"title": document["title"], "author": document["issuer"]["name"]}
    return Attachment(f"{document['number']}.pdf", _built(_story(document, paper), paper, height, **names), PDF)


def _built(story: list[Flowable], paper: Paper, height: float, *, title: str, author: str) -> bytes:
    file, lang = BytesIO(), get_language() or "en"
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), paper.margin)
    template = SimpleDocTemplate(file, pagesize=(paper.width, height), title=title, author=author, lang=lang, **margins)
    template.build(story)
    return file.getvalue()


def _height_of(document: Mapping[str, Any], paper: Paper) -> float:
    # A frame has a padding of six points on each side.
    heights = [flowable.wrap(paper.inner - 12, _ENDLESS)[1] for flowable in _story(document, paper)]
    return float(sum(heights)) + 2 * paper.margin + 12 + 2 * mm


def _story(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    gap = Spacer(0, 4 * mm)
    parts: list[list[Flowable]] = [
        [*logo_of(document["operator"]), *_issuer(document, paper)],
        _recipient(document, paper),
        _title(document, paper),
        [flowable for item in document["items"] for flowable in _item(item, paper)],
        [_sums(document, paper)],
        _taxes(document, paper),
        [_payments(document, paper)] if document["payments"] else [],
        _foot(document, paper),
    ]
    return [flowable for part in parts if part for flowable in (*part, gap)]


def _issuer(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    issuer = document["issuer"]
    tax_id = _("Tax id %(number)s") % {"number": issuer["tax_id"]} if issuer["tax_id"] else ""
    small = paper.style(0.85, textColor=grey)
    lines = [line for line in (*issuer["address"].splitlines(), tax_id) if line]
    return [text_of(issuer["name"], paper.style(1.1, BOLD)), *(text_of(line, small) for line in lines)]


def _recipient(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    to = document["recipient"]
    if not to:
        return []
    tax_id = _("Tax id %(number)s") % {"number": to["tax_id"]} if to["tax_id"] else ""
    lines = [pgettext("recipient", "To"), to["name"], *to["address"].splitlines(), tax_id]
    return [text_of(line, paper.style()) for line in lines if line]


def _title(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    about = _("Corrects %(number)s") % {"number": document["about"]} if document["about"] else ""
    former = document["former_number"]
    former = _("Formerly receipt %(number)s") % {"number": former} if former else ""
    lines = [line for line in (document["issued"], about, former, document["reason"]) if line]
    return [text_of(document["title"], paper.style(1.5, BOLD)), *(text_of(line, paper.style()) for line in lines)]


def _item(item: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    facts = [
        (_("Ticket"), item["reference"]),
        (_("Plate"), item["plate"]),
        (_("In"), item["entry"]),
        (item["until_label"], item["until"] if item["entry"] else ""),
    ]
    rows = [[text_of(name, paper.style()), text_of(value, paper.style())] for name, value in facts if value]
    place = ", ".join(filter(None, [item["lot"], item["lot_address"]]))
    return [text_of(place, paper.style(0.85, textColor=grey))] + (
        [table_of(rows, [22 * mm, None], paper)] if rows else []
    )


def _sums(document: Mapping[str, Any], paper: Paper) -> Table:
    rows = [_row(line["label"], line["amount"], paper) for line in document["lines"]]
    total = _row(_("Total"), document["total"], paper, scale=1.2, font=BOLD)
    return table_of([*rows, total], [None, paper.amounts], paper, rule_above=len(rows))


def _taxes(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    if not document["taxes"]:
        return []
    head = [_("Tax rate"), _("Net"), _("Tax")]
    rows = [head, *([f"{rate['percent']} %", rate["net"], rate["tax"]] for rate in document["taxes"])]
    small, right = paper.style(0.85, textColor=grey), paper.style(0.85, textColor=grey, alignment=2)
    cells = [[text_of(cell, small if place == 0 else right) for place, cell in enumerate(row)] for row in rows]
    return [table_of(cells, [None, paper.amounts, paper.amounts - 4 * mm], paper)]


def _payments(document: Mapping[str, Any], paper: Paper) -> Table:
    rows = []
    for payment in document["payments"]:
        rows.append(_row(f"{payment['method']}, {payment['at']}", payment["amount"], paper))
        if payment["change"]:
            rows.append(_row(_("Given"), payment["tendered"], paper, scale=0.85, textColor=grey))
            rows.append(_row(pgettext("money", "Change"), payment["change"], paper, scale=0.85, textColor=grey))
    return table_of(rows, [None, paper.amounts], paper)


def _foot(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    foot: list[Flowable] = [text_of(document["signature"], paper.style(0.75))] if document["signature"] else []
    return foot + ([_qr(document["link"])] if document["link"] else [])


def _qr(link: str) -> Drawing:
    code = QrCodeWidget(link, barLevel="M")
    left, bottom, right, top = code.getBounds()
    width, height = right - left, top - bottom
    drawing = Drawing(_QR_SIZE, _QR_SIZE, transform=[_QR_SIZE / width, 0, 0, _QR_SIZE / height, 0, 0])
    drawing.add(code)
    return drawing


def _row(label: str, amount: str, paper: Paper, *, scale: float = 1, **more: Any) -> list[Paragraph]:
    font = more.pop("font", REGULAR)
    return [
        text_of(label, paper.style(scale, font, **more)),
        text_of(amount, paper.style(scale, font, alignment=2, **more)),
    ]
