"""A person's exports: asked for, followed, downloaded, cancelled; and the mailed link."""

from collections.abc import Iterator
from urllib.parse import parse_qsl

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, login_required_page, signed_in
from common.errors import DomainError, NotFoundError
from common.web.forms import refuse
from common.web.htmx import live_response
from common.web.paging import page_of
from driver.export_forms import ExportForm
from exports.export_kinds import ExportKind, kind_named, kinds_for
from exports.export_links import linked_export
from exports.given_files import file_of
from exports.models import Export, WhoseRows
from exports.queries import exports_of, load_export
from exports.services import ExportOrder, ask_export, cancel_export, revoke_link

PER_PAGE = 20
_OTHERS = frozenset({"page", "csrfmiddlewaretoken"})
"""Parameters of a list that keep no rows from it."""
_WORDS = {
    "q": gettext_lazy("search"),
    "status": gettext_lazy("state"),
    "state": gettext_lazy("state"),
    "lot": gettext_lazy("lot"),
    "plate": gettext_lazy("plate"),
    "method": gettext_lazy("method"),
    "amount": gettext_lazy("amount"),
    "kind": gettext_lazy("kind"),
    "from": gettext_lazy("from"),
    "since": gettext_lazy("from"),
    "to": gettext_lazy("to"),
    "until": gettext_lazy("to"),
    "period": gettext_lazy("days"),
    "day": gettext_lazy("day"),
    "hour": gettext_lazy("hour"),
    "gate": gettext_lazy("lane"),
    "by": gettext_lazy("attendant"),
    "flag": gettext_lazy("what"),
    "currency": gettext_lazy("currency"),
    "tariff": gettext_lazy("tariff"),
    "cashier": gettext_lazy("cashier"),
    "long": gettext_lazy("long stays"),
    "appeals": gettext_lazy("with an appeal"),
    "exceptions": gettext_lazy("exceptions"),
}


@require_safe
@login_required_page
def own_exports(request: PersonRequest) -> HttpResponse:
    """List a person's exports with how far they are; the list asks for itself while one is not finished."""
    at = now()
    page = page_of(exports_of(request.user), request, PER_PAGE)
    shown = [
        {
            "export": export,
            "label": _label(export),
            "filter": filter_words(export.asked),
            "offered": export.is_offered(at),
        }
        for export in page
    ]
    source = [[one.pk, one.state, one.rows, one.total, one.nonce, one.is_offered(at)] for one in page]
    context = {"page": page, "shown": shown, "working": any(export.is_unfinished for export in page)}
    context["offers"] = [(whose.label, kinds_for(request.user, whose)) for whose in WhoseRows]
    return live_response(request, "driver/exports/list.html#live", context, etag_source=source)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def new_export(request: PersonRequest, whose: str, kind: str) -> HttpResponse:
    """Ask for the rows of a list as a file; its filter is in the address."""
    chosen = _chosen(request, whose, kind)
    asked = _asked(request.GET)
    form = ExportForm(request.POST if request.method == "POST" else None)
    status = 200
    try:
        count = chosen.rows_for(request.user, asked).count()
    except DomainError as error:
        messages.error(request, _("The list could not be read: %(why)s") % {"why": error.message})
        return redirect("driver:exports")
    if form.is_valid():
        given = form.cleaned_data | {"key": str(form.cleaned_data["key"])}
        try:
            ask_export(owner=request.user, order=ExportOrder(kind, whose, asked, **given), at=now())
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, _("Your file is being written."))
            return redirect("driver:exports")
    elif form.is_bound:
        status = 422
    context = {"form": form, "kind": chosen, "count": count, "filter": filter_words(asked)}
    return render(request, "driver/exports/new.html", context, status=status)


@require_safe
@never_cache
@login_required_page
def export_file(request: PersonRequest, export_id: int) -> HttpResponseBase:
    """Send the file of one of the person's exports."""
    export = _mine(request, export_id)
    try:
        return _sent(export)
    except NotFoundError as error:
        raise Http404(error.message) from error
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("driver:exports")


@require_POST
@login_required_page
def cancel(request: PersonRequest, export_id: int) -> HttpResponse:
    """Stop one of the person's exports, or remove its file."""
    cancel_export(export=_mine(request, export_id), at=now())
    messages.success(request, _("The export is cancelled, and there is no file of it."))
    return redirect("driver:exports")


@require_POST
@login_required_page
def revoke(request: PersonRequest, export_id: int) -> HttpResponse:
    """Let the mailed link of an export lead nowhere any more."""
    revoke_link(export=_mine(request, export_id))
    messages.success(request, _("The link in the email works no more. You can still download the file here."))
    return redirect("driver:exports")


@require_safe
@never_cache
def linked_file(request: HttpRequest, signed: str) -> HttpResponseBase:
    """Send the file to who has the mailed link, unless somebody else is signed in."""
    export, person = linked_export(signed, at=now()), signed_in(request)
    if export is None or (person is not None and person.pk != export.owner_id):
        raise Http404(_("This link doesn’t work any more."))
    try:
        response = _sent(export)
    except DomainError as error:
        raise Http404(error.message) from error
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def filter_words(asked: str) -> str:
    """Return a list's filter as people read it: `state: active, from: 2026-11-01`."""
    return ", ".join(_parts(asked))


def _parts(asked: str) -> Iterator[str]:
    for name, value in parse_qsl(asked, keep_blank_values=True):
        if name in _WORDS and (value or name in {"appeals", "exceptions"}):
            yield f"{_WORDS[name]}: {value}" if value and value != "on" else str(_WORDS[name])


def _asked(query: QueryDict) -> str:
    kept = query.copy()
    for name in [name for name in kept if name in _OTHERS or (not any(kept.getlist(name)) and name != "appeals")]:
        del kept[name]
    return kept.urlencode()


def _chosen(request: PersonRequest, whose: str, kind: str) -> ExportKind:
    try:
        chosen = kind_named(kind, whose)
    except DomainError as error:
        raise Http404(error.message) from error
    if chosen not in kinds_for(request.user, chosen.whose):
        raise PermissionDenied
    return chosen


def _label(export: Export) -> str:
    return str(kind_named(export.kind, export.whose).label)


def _mine(request: PersonRequest, export_id: int) -> Export:
    try:
        return load_export(request.user, export_id)
    except NotFoundError as error:
        raise Http404(error.message) from error


def _sent(export: Export) -> FileResponse:
    name, file = file_of(export, at=now())
    return FileResponse(file, as_attachment=True, filename=name)
