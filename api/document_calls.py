"""API endpoints for receipts, invoices and credit notes, as data or as a PDF."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from ninja import Query, Router

from api.auth import people_auth, person_of
from api.described_calls import JSON, described, page_of
from api.document_examples import DOCUMENT, LISTED_DOCUMENT
from api.document_schemas import DocumentKindName, DocumentOut, DocumentsOut, DocumentsQuery
from api.page_numbers import paged
from billing.documents.document_links import document_link
from billing.models import Document, DocumentKind
from common.plates import PlateError, normalise
from common.time import InvalidInstantError, parse_instant
from common.web.downloads import shown_file
from lots.calendar import zone_of
from tickets.access import documents_shown_to, load_document

router = Router(tags=["People"], auth=people_auth)

PDF = "application/pdf"
_KINDS = {
    DocumentKindName.RECEIPT: DocumentKind.RECEIPT,
    DocumentKindName.INVOICE: DocumentKind.INVOICE,
    DocumentKindName.CREDIT_NOTE: DocumentKind.CREDIT_NOTE,
}
_NAMES = {kind.value: name for name, kind in _KINDS.items()}


@router.get(
    "/documents",
    response=DocumentsOut,
    summary="List receipts, invoices and credit notes",
    openapi_extra=described(
        answers={200: page_of(LISTED_DOCUMENT)},
        errors=[InvalidInstantError, PlateError],
    ),
)
def get_documents(request: HttpRequest, query: Query[DocumentsQuery]) -> dict[str, Any]:
    """List documents, the latest first: of what you parked and booked, and all of the operators you work for."""
    found = _filtered(documents_shown_to(person_of(request)), query).order_by("-issued_at", "-pk")
    loaded = found.select_related("lot", "about").defer("content", "about__content")
    answer = paged(loaded, query.page, query.page_size)
    return answer | {"items": [_listed_json(document) for document in answer["items"]]}


@router.get(
    "/documents/{int:document_id}",
    response=DocumentOut,
    summary="Describe a document, or print it as a PDF",
    openapi_extra=described(answers={200: DOCUMENT}, file=PDF),
)
def get_document(
    request: HttpRequest, response: HttpResponse, document_id: int, paper: str = ""
) -> dict[str, Any] | HttpResponse:
    """Describe a document of yours or of an operator you work for: lines and tax, as they were issued.

    With `Accept: application/pdf` its PDF, on A4 or (`paper=roll`) for a till roll.
    """
    found = load_document(person_of(request), document_id)
    patch_vary_headers(response, ["Accept"])
    if request.get_preferred_type([JSON, PDF]) != PDF:
        return _document_json(found)
    from billing.documents.pdf import pdf_of  # slow to import, and few processes need it

    file = pdf_of(found, paper)
    shown = shown_file(file.name, file.content, file.mime_type)
    patch_vary_headers(shown, ["Accept"])
    return shown


def _filtered(documents: QuerySet[Document], query: DocumentsQuery) -> QuerySet[Document]:
    found = documents.filter(number=query.number.strip().upper()) if query.number else documents
    if query.kind:
        found = found.filter(kind=_KINDS[query.kind])
    if query.lot:
        found = found.filter(lot__slug=query.lot)
    if query.plate:
        found = found.filter(plate_normalised=_plate(query.plate)).exclude(plate_normalised="")
    if query.since:
        found = found.filter(issued_at__gte=parse_instant(query.since, path="from"))
    if query.until:
        found = found.filter(issued_at__lt=parse_instant(query.until, path="to"))
    return found


def _plate(text: str) -> str:
    try:
        return normalise(text) or ""
    except PlateError:
        return ""


def _listed_json(document: Document) -> dict[str, Any]:
    return {
        "id": document.pk,
        "number": document.number,
        "kind": _NAMES[document.kind],
        "lot": document.lot.slug,
        "issued_at": document.issued_at.astimezone(zone_of(document.lot)),
        "currency": document.currency,
        "total": document.total_amount,
        "tax": document.tax_amount,
        "about": document.about.number if document.about else None,
        "link": document_link(document.token),
    }


def _document_json(document: Document) -> dict[str, Any]:
    content = document.content
    lines = [{"tax_percent": line["percent"]} | line for line in content["lines"]]
    frozen = {name: content[name] for name in ("issuer", "items", "taxes")} | {"lines": lines}
    return (
        _listed_json(document)
        | frozen
        | {
            "operator": document.operator.slug,
            "recipient": content.get("recipient"),
            "reason": content.get("reason", ""),
            "payments": content.get("payments", []),
            "corrections": list(document.corrections.order_by("pk").values_list("number", flat=True)),
            "signature": (document.signature or {}).get("text", ""),
        }
    )
