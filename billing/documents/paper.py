"""The paper of PDFs: its sizes, and texts, tables and logos on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from reportlab.lib.colors import black
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Image, Paragraph, Table

from accounts.models import OperatorLogo
from billing.documents.type import REGULAR, set_in_type


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
_LOGO_HEIGHT = 16 * mm
ROLL = Paper(width=80 * mm, height=None, margin=5 * mm, amounts=26 * mm, size=9)


def logo_of(operator: int) -> list[Flowable]:
    """Return the picture of an operator, if it has one; a query."""
    logo = OperatorLogo.objects.filter(operator=operator).first()
    if logo is None:
        return []
    image = Image(BytesIO(bytes(logo.image)), hAlign="LEFT")
    scale = min(_LOGO_HEIGHT / image.imageHeight, 3 * _LOGO_HEIGHT / image.imageWidth)
    image.drawHeight, image.drawWidth = image.imageHeight * scale, image.imageWidth * scale
    return [image]


def text_of(text: str, style: ParagraphStyle) -> Paragraph:
    """Return a text as a paragraph, in fonts that have its letters."""
    return Paragraph(set_in_type(text, style.fontName), style)


def table_of(
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
