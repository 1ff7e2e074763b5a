"""Fonts of PDFs from packages, and text in visual order and joined forms.

FiraGO has Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Devanagari and Georgian; Noto Sans has rarer letters of the
first three and signs of currencies; WenQuanYi Micro Hei has Chinese, Japanese and Korean. NOTICE names their licences.
Each character is drawn by the first font that has it.
"""

from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from itertools import groupby
from unicodedata import bidirectional, normalize
from xml.sax.saxutils import escape

from arabic_reshaper import ArabicReshaper
from bidi import get_display
from pymupdf_fonts import FiraGO_Bold, FiraGO_Regular, NotoSans_Regular
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR, BOLD = "FiraGO", "FiraGO-Bold"
_FURTHER = ("NotoSans", "MicroHei")
_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_UNKNOWN = "\u25a1"
"""Drawn for a character that no font has, so that readers see that something is missing."""


def set_in_type(text: str, font: str) -> str:
    """Return text as the markup of a paragraph in `font` (REGULAR or BOLD), each run in a font that has its letters.

    Arabic is joined and right-to-left text is put in its visual order; it must fit on one line.
    """
    if any(bidirectional(character) in _RIGHT_TO_LEFT for character in text):
        text = str(get_display(_reshaper().reshape(text)))
    drawn = [pair for character in text for pair in _drawable(character, font)]
    runs = groupby(drawn, key=lambda pair: pair[1])
    return "".join(_run("".join(character for character, _ in run), name, font) for name, run in runs)


def _run(text: str, name: str, font: str) -> str:
    return escape(text) if name == font else f'<font name="{name}">{escape(text)}</font>'


@lru_cache(maxsize=4096)
def _drawable(character: str, font: str) -> tuple[tuple[str, str], ...]:
    """Return the characters that draw one, each with its font."""
    for name in (font, *_FURTHER):
        if _has(name, character):
            return ((character, name),)
    # A presentation form, a wide letter or a ligature: draw its plain letters, if any.
    composed = normalize("NFKC", character)
    plain = composed if composed != character else normalize("NFKD", character)
    if plain != character:
        return tuple(pair for one in plain for pair in _drawable(one, font))
    if character.isspace():
        return ((" ", font),)
    return _drawable(_UNKNOWN, font) if character.isprintable() and character != _UNKNOWN else ()


def _has(name: str, character: str) -> bool:
    return bool(_fonts()[name].face.charToGlyph.get(ord(character)))


@lru_cache(maxsize=1)
def _fonts() -> dict[str, TTFont]:
    """Register the fonts and return them; a process reads them once, for its first PDF."""
    micro_hei = files("paperang_p2_fonts_cjk") / "fonts" / "wqy-microhei.ttc"
    fonts = {
        REGULAR: TTFont(REGULAR, BytesIO(FiraGO_Regular.fontbuffer)),
        BOLD: TTFont(BOLD, BytesIO(FiraGO_Bold.fontbuffer)),
        _FURTHER[0]: TTFont(_FURTHER[0], BytesIO(NotoSans_Regular.fontbuffer)),
        _FURTHER[1]: TTFont(_FURTHER[1], BytesIO(micro_hei.read_bytes()), subfontIndex=0),
    }
    for font in fonts.values():
        pdfmetrics.registerFont(font)
    return fonts


@lru_cache(maxsize=1)
def _reshaper() -> ArabicReshaper:
    return ArabicReshaper({"delete_harakat": False, "support_ligatures": True})
