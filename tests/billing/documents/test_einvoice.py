"""Invoices to companies are data, too: valid by the standard's own schema, and equal to what is printed."""

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import transaction
from facturx import get_facturx_xml_from_pdf, xml_check_xsd
from lxml import etree

from billing.documents.drafting import Recipient
from billing.documents.einvoice import einvoice_xml, is_einvoice
from billing.documents.issuing import document_charge, issue_invoice
from billing.documents.pdf import pdf_of
from billing.documents.worker import issue_due
from billing.models import Charge, Document
from billing.services import cancel_debt_of, lock_charge, record_debt
from tests.factories import make_charge, make_lot, make_operator

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)
COMPANY = Recipient(
    name="Ada & Söhne GmbH", email="", address="Hauptstraße 1\n10115 Berlin", tax_id="DE123456789", country="DE"
)
RAM = {"ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"}
LINES = [
    {"label": "Hourly", "amount": 7007},
    {"label": "Validation", "amount": -107},
    {"label": "Rounding", "amount": 2, "untaxed": True},
]

pytestmark = pytest.mark.django_db


def issue(currency="EUR", recipient=COMPANY):
    lot = make_lot(
        make_operator(currency=currency, legal_name="Park GmbH", address="Weg 2\n10117 Berlin", tax_id="DE9")
    )
    charge = make_charge(lot, 6902, at=AT)
    Charge.objects.filter(pk=charge.pk).update(lines=LINES, tax_percent=Decimal(7))
    charge.refresh_from_db()
    return issue_invoice(record_debt(charge=charge, plate="B 1", reason="declined", at=AT), recipient, at=AT)


def values(xml, name):
    return [element.text for element in etree.fromstring(xml).iterfind(f".//ram:{name}", RAM)]


@pytest.mark.parametrize("currency", ["EUR", "JPY", "KWD"])
def test_the_data_follow_the_schema_and_add_up(currency):
    xml = einvoice_xml(issue(currency))

    assert xml_check_xsd(xml, level="basic")
    lines = [Decimal(amount) for amount in values(xml, "LineTotalAmount")]
    *nets, net = lines
    [total], [tax] = values(xml, "GrandTotalAmount"), values(xml, "TaxTotalAmount")
    assert sum(nets) == net
    assert net + Decimal(tax) == Decimal(total)
    assert all(Decimal(price) >= 0 for price in values(xml, "ChargeAmount"))


def test_the_pdf_contains_the_data():
    invoice = issue()

    name, xml = get_facturx_xml_from_pdf(BytesIO(pdf_of(invoice, "").content), check_xsd=True)

    assert name == "factur-x.xml"
    assert (values(xml, "ID")[1], values(xml, "GrandTotalAmount")) == (invoice.number, ["69.02"])
    assert values(xml, "Name")[-1] == "Ada & Söhne GmbH"


def test_a_cancelled_invoice_is_a_credit_note_with_positive_amounts():
    invoice = issue()
    debt = invoice.debts.get()
    with transaction.atomic():
        cancel_debt_of(lock_charge(debt.charge), AT)
    issue_due(at=AT + dt.timedelta(minutes=1))

    xml = einvoice_xml(Document.objects.get(kind="C"))

    assert xml_check_xsd(xml, level="basic")
    assert (values(xml, "TypeCode")[0], values(xml, "GrandTotalAmount")) == ("381", ["69.02"])
    assert values(xml, "IssuerAssignedID") == [invoice.number]


def test_an_invoice_to_a_person_is_only_paper():
    invoice = issue(recipient=Recipient(name="Ada", email="ada@example.com"))

    assert not is_einvoice(invoice)
    assert get_facturx_xml_from_pdf(BytesIO(pdf_of(invoice, "").content)) == (False, False)
    assert document_charge(invoice.debts.get().charge, at=AT) == [invoice]
