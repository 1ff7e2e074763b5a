"""The receipt as a PDF: every letter of any plate, name and currency is drawn, in the order in which it is read."""

from io import BytesIO
from unicodedata import normalize

import pytest
from pypdf import PdfReader
from reportlab.pdfbase.ttfonts import TTFont

from tickets.documents.pdf import receipt_pdf
from tickets.documents.type import REGULAR, set_in_type

RECEIPT = {
    "operator": "Central & Sons <Ltd>",
    "lot": "Central",
    "address": "1 Main St",
    "receipt": "000001",
    "ticket": "PS-7K3M9QX244",
    "plate": "ZH 123456",
    "entry": "02.03.2026 08:15",
    "until_label": "Paid at",
    "until": "02.03.2026 10:45",
    "lines": [{"label": "Hourly: 08:15–11:15 · 3 × 60 min", "amount": "CHF\xa09.00"}],
    "total": "CHF\xa09.00",
    "tax": "CHF\xa00.67",
    "payments": [{"method": "Card", "amount": "CHF\xa09.00", "at": "02.03.2026 10:45"}],
    "refunded": "-CHF\xa01.00",
}
TEXTS = [
    "Паркинг Київ ЁЇЄЉЂ",
    "Στάθμευση ΑΒΕΖ",
    "กข 1234 กรุงเทพ",
    "أ ب ج ١٢٣٤ پچگ",
    "שלום אבג",
    "京A·12345 粤B 무선 서울 東京 さくら カ",
    "Łódź İstanbul Škoda Đà Nẵng",
    "₩ € £ ¥ ₽ ₺ ₹ ₪ ₫ ฿ ₴ ₸ ₱ ₦",
    "non\u202fbreaking\xa0spaces – “quotes” … →",
]


@pytest.fixture
def drawn(monkeypatch):
    """Collect what is drawn in which font."""
    seen = []
    split = TTFont.splitString

    def collect(font, text, doc, encoding="utf-8"):
        seen.append((font.face, text))
        return split(font, text, doc, encoding)

    monkeypatch.setattr(TTFont, "splitString", collect)
    return seen


def text_of(pdf):
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)


@pytest.mark.parametrize("text", TEXTS)
def test_no_letter_is_drawn_as_a_box(text, drawn):
    receipt_pdf(RECEIPT | {"operator": text, "plate": text, "lines": [{"label": text, "amount": text}]})

    assert drawn
    missing = {letter for face, drawn_text in drawn for letter in drawn_text if not face.charToGlyph.get(ord(letter))}
    assert missing == set()
    shown = set(normalize("NFKC", "".join(drawn_text for _, drawn_text in drawn)))
    assert {letter for letter in normalize("NFKC", text) if not letter.isspace()} - shown == set()
    assert "\u25a1" not in shown


@pytest.mark.parametrize("text", ["Паркинг Київ", "Στάθμευση", "กข 1234", "京A·12345", "서울 주차장", "₩12,000"])
def test_what_is_drawn_can_be_read_and_copied(text):
    assert text in text_of(receipt_pdf(RECEIPT | {"plate": text}))


def test_a_receipt_says_what_was_paid_and_given_back():
    said = text_of(receipt_pdf(RECEIPT)).replace("\xa0", " ")

    for text in ("Receipt 000001", "Central & Sons <Ltd>", "PS-7K3M9QX244", "CHF 9.00", "CHF 0.67", "-CHF 1.00"):
        assert text in said


def test_arabic_is_joined_and_runs_from_right_to_left():
    assert set_in_type("سلام", REGULAR) == "\ufee1\ufefc\ufeb3".replace("\ufee1", "م")
    assert set_in_type("أ ب ١٢", REGULAR) == "١٢ ب أ"
    assert set_in_type("א1", REGULAR) == "1א"


def test_what_no_font_has_is_seen_to_be_missing():
    assert set_in_type("a\U00012000b\u0007", REGULAR) == 'a<font name="MicroHei">□</font>b'
