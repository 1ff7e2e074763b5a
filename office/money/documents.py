"""An operator's documents: found, shown, printed and sent again; and what stands on them."""

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, has_role, operator_required, operators_of, role_required
from accounts.models import Operator, Role
from accounts.services import change_operator, set_logo
from analytics.scope import scope_of
from billing.access import documents_at_work
from billing.documents.document_links import document_link, document_qr
from billing.documents.mails import send_document
from billing.documents.showing import shown, title_of
from billing.models import Document
from common.web.downloads import shown_file
from lots.access import has_role_at
from office.list_pages import list_response
from office.money.document_forms import CompanyForm, SendDocumentForm
from office.money.document_list import DOCUMENTS, DocumentsFilter, find_documents


@require_safe
@role_required(Role.ATTENDANT)
def documents(request: PersonRequest) -> HttpResponse:
    """List an operator's documents, by number, plate, lot, amount, kind and day."""
    scope = scope_of(request.user, request.GET.get("lot", ""), Role.ATTENDANT)
    form = DocumentsFilter(request.GET, scope)
    found = find_documents(request.user, scope, form.cleaned_data if form.is_valid() else {})
    page = DOCUMENTS.page(found, request.GET)
    context = {"scope": scope, "zone": scope.zone, "is_admin": has_role(request.user, Role.ADMIN)}
    return list_response(request, "office/documents/list.html", page, form=form, context=context)


@require_safe
@role_required(Role.ATTENDANT)
def document(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a document, to print it or send it again."""
    return _page(request, get_object_or_404(documents_at_work(request.user), pk=pk))


@require_safe
@role_required(Role.ATTENDANT)
def document_pdf(request: PersonRequest, pk: int) -> HttpResponse:
    """Return a document's PDF, on A4 or (`?paper=roll`) for a till roll."""
    from billing.documents.pdf import pdf_of  # slow to import, and few processes need it

    file = pdf_of(get_object_or_404(documents_at_work(request.user), pk=pk), request.GET.get("paper", ""))
    return shown_file(file.name, file.content, file.mime_type)


@require_POST
@role_required(Role.ADMIN)
def send(request: PersonRequest, pk: int) -> HttpResponse:
    """Send a document to an address."""
    row = get_object_or_404(documents_at_work(request.user, Role.ADMIN), pk=pk)
    form = SendDocumentForm(request.POST)
    if not form.is_valid():
        return _page(request, row, form, status=422)
    address = form.cleaned_data["email"]
    send_document(row, address=address, occasion=str(form.cleaned_data["key"]), at=now())
    messages.success(
        request, _("%(document)s is on its way to %(address)s.") % {"document": title_of(row), "address": address}
    )
    return redirect("office:document", row.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def company(request: PersonRequest) -> HttpResponse:
    """Set what stands on the documents of each operator that the person manages."""
    operators = list(operators_of(request.user, Role.ADMIN).select_related("logo").order_by("name"))
    if request.method != "POST":
        return render(request, "office/documents/company.html", {"forms": [_company(one) for one in operators]})
    chosen = next((one for one in operators if one.slug == request.POST.get("operator")), operators[0])
    form = CompanyForm(request.POST, request.FILES, operator=chosen, prefix=chosen.slug)
    if not form.is_valid():
        forms = [form if one == chosen else _company(one) for one in operators]
        return render(request, "office/documents/company.html", {"forms": forms, "form": form}, status=422)
    _save_company(chosen, form)
    messages.success(request, _("Saved. Documents that are issued from now on say so."))
    return redirect("office:company")


def _save_company(operator: Operator, form: CompanyForm) -> None:
    given = dict(form.cleaned_data)
    logo, removed = given.pop("logo"), given.pop("no_logo", False)
    change_operator(operator=operator, values=given)
    if logo or removed:
        set_logo(operator=operator, logo=logo)


def _company(operator: Operator) -> CompanyForm:
    return CompanyForm(operator=operator, prefix=operator.slug)


def _page(
    request: PersonRequest, row: Document, form: SendDocumentForm | None = None, *, status: int = 200
) -> HttpResponse:
    is_admin = has_role_at(request.user, Role.ADMIN, row.lot)
    context = {
        "row": row,
        "document": shown(row),
        "qr": document_qr(document_link(row.token)),
        "corrections": row.corrections.order_by("pk"),
        "form": (form or SendDocumentForm(initial={"key": uuid4(), "email": _known_address(row)}))
        if is_admin
        else None,
    }
    return render(request, "office/documents/detail.html", context, status=status)


def _known_address(row: Document) -> str:
    recipient = row.content.get("recipient")
    return str(recipient["email"]) if recipient else ""
