"""Documents are signed at once, or later and in their order while the signing unit is away."""

import datetime as dt

import pytest

from billing.documents.fiscal import FiscalUnavailableError
from billing.documents.issuing import issue_receipts
from billing.documents.showing import shown
from billing.models import Document
from billing.services import take_payment
from billing.tasks import issue_documents
from tests.factories import make_charge, make_lot

AT = dt.datetime(2026, 3, 2, 10, 47, tzinfo=dt.UTC)

pytestmark = pytest.mark.django_db(transaction=True)


class SimulatedUnit:
    """A signing unit that can be away, and gives each hash one signature."""

    is_away = False
    signed: dict[str, str] = {}

    def sign(self, number, content, digest, *, timeout):
        if self.is_away:
            raise FiscalUnavailableError
        return {"text": self.signed.setdefault(digest, f"TSE {len(self.signed) + 1} {digest[:8]}")}


@pytest.fixture(autouse=True)
def unit(settings, monkeypatch):
    settings.FISCAL_PROVIDER = f"{__name__}.SimulatedUnit"
    monkeypatch.setattr("billing.documents.fiscal.import_string", lambda _path: SimulatedUnit)
    monkeypatch.setattr(SimulatedUnit, "is_away", False)
    monkeypatch.setattr(SimulatedUnit, "signed", {})


def issue():
    charge = make_charge(make_lot(), 900, at=AT)
    payment = take_payment(charge=charge, method="terminal", amount=None, idempotency_key=str(charge.pk), at=AT)
    return issue_receipts([payment], at=AT)[0]


def test_a_document_is_signed_at_once_and_says_so():
    document = Document.objects.get(pk=issue().pk)

    assert not document.awaits_signature
    assert shown(document)["signature"] == f"TSE 1 {document.hash[:8]}"


def test_documents_are_signed_later_in_their_order_when_the_unit_was_away(monkeypatch):
    monkeypatch.setattr(SimulatedUnit, "is_away", True)
    first, second = issue(), issue()
    issue_documents()
    assert Document.objects.to_sign().count() == 2

    monkeypatch.setattr(SimulatedUnit, "is_away", False)
    issue_documents()

    texts = [Document.objects.get(pk=one.pk).signature["text"] for one in (first, second)]
    assert texts == [f"TSE 1 {first.hash[:8]}", f"TSE 2 {second.hash[:8]}"]
    assert not Document.objects.to_sign().exists()
