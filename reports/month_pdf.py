"""What the PDFs of months are built from: pages with numbers, headings, tables, bars and heat maps.

Every chart has its numbers beside it or in it, and is told apart by how dark it is, so that it can be read in grey.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from reportlab.graphics.shapes import Drawing, Rect
from reportlab.lib.colors import Color, HexColor, black, grey, white
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from billing.documents.paper import PAGE, table_of, text_of
from billing.documents.type import BOLD, REGULAR, set_in_type

GAP = Spacer(0, 5 * mm)
LONGEST_CELL = 60
_ACCENT = HexColor(0x0A58A6)
_RULE, _GROUND = HexColor(0xC8CDD3), HexColor(0xEEF1F5)
_WIDTH = PAGE.inner - 12
_SMALL = 0.85
_BAR_WIDTH, _BAR_HEIGHT = 56 * mm, 3 * mm
_HEAT_LABEL = 13 * mm
_DARK = 0.62
"""From which darkness on a cell of a heat map has white figures."""


@dataclass(frozen=True, slots=True)
class PaperBar:
    """One line of a chart: its name, how long it is, and its figures in the columns beside it."""

    name: str
    value: float
    cells: tuple[str, ...]


def pages_of(title: str, author: str, story: Sequence[Flowable]) -> bytes:
    """Return a PDF on A4 whose pages have their number and title at the foot."""
    file = BytesIO()
    margins: dict[str, Any] = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), PAGE.margin)
    language = get_language() or "en"
    template = SimpleDocTemplate(
        file, pagesize=(PAGE.width, PAGE.height), title=title, author=author, lang=language, **margins
    )

    def number(canvas: Canvas, document: Any) -> None:
        canvas.saveState()
        foot = text_of(
            _("%(title)s, page %(number)s") % {"title": shortened(title), "number": document.page},
            PAGE.style(0.75, textColor=grey, alignment=2),
        )
        foot.wrapOn(canvas, _WIDTH, PAGE.margin)
        foot.drawOn(canvas, PAGE.margin + 6, 10 * mm)
        canvas.restoreState()

    template.build(list(story), onFirstPage=number, onLaterPages=number)
    return file.getvalue()


def head_of(sender: str, title: str, lines: Sequence[str]) -> list[Flowable]:
    """Return the head of a report: who sends it, its title, and what it covers."""
    return [
        text_of(shortened(sender), PAGE.style(1.1, BOLD)),
        GAP,
        text_of(title, PAGE.style(1.5, BOLD)),
        *(text_of(line, PAGE.style(textColor=grey)) for line in lines),
        GAP,
    ]


def section(title: str, *content: Flowable, note: str = "") -> list[Flowable]:
    """Return a part of a report under its heading, which stays with what it is about."""
    said = [text_of(note, PAGE.style(_SMALL, textColor=grey))] if note else []
    return [CondPageBreak(40 * mm), text_of(title, PAGE.style(1.15, BOLD)), *said, Spacer(0, 1.5 * mm), *content, GAP]


def nothing(text: str) -> Flowable:
    """Return the words for a part without anything in it."""
    return text_of(text, PAGE.style(textColor=grey))


def facts_of(facts: Sequence[tuple[str, str]]) -> Table:
    """Return facts with their labels, one a line."""
    rows = [[text_of(label, PAGE.style(textColor=grey)), text_of(value, PAGE.style(1, BOLD))] for label, value in facts]
    return table_of(rows, [52 * mm, None], PAGE)


def figures_of(
    head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *, words: int = 1, totals: int = 0
) -> Table:
    """Return a table whose first `words` columns are texts and all others figures; the last `totals` rows are sums.

    Its head is repeated on each page. Widths are in mm; the first column takes what is left.
    """
    columns = [_WIDTH - sum(width * mm for width in widths), *(width * mm for width in widths)]
    cells: list[list[Any]] = [[_head(cell, columns[place], place >= words) for place, cell in enumerate(head)]]
    cells += [[_cell(cell, place >= words) for place, cell in enumerate(row)] for row in rows]
    style = [*_plain(), ("LINEBELOW", (0, 0), (-1, 0), 0.6, black), ("ALIGN", (words, 0), (-1, -1), "RIGHT")]
    style += [("LINEBELOW", (0, 1), (-1, -1 - totals), 0.25, _RULE)] if len(cells) > 1 + totals else []
    if totals:
        style += [("LINEABOVE", (0, -totals), (-1, -totals), 0.6, black), ("FONT", (0, -totals), (-1, -1), BOLD)]
    return Table(cells, colWidths=columns, style=style, repeatRows=1, hAlign="LEFT")


def bars_of(
    head: Sequence[str], bars: Sequence[PaperBar], widths: Sequence[float], *, full: float | None = None
) -> Table:
    """Return bars with their names before and their figures after them; one of `full`, else the longest, is whole."""
    most = max((bar.value for bar in bars), default=0) if full is None else full
    columns = [_WIDTH - _BAR_WIDTH - 4 * mm - sum(width * mm for width in widths), _BAR_WIDTH + 4 * mm]
    columns += [width * mm for width in widths]
    cells: list[list[Any]] = [
        [_head(head[0], columns[0], False), "", *map(partial(_head, is_figure=True), head[1:], columns[2:])]
    ]
    cells += [[_cell(bar.name, False), _bar(bar.value, most), *(_cell(one, True) for one in bar.cells)] for bar in bars]
    style = [*_plain(), ("LINEBELOW", (0, 0), (-1, 0), 0.6, black), ("ALIGN", (2, 0), (-1, -1), "RIGHT")]
    style += [("VALIGN", (1, 1), (1, -1), "MIDDLE")]
    return Table(cells, colWidths=columns, style=style, repeatRows=1, hAlign="LEFT")


def heat_of(rows: Sequence[str], columns: Sequence[str], shares: Sequence[Sequence[float | None]]) -> Table:
    """Return a heat map of shares from 0 to 1 with the percentage in each cell; None is a dash."""
    width = (_WIDTH - _HEAT_LABEL) / len(columns)
    cells = [[name, *map(_percent, line)] for name, line in zip(rows, shares, strict=True)]
    style: list[tuple[Any, ...]] = [
        *_plain(),
        ("FONTSIZE", (0, 0), (-1, -1), 7),
        ("ALIGN", (1, 0), (-1, -1), "CENTER"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("INNERGRID", (1, 1), (-1, -1), 0.5, white),
    ]
    for down, line in enumerate(shares, 1):
        for across, share in enumerate(line, 1):
            place = (across, down)
            style += [("BACKGROUND", place, place, _shade(share or 0))]
            style += [("TEXTCOLOR", place, place, white)] if (share or 0) >= _DARK else []
    return Table(
        [["", *columns], *cells],
        colWidths=[_HEAT_LABEL, *[width] * len(columns)],
        style=style,
        hAlign="LEFT",
        rowHeights=16,
    )


def shortened(text: str) -> str:
    """Return a text on one line, cut where it is longer than a cell."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_CELL else f"{line[: LONGEST_CELL - 1]}…"


