"""Company invoices as data inside their PDF: Factur-X 1.0 (ZUGFeRD 2), profile BASIC, by the rules of EN 16931."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from billing.models import Document, DocumentKind
from common.money import format_amount, round_half_up
from notifications.attachments import Attachment

GUIDELINE = "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic"
_TYPE_CODES = {DocumentKind.INVOICE: "380", DocumentKind.CREDIT_NOTE: "381"}
_SPACE = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_RSM, _RAM, _UDT = (ElementMaker(namespace=space, nsmap=_SPACE) for space in _SPACE.values())
_PIECE = {"unitCode": "C62"}


def is_einvoice(document: Document) -> bool:
    """Return whether a document goes to a company: it is then data, too."""
    recipient = document.content.get("recipient")
    return document.kind in _TYPE_CODES and bool(recipient and recipient["address"] and recipient["country"])


def with_data(document: Document, pdf: Attachment) -> Attachment:
    """Return the PDF with the invoice in it as data."""
    from facturx import generate_from_binary  # slow to import, and few processes need it

    content = generate_from_binary(
        pdf.content, einvoice_xml(document), level="basic", check_xsd=True, check_schematron=False, lang="en"
    )
    return Attachment(pdf.name, content, pdf.mime_type)


def einvoice_xml(document: Document) -> bytes:
    """Return the invoice as XML; a credit note has positive amounts, as its type says that they are given back."""
    root = _RSM.CrossIndustryInvoice(
        _RSM.ExchangedDocumentContext(_RAM.GuidelineSpecifiedDocumentContextParameter(_RAM.ID(GUIDELINE))),
        _RSM.ExchangedDocument(
            _RAM.ID(document.number),
            _RAM.TypeCode(_TYPE_CODES[DocumentKind(document.kind)]),
            _RAM.IssueDateTime(_day(document.content["issued"])),
        ),
        _RSM.SupplyChainTradeTransaction(*_lines(document), _agreement(document), _delivery(document), _sums(document)),
    )
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _sign(document: Document) -> int:
    return -1 if document.kind == DocumentKind.CREDIT_NOTE else 1


def _lines(document: Document) -> list[Any]:
    return [
        _line(number, line, net, document) for number, (line, net) in enumerate(net_lines(document.content).items(), 1)
    ]


def net_lines(content: Mapping[str, Any]) -> dict[tuple[int, str, str], int]:
    """Return the net of each line, by its place, label and rate, so that the nets of a rate add up to the rate's."""
    nets: dict[tuple[int, str, str], int] = {}
    for rate in content["taxes"]:
        gross = shared = 0
        for place, line in enumerate(content["lines"]):
            if line["percent"] == rate["percent"] and rate["total"]:
                gross += line["amount"]
                upto = round_half_up(Fraction(rate["net"] * gross, rate["total"]))
                nets[place, line["label"], line["percent"]] = upto - shared
                shared = upto
    return nets


def _line(number: int, line: tuple[int, str, str], net: int, document: Document) -> Any:
    _place, label, percent = line
    amount = _sign(document) * net
    # A price is never negative; the quantity is.
    return _RAM.IncludedSupplyChainTradeLineItem(
        _RAM.AssociatedDocumentLineDocument(_RAM.LineID(str(number))),
        _RAM.SpecifiedTradeProduct(_RAM.Name(label)),
        _RAM.SpecifiedLineTradeAgreement(
            _RAM.NetPriceProductTradePrice(_RAM.ChargeAmount(format_amount(abs(amount), document.currency)))
        ),
        _RAM.SpecifiedLineTradeDelivery(_RAM.BilledQuantity("-1" if amount < 0 else "1", _PIECE)),
        _RAM.SpecifiedLineTradeSettlement(
            _RAM.ApplicableTradeTax(
                _RAM.TypeCode("VAT"), _RAM.CategoryCode(_category(percent)), _RAM.RateApplicablePercent(percent)
            ),
            _RAM.SpecifiedTradeSettlementLineMonetarySummation(
                _RAM.LineTotalAmount(format_amount(amount, document.currency))
            ),
        ),
    )


def _agreement(document: Document) -> Any:
    issuer, recipient = document.content["issuer"], document.content["recipient"]
    return _RAM.ApplicableHeaderTradeAgreement(
        _RAM.SellerTradeParty(*_party(issuer)), _RAM.BuyerTradeParty(*_party(recipient))
    )


def _party(party: Mapping[str, str]) -> list[Any]:
    lines = [line.strip() for line in party["address"].splitlines() if line.strip()]
    names = (_RAM.LineOne, _RAM.LineTwo, _RAM.LineThree)
    address = [name(line) for name, line in zip(names, lines, strict=False)]
    registration = (
        [_RAM.SpecifiedTaxRegistration(_RAM.ID(party["tax_id"], {"schemeID": "VA"}))] if party["tax_id"] else []
    )
    return [
        _RAM.Name(party["name"]),
        _RAM.PostalTradeAddress(*address, _RAM.CountryID(party["country"])),
        *registration,
    ]


def _delivery(document: Document) -> Any:
    item = document.content["items"][0]
    when = item["until"] or document.content["issued"]
    return _RAM.ApplicableHeaderTradeDelivery(_RAM.ActualDeliverySupplyChainEvent(_RAM.OccurrenceDateTime(_day(when))))


def _sums(document: Document) -> Any:
    content, currency, sign = document.content, document.currency, _sign(document)
    net = sign * sum(rate["net"] for rate in content["taxes"])
    tax = sign * sum(rate["tax"] for rate in content["taxes"])
    total = sign * content["total"]
    about = [_RAM.InvoiceReferencedDocument(_RAM.IssuerAssignedID(content["about"]))] if "about" in content else []
    return _RAM.ApplicableHeaderTradeSettlement(
        _RAM.InvoiceCurrencyCode(currency),
        *(_rate(rate, document) for rate in content["taxes"]),
        _RAM.SpecifiedTradePaymentTerms(_RAM.Description("On receipt")),
        _RAM.SpecifiedTradeSettlementHeaderMonetarySummation(
            _RAM.LineTotalAmount(format_amount(net, currency)),
            _RAM.TaxBasisTotalAmount(format_amount(net, currency)),
            _RAM.TaxTotalAmount(format_amount(tax, currency), {"currencyID": currency}),
            _RAM.GrandTotalAmount(format_amount(total, currency)),
            _RAM.DuePayableAmount(format_amount(total, currency)),
        ),
        *about,
    )


def _rate(rate: Mapping[str, Any], document: Document) -> Any:
    sign, currency = _sign(document), document.currency
    return _RAM.ApplicableTradeTax(
        _RAM.CalculatedAmount(format_amount(sign * rate["tax"], currency)),
        _RAM.TypeCode("VAT"),
        _RAM.BasisAmount(format_amount(sign * rate["net"], currency)),
        _RAM.CategoryCode(_category(rate["percent"])),
        _RAM.RateApplicablePercent(rate["percent"]),
    )


def _category(percent: str) -> str:
    return "S" if Decimal(percent) else "Z"


def _day(iso: str) -> Any:
    return _UDT.DateTimeString(datetime.fromisoformat(iso).strftime("%Y%m%d"), {"format": "102"})
