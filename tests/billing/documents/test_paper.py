"""A document as a PDF: every letter of any plate, name and currency is drawn, in the order in which it is read."""

from io import BytesIO
from unicodedata import normalize

import pytest
from PIL import Image
from pypdf import PdfReader
from reportlab.lib.units import mm
from reportlab.pdfbase.ttfonts import TTFont

from accounts.models import OperatorLogo
from billing.documents.pdf import page_pdf, roll_pdf
from billing.documents.type import REGULAR, set_in_type
from tests.factories import make_operator

pytestmark = pytest.mark.django_db

RECEIPT = {
    "kind": "R",
    "number": "R-2026-000001",
    "operator": 0,
    "title": "Receipt R-2026-000001",
    "issued": "2 Mar 2026 10:45",
    "issuer": {"name": "Central & Sons <Ltd>", "address": "1 Main St\n8001 Zürich", "tax_id": "CHE-123.456.789"},
    "recipient": None,
    "about": "",
    "reason": "",
    "former_number": "",
    "items": [
        {
            "label": "Stay",
            "lot": "Central",
            "lot_address": "1 Main St",
            "reference": "PS-7K3M9QX244",
            "plate": "ZH 123456",
            "entry": "2 Mar 2026 08:15",
            "until_label": "Paid at",
            "until": "2 Mar 2026 10:45",
        }
    ],
    "lines": [{"label": "Hourly: 08:15–11:15 · 3 × 60 min", "amount": "CHF\xa09.00"}],
    "total": "CHF\xa09.00",
    "taxes": [{"percent": "8.1", "net": "CHF\xa08.33", "tax": "CHF\xa00.67", "total": "CHF\xa09.00"}],
    "payments": [
        {
            "method": "Cash",
            "amount": "CHF\xa09.00",
            "at": "2 Mar 2026 10:45",
            "tendered": "CHF\xa010.00",
            "change": "CHF\xa01.00",
        }
    ],
    "signature": "",
    "link": "https://park.example/d/AAAAAAAAAAAAAAAAAAAAAA/",
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


def written(text):
    """A document that has a text in all places where a text may come from people."""
    issuer, [item] = RECEIPT["issuer"] | {"name": text}, RECEIPT["items"]
    lines = [{"label": text, "amount": text}]
    return RECEIPT | {"issuer": issuer, "items": [item | {"plate": text}], "lines": lines}


def text_of(pdf):
    return "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.content)).pages)


@pytest.mark.parametrize("text", TEXTS)
def test_no_letter_is_drawn_as_a_box(text, drawn):
    page_pdf(written(text))

    assert drawn
    missing = {letter for face, drawn_text in drawn for letter in drawn_text if not face.charToGlyph.get(ord(letter))}
    assert missing == set()
    shown = set(normalize("NFKC", "".join(drawn_text for _, drawn_text in drawn)))
    assert {letter for letter in normalize("NFKC", text) if not letter.isspace()} - shown == set()
    assert "\u25a1" not in shown


@pytest.mark.parametrize("text", ["Паркинг Київ", "Στάθμευση", "กข 1234", "京A·12345", "서울 주차장", "₩12,000"])
def test_what_is_drawn_can_be_read_and_copied(text):
    for made in (page_pdf, roll_pdf):
        assert text in text_of(made(written(text)))


@pytest.mark.parametrize("made", [page_pdf, roll_pdf])
def test_a_document_says_everything(made):
    said = text_of(made(RECEIPT)).replace("\xa0", " ")

    for text in (
        *("Receipt R-2026-000001", "Central & Sons <Ltd>", "CHE-123.456.789", "PS-7K3M9QX244", "CHF 9.00", "8.1 %"),
        *("CHF 8.33", "CHF 0.67", "CHF 10.00", "CHF 1.00"),
    ):
        assert text in said


def test_a_roll_is_80_mm_wide_and_one_page_however_much_is_on_it():
    lines = [{"label": f"Line {number}", "amount": "CHF\xa01.00"} for number in range(200)]

    pages = PdfReader(BytesIO(roll_pdf(RECEIPT | {"lines": lines}).content)).pages

    assert len(pages) == 1
    assert float(pages[0].mediabox.width) == pytest.approx(80 * mm)


def test_a_long_document_on_a4_goes_on_over_pages():
    lines = [{"label": f"Line {number}", "amount": "CHF\xa01.00"} for number in range(200)]

    assert len(PdfReader(BytesIO(page_pdf(RECEIPT | {"lines": lines}).content)).pages) > 2


def test_the_operators_logo_is_on_it():
    operator = make_operator()
    image = BytesIO()
    Image.new("RGB", (40, 20), "navy").save(image, "PNG")
    OperatorLogo.objects.create(operator=operator, image=image.getvalue(), media_type="image/png")

    [page] = PdfReader(BytesIO(page_pdf(RECEIPT | {"operator": operator.pk}).content)).pages

    assert len(page.images) == 1


def test_arabic_is_joined_and_runs_from_right_to_left():
    assert set_in_type("سلام", REGULAR) == "\ufee1\ufefc\ufeb3".replace("\ufee1", "م")
    assert set_in_type("أ ب ١٢", REGULAR) == "١٢ ب أ"
    assert set_in_type("א1", REGULAR) == "1א"


def test_what_no_font_has_is_seen_to_be_missing():
    assert set_in_type("a\U00012000b\u0007", REGULAR) == 'a<font name="MicroHei">□</font>b'