def _plain() -> list[tuple[Any, ...]]:
    size = PAGE.size * _SMALL
    style: list[tuple[Any, ...]] = [("FONT", (0, 0), (-1, -1), REGULAR, size, size * 1.35)]
    style += [("VALIGN", (0, 0), (-1, -1), "TOP")]
    style += [(f"{side}PADDING", (0, 0), (-1, -1), 2) for side in ("LEFT", "RIGHT", "TOP", "BOTTOM")]
    return style


def _head(text: str, width: float, is_figure: bool) -> Paragraph:  # noqa: FBT001 - whether the column has figures
    """Return the head of a column, so small that its longest word fits."""
    set_in_type(text, REGULAR)  # loads the fonts
    longest = max((stringWidth(word, REGULAR, PAGE.size * _SMALL) for word in text.split()), default=0)
    scale = _SMALL * min(1, (width - 4) / longest) if longest else _SMALL
    return text_of(text, PAGE.style(scale, textColor=grey, alignment=2 if is_figure else 0))


def _cell(text: str, is_figure: bool) -> str | Paragraph:  # noqa: FBT001 - whether the column has figures
    """Return figures as they are, which is quick, and all else as a paragraph, which wraps and has every letter."""
    if is_figure and set_in_type(text, REGULAR) == escape(text):
        return text
    return text_of(shortened(text), PAGE.style(_SMALL, alignment=2 if is_figure else 0))


def _bar(value: float, most: float) -> Drawing:
    length = _BAR_WIDTH * min(max(value, 0) / most, 1) if most > 0 else 0
    drawing = Drawing(_BAR_WIDTH, _BAR_HEIGHT)
    for width, colour in ((_BAR_WIDTH, _GROUND), (length, _ACCENT)):
        part = Rect(0, 0, width, _BAR_HEIGHT)
        part.fillColor, part.strokeColor = colour, None
        drawing.add(part)
    return drawing


def _percent(share: float | None) -> str:
    return "–" if share is None else str(round(100 * share))


def _shade(share: float) -> Color:
    """Return white for nothing, and darker the more a share is."""
    part = min(max(share, 0), 1)
    return Color(*(1 - part * (1 - channel) for channel in (0.04, 0.2, 0.42)))
