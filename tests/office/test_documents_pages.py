"""Documents in the office and for drivers: found, printed, sent again; nobody sees another's."""

import datetime as dt
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now
from PIL import Image
from pypdf import PdfReader

from accounts.models import OperatorLogo
from billing.documents.issuing import document_charge, issue_receipts
from billing.models import Debt, Document
from billing.services import record_debt, refund_payment, take_payment
from notifications.models import Message
from tests.factories import make_charge, make_lot, make_proof, make_ticket, make_user
from tickets.models import Ticket
from tickets.services import assess_ticket

pytestmark = pytest.mark.django_db


class Site:
    """A paid and refunded stay at one operator, another operator's receipt, and people of both."""

    def __init__(self) -> None:
        self.lot, other = make_lot(), make_lot()
        self.ticket = make_ticket(self.lot, "ZH 123456", entry_at=now() - dt.timedelta(hours=2, minutes=30))
        charge = assess_ticket(ticket=self.ticket, at=now())
        payment = take_payment(charge=charge, method="terminal", amount=None, idempotency_key="k", at=now())
        refund_payment(payment=payment, amount=200, reason="x", idempotency_key="r", at=now(), goodwill=True)
        self.receipt, self.note = document_charge(charge, at=now())
        foreign = make_charge(other, 900)
        paid = take_payment(charge=foreign, method="terminal", amount=None, idempotency_key="f", at=now())
        [self.foreign] = issue_receipts([paid], at=now())
        self.admin = self.log_in(make_user("admin", self.lot.operator))
        self.attendant = self.log_in(make_user("attendant", self.lot.operator))
        self.driver = make_user()

    def log_in(self, person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    def found(self, query: str) -> list[str]:
        page = self.admin.get(f"/manage/documents/{query}").context["page"]
        return [row.number for row in page]


@pytest.fixture
def site():
    return Site()


def test_documents_are_found_by_number_plate_amount_kind_and_day(site):
    receipt, note = site.receipt.number, site.note.number
    today = dt.date.fromisoformat(site.receipt.content["issued"][:10])

    assert site.found("") == [note, receipt]
    assert site.found(f"?q={receipt.lower()}") == [receipt]
    assert site.found("?q=zh+12-3456") == []  # it is nobody's, so its documents say no plate
    assert site.found("?amount=9.00") == [receipt]
    assert site.found("?amount=2") == [note]
    assert site.found("?kind=C") == [note]
    assert site.found(f"?from={today}&to={today}") == [note, receipt]
    assert site.found(f"?to={today - dt.timedelta(days=1)}") == []
    assert site.found("?q=none&amount=x") == []
    assert site.admin.get("/manage/documents/?from=never").status_code == 422
    known = make_ticket(site.lot, "BE 1-7", entry_at=now() - dt.timedelta(hours=2))
    make_proof(known, site.driver)
    charge = assess_ticket(ticket=known, at=now())
    take_payment(charge=charge, method="terminal", amount=None, idempotency_key="known", at=now())
    [proven] = document_charge(charge, at=now())
    assert site.found("?q=be+17") == [proven.number]


def test_an_attendant_prints_again_and_sends_nothing(site):
    page = site.attendant.get(f"/manage/documents/{site.receipt.pk}/").content.decode()
    pdf = site.attendant.get(f"/manage/documents/{site.receipt.pk}/pdf/?paper=roll")

    assert site.receipt.number in page
    assert "Send again" not in page
    assert pdf["Content-Type"] == "application/pdf"
    assert len(PdfReader(BytesIO(pdf.content)).pages) == 1
    assert site.attendant.post(f"/manage/documents/{site.receipt.pk}/send/").status_code == 403


@pytest.mark.parametrize("path", ["", "pdf/"])
def test_nobody_sees_another_operators_documents(site, path):
    for client in (site.admin, site.attendant):
        assert client.get(f"/manage/documents/{site.foreign.pk}/{path}").status_code == 404


def test_an_admin_sends_a_document_once_a_form(site):
    form = {"email": "ada@example.com", "key": str(uuid4())}
    for _ in range(2):
        site.admin.post(f"/manage/documents/{site.receipt.pk}/send/", form)

    message = Message.objects.get()
    assert (message.recipient, message.context["title"]) == ("ada@example.com", f"Receipt {site.receipt.number}")
    assert site.admin.post(f"/manage/documents/{site.receipt.pk}/send/", form | {"email": "x"}).status_code == 422


def test_the_public_page_is_for_who_has_the_token_and_for_no_search_engine(site):
    answer = Client().get(f"/d/{site.receipt.token}/")

    assert site.receipt.number in answer.content.decode()
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert Client().get(f"/d/{site.receipt.token}/pdf/").content.startswith(b"%PDF-")
    for forged in (site.receipt.token[:-1] + "!", site.receipt.token.swapcase(), site.receipt.number, "x"):
        assert Client().get(f"/d/{forged}/").status_code == 404


def test_a_driver_sees_the_documents_of_their_own_stays_only(site):
    client = site.log_in(site.driver)
    assert site.receipt.number not in client.get("/me/documents/").content.decode()

    make_proof(site.ticket, site.driver)
    page = client.get("/me/documents/").content.decode()

    assert site.receipt.number in page
    assert site.note.number in page
    assert client.get("/manage/documents/").status_code == 403


def test_what_stands_on_documents_is_set_by_an_admin(site):
    slug = site.lot.operator.slug
    picture = BytesIO()
    Image.new("RGB", (40, 20), "navy").save(picture, "PNG")
    form = {"operator": slug, f"{slug}-legal_name": "Acme AG", f"{slug}-address": "1 St", f"{slug}-tax_id": "CHE-1"}

    saved = site.admin.post(
        "/manage/company/", form | {f"{slug}-logo": SimpleUploadedFile("a.png", picture.getvalue())}
    )
    refused = site.admin.post("/manage/company/", form | {f"{slug}-logo": SimpleUploadedFile("a.png", b"<svg>")})

    site.lot.operator.refresh_from_db()
    assert (saved.status_code, refused.status_code) == (302, 422)
    assert (site.lot.operator.legal_name, site.lot.operator.tax_id) == ("Acme AG", "CHE-1")
    assert OperatorLogo.objects.get().media_type == "image/png"
    site.admin.post("/manage/company/", form | {f"{slug}-no_logo": "on"})
    assert not OperatorLogo.objects.exists()


def test_a_debt_is_invoiced_to_a_company_once(site):
    charge = make_charge(site.lot, 900)
    debt = record_debt(charge=charge, plate="ZH 1", reason="declined", at=now())
    form = {"name": "Ada AG", "address": "Bahnhofstrasse 1", "country": "CH", "email": "ada@example.com"}

    assert site.admin.post(f"/manage/debts/{debt.pk}/invoice/", form | {"country": "XX1"}).status_code == 422
    assert site.admin.post(f"/manage/debts/{debt.pk}/invoice/", form).status_code == 302
    assert site.admin.post(f"/manage/debts/{debt.pk}/invoice/", form).status_code == 422

    invoice = Document.objects.get(kind="I")
    assert Debt.objects.get(pk=debt.pk).invoice == invoice
    assert invoice.content["recipient"]["country"] == "CH"


def test_who_knows_only_the_number_sees_no_invoice(site):
    ticket = make_ticket(site.lot, "ZH 9", entry_at=now() - dt.timedelta(hours=2))
    debt = record_debt(charge=assess_ticket(ticket=ticket, at=now()), plate="ZH 9", reason="x", at=now())
    form = {"name": "Ada AG", "address": "Bahnhofstrasse 1", "country": "CH"}
    site.admin.post(f"/manage/debts/{debt.pk}/invoice/", form)
    ticket = Ticket.objects.get(pk=ticket.pk)

    assert Client().get(f"/pay/{ticket.number}/receipt/").status_code == 404
    assert "Ada AG" in Client().get(f"/pay/{ticket.token}/receipt/").content.decode()
