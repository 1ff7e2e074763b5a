"""Pass holders from a file: a worker tries each row and shows what would happen, then gives the passes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, has_role, operators_of, role_required
from accounts.models import Role, User
from common.errors import DomainError
from common.translation import translated
from common.web.forms import refuse
from common.web.htmx import page_response
from common.web.paging import page_of
from passes.holder_files import COLUMNS, MOST_ROWS
from passes.models import PassImport, PassOffer
from passes.models.imports import RUNNING
from passes.services import carry_out_import, start_import

LARGEST_FILE = 1_000_000


class HoldersForm(forms.Form):
    """A file of pass holders, and the pass that they get."""

    offer = forms.ModelChoiceField(label=gettext_lazy("Pass"), queryset=PassOffer.objects.none(), empty_label=None)
    file = forms.FileField(label=gettext_lazy("CSV file"), widget=forms.ClearableFileInput(attrs={"accept": ".csv"}))
    invoiced = forms.BooleanField(
        label=gettext_lazy("Send an invoice for each first period, else it is free"), required=False
    )

    def __init__(self, *args: Any, person: User) -> None:
        super().__init__(*args)
        operators = operators_of(person, Role.ADMIN)
        offers = PassOffer.objects.filter(operator__in=operators, archived_at=None).select_related("operator")
        self.fields["offer"].queryset = offers  # type: ignore[attr-defined]

    def clean_file(self) -> bytes:
        """Return the content of the file."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("The file is larger than 1 MB. Split it."))
        return bytes(file.read())


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def new_import(request: PersonRequest) -> HttpResponse:
    """Take a file of pass holders, which a worker checks first."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form, status = HoldersForm(*sent, person=request.user), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            given = form.cleaned_data
            try:
                started = start_import(
                    offer=given["offer"], content=given["file"], invoiced=given["invoiced"], by=request.user, at=now()
                )
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                return redirect("office:pass_import", started.pk)
    earlier = _imports(request).order_by("-pk").select_related("offer").defer("rows", "outcomes")[:10]
    context = {
        "form": form,
        "columns": COLUMNS,
        "most": MOST_ROWS,
        "back": reverse("office:passes"),
        "earlier": earlier,
    }
    return render(request, "office/passes/import.html", context, status=status)


@require_safe
@role_required(Role.ADMIN)
def import_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show how far a file is, and what happens with each row, the wrong ones first."""
    found = _load(request, pk)
    by_line = {row["line"]: row for row in found.rows}
    ordered = sorted(found.outcomes, key=lambda one: "error" not in one)
    page = page_of([one | {"row": by_line[one["line"]]} for one in ordered], request)
    context = {
        "found": found,
        "page": page,
        "done": len(found.outcomes),
        "total": len(found.rows),
        "running": found.state in RUNNING,
        "right": len(found.outcomes) - found.wrong,
    }
    return page_response(request, "office/passes/imported.html#live", context)


@require_POST
@role_required(Role.ADMIN)
def carry_out(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a worker give the passes of a file without a wrong row."""
    try:
        carry_out_import(held_import=_load(request, pk))
    except DomainError as error:
        messages.error(request, translated(error.message))
    return redirect("office:pass_import", pk)


def _imports(request: PersonRequest) -> Any:
    return PassImport.objects.filter(operator__in=operators_of(request.user, Role.ADMIN))


def _load(request: PersonRequest, pk: int) -> PassImport:
    found = PassImport.objects.select_related("offer", "created_by", "operator").filter(pk=pk).first()
    if found is None or not has_role(request.user, Role.ADMIN, found.operator):
        raise Http404(_("There is no such file."))
    return found
