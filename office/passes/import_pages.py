"""Pass holders from a file: a worker tries each row and shows what would happen, then gives the passes."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, has_role, operator_required, operators_of
from accounts.models import Role, User
from office.file_imports import carried_out_page, content_of, imported_page, new_file_page, started_or_refused
from passes.holder_files import HOLDER_FILE
from passes.models import PassImport, PassOffer
from passes.services import start_import


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
        return content_of(self.cleaned_data["file"])


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def new_import(request: PersonRequest) -> HttpResponse:
    """Take a file of pass holders, which a worker checks first."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = HoldersForm(*sent, person=request.user)

    def start() -> PassImport:
        given = form.cleaned_data
        return start_import(
            offer=given["offer"], content=given["file"], invoiced=given["invoiced"], by=request.user, at=now()
        )

    started = started_or_refused(form, start)
    if not isinstance(started, int):
        return redirect("office:pass_import", started.pk)
    earlier = _imports(request).select_related("offer")
    return new_file_page(request, "office/passes/import.html", form, HOLDER_FILE, earlier, status=started)


@require_safe
@operator_required
def import_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show how far a file is, and what happens with each row, the wrong ones first."""
    return imported_page(request, "office/passes/imported.html#live", _load(request, pk))


@require_POST
@operator_required
def carry_out(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a worker give the passes of a file without a wrong row."""
    return carried_out_page(request, _load(request, pk), "office:pass_import")


def _imports(request: PersonRequest) -> Any:
    return PassImport.objects.filter(operator__in=operators_of(request.user, Role.ADMIN))


def _load(request: PersonRequest, pk: int) -> PassImport:
    found = PassImport.objects.select_related("offer", "created_by", "operator").filter(pk=pk).first()
    if found is None or not has_role(request.user, Role.ADMIN, found.operator):
        raise Http404(_("There is no such file."))
    return found
