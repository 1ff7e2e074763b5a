"""Documents as drivers see them: by the public link, by the stay's ticket, and those of their own stays."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, login_required_page
from billing.documents.document_links import document_link, document_qr
from billing.documents.showing import shown
from billing.models import Document
from common.web.downloads import shown_file
from common.web.paging import page_of
from tickets.queries import documents_about

NOT_INDEXED = "noindex, nofollow"


@require_safe
@never_cache
def document(request: HttpRequest, token: str) -> HttpResponse:
    """Show a document to who has its link, to print or save."""
    found = get_object_or_404(Document, token=token)
    context = {"document": shown(found), "token": token, "qr": document_qr(document_link(token))}
    return _unlisted(render(request, "driver/documents/public.html", context))


@require_safe
@never_cache
def document_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """Return a document's PDF, on A4 or (`?paper=roll`) for a till roll."""
    from billing.documents.pdf import pdf_of  # slow to import, and few processes need it

    file = pdf_of(get_object_or_404(Document, token=token), request.GET.get("paper", ""))
    return _unlisted(shown_file(file.name, file.content, file.mime_type))


@require_safe
@login_required_page
def own_documents(request: PersonRequest) -> HttpResponse:
    """List the documents of what a driver has parked and booked."""
    documents = documents_about(request.user).select_related("lot")
    return render(request, "driver/documents/own.html", {"page": page_of(documents, request)})


def _unlisted(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = NOT_INDEXED
    return response
