"""A document as a PDF, on A4 or as wide as a till roll, with the texts of the page and the email."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import black, grey
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Image, Paragraph, SimpleDocTemplate, Spacer, Table

from accounts.models import OperatorLogo
from billing.documents.einvoice import is_einvoice, with_data
from billing.documents.showing import shown
from billing.documents.type import BOLD, REGULAR, set_in_type
from billing.models import Document
from notifications.attachments import Attachment

PDF = "application/pdf"
ROLL_NAME = "roll"
_QR_SIZE = 24 * mm
_ENDLESS = 5000 * mm
_LOGO_HEIGHT = 16 * mm


@dataclass(frozen=True, slots=True)
class Paper:
    """A width with its margins and type; `height` is None for a roll, which is cut where the text ends."""

    width: float
    height: float | None
    margin: float
    amounts: float
    size: float

    @property
    def inner(self) -> float:
        """Return the width between the margins."""
        return self.width - 2 * self.margin

    def style(self, scale: float = 1, font: str = REGULAR, **more: Any) -> ParagraphStyle:
        """Return a paragraph's style at a multiple of the paper's type size."""
        size = self.size * scale
        return ParagraphStyle("text", fontName=font, fontSize=size, leading=size * 1.35, **more)


PAGE = Paper(width=A4[0], height=A4[1], margin=20 * mm, amounts=34 * mm, size=10)
ROLL = Paper(width=80 * mm, height=None, margin=5 * mm, amounts=26 * mm, size=9)


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


def _pdf(document: Mapping[str, Any], paper: Paper) -> Attachment:
    file = BytesIO()
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), paper.margin)
    template = SimpleDocTemplate(
        file,
        pagesize=(paper.width, paper.height or _height_of(document, paper)),
        title=document["title"],
        author=document["issuer"]["name"],
        lang=get_language() or "en",
        **margins,
    )
    template.build(_story(document, paper))
    return Attachment(f"{document['number']}.pdf", file.getvalue(), PDF)


def _height_of(document: Mapping[str, Any], paper: Paper) -> float:
    # A frame has a padding of six points on each side.
    heights = [flowable.wrap(paper.inner - 12, _ENDLESS)[1] for flowable in _story(document, paper)]
    return float(sum(heights)) + 2 * paper.margin + 12 + 2 * mm


def _story(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    gap = Spacer(0, 4 * mm)
    parts: list[list[Flowable]] = [
        [*_logo(document["operator"]), *_issuer(document, paper)],
        _recipient(document, paper),
        _title(document, paper),
        [flowable for item in document["items"] for flowable in _item(item, paper)],
        [_sums(document, paper)],
        _taxes(document, paper),
        [_payments(document, paper)] if document["payments"] else [],
        _foot(document, paper),
    ]
    return [flowable for part in parts if part for flowable in (*part, gap)]


def _logo(operator: int) -> list[Flowable]:
    logo = OperatorLogo.objects.filter(operator=operator).first()
    if logo is None:
        return []
    image = Image(BytesIO(bytes(logo.image)), hAlign="LEFT")
    scale = min(_LOGO_HEIGHT / image.imageHeight, 3 * _LOGO_HEIGHT / image.imageWidth)
    image.drawHeight, image.drawWidth = image.imageHeight * scale, image.imageWidth * scale
    return [image]


def _issuer(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    issuer = document["issuer"]
    tax_id = _("Tax id %(number)s") % {"number": issuer["tax_id"]} if issuer["tax_id"] else ""
    small = paper.style(0.85, textColor=grey)
    lines = [line for line in (*issuer["address"].splitlines(), tax_id) if line]
    return [_text(issuer["name"], paper.style(1.1, BOLD)), *(_text(line, small) for line in lines)]


def _recipient(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    to = document["recipient"]
    if not to:
        return []
    tax_id = _("Tax id %(number)s") % {"number": to["tax_id"]} if to["tax_id"] else ""
    lines = [pgettext("recipient", "To"), to["name"], *to["address"].splitlines(), tax_id]
    return [_text(line, paper.style()) for line in lines if line]


def _title(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    about = _("Corrects %(number)s") % {"number": document["about"]} if document["about"] else ""
    former = document["former_number"]
    former = _("Formerly receipt %(number)s") % {"number": former} if former else ""
    lines = [line for line in (document["issued"], about, former, document["reason"]) if line]
    return [_text(document["title"], paper.style(1.5, BOLD)), *(_text(line, paper.style()) for line in lines)]


def _item(item: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    facts = [
        (_("Ticket"), item["reference"]),
        (_("Plate"), item["plate"]),
        (_("In"), item["entry"]),
        (item["until_label"], item["until"] if item["entry"] else ""),
    ]
    rows = [[_text(name, paper.style()), _text(value, paper.style())] for name, value in facts if value]
    place = ", ".join(filter(None, [item["lot"], item["lot_address"]]))
    return [_text(place, paper.style(0.85, textColor=grey))] + ([_table(rows, [22 * mm, None], paper)] if rows else [])


def _sums(document: Mapping[str, Any], paper: Paper) -> Table:
    rows = [_row(line["label"], line["amount"], paper) for line in document["lines"]]
    total = _row(_("Total"), document["total"], paper, scale=1.2, font=BOLD)
    return _table([*rows, total], [None, paper.amounts], paper, rule_above=len(rows))


def _taxes(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    if not document["taxes"]:
        return []
    head = [_("Tax rate"), _("Net"), _("Tax")]
    rows = [head, *([f"{rate['percent']} %", rate["net"], rate["tax"]] for rate in document["taxes"])]
    small, right = paper.style(0.85, textColor=grey), paper.style(0.85, textColor=grey, alignment=2)
    cells = [[_text(cell, small if place == 0 else right) for place, cell in enumerate(row)] for row in rows]
    return [_table(cells, [None, paper.amounts, paper.amounts - 4 * mm], paper)]


def _payments(document: Mapping[str, Any], paper: Paper) -> Table:
    rows = []
    for payment in document["payments"]:
        rows.append(_row(f"{payment['method']}, {payment['at']}", payment["amount"], paper))
        if payment["change"]:
            rows.append(_row(_("Given"), payment["tendered"], paper, scale=0.85, textColor=grey))
            rows.append(_row(pgettext("money", "Change"), payment["change"], paper, scale=0.85, textColor=grey))
    return _table(rows, [None, paper.amounts], paper)


def _foot(document: Mapping[str, Any], paper: Paper) -> list[Flowable]:
    foot: list[Flowable] = [_text(document["signature"], paper.style(0.75))] if document["signature"] else []
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
        _text(label, paper.style(scale, font, **more)),
        _text(amount, paper.style(scale, font, alignment=2, **more)),
    ]


def _text(text: str, style: ParagraphStyle) -> Paragraph:
    return Paragraph(set_in_type(text, style.fontName), style)


def _table(
    rows: Sequence[Sequence[Paragraph]], widths: Sequence[float | None], paper: Paper, *, rule_above: int | None = None
) -> Table:
    """Return a table as wide as the paper allows; the column without a width takes what is left."""
    left = paper.inner - 12 - sum(width or 0 for width in widths)
    style: list[tuple[Any, ...]] = [("VALIGN", (0, 0), (-1, -1), "TOP")]
    style += [(f"{side}PADDING", (0, 0), (-1, -1), 0) for side in ("LEFT", "RIGHT")]
    style += [(f"{side}PADDING", (0, 0), (-1, -1), 1) for side in ("TOP", "BOTTOM")]
    style += [("LINEABOVE", (0, rule_above), (-1, rule_above), 0.5, black)] if rule_above is not None else []
    columns = [width if width is not None else left for width in widths]
    return Table([list(row) for row in rows], colWidths=columns, style=style, hAlign="LEFT")
