"""Files of blocked plates and permits: a worker tries each row and shows what would happen, then writes them."""

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import PermitKind, Role
from gates.models import PlateFileKind, PlateImport
from gates.services.plate_imports import SHAPES, start_plate_import
from office.file_imports import carried_out_page, imported_page, new_file_page, started_or_refused
from office.people.shared import own_operators
from office.people.team_forms import PlateFileForm


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def new_plate_import(request: PersonRequest, kind: str) -> HttpResponse:
    """Take a file of blocked plates or permits, which a worker checks first."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PlateFileForm(*sent, operators=own_operators(request))

    def start() -> PlateImport:
        content = form.cleaned_data["file"]
        return start_plate_import(operator=form.operator, kind=kind, content=content, by=request.user, at=now())

    started = started_or_refused(form, start)
    if not isinstance(started, int):
        return redirect("office:plate_import", started.pk)
    more = {"kind": PlateFileKind(kind), "permit_kinds": PermitKind.choices}
    earlier = _imports(request).filter(kind=kind)
    return new_file_page(request, "office/people/import.html", form, SHAPES[kind], earlier, status=started, **more)


@require_safe
@operator_required
def plate_import_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show how far a file is, and what happens with each row, the wrong ones first."""
    return imported_page(request, "office/people/imported.html#live", get_object_or_404(_imports(request), pk=pk))


@require_POST
@operator_required
def carry_out_plates(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a worker write the rows of a file without a wrong one."""
    return carried_out_page(request, get_object_or_404(_imports(request), pk=pk), "office:plate_import")


def _imports(request: PersonRequest) -> QuerySet[PlateImport]:
    return PlateImport.objects.filter(operator__in=operators_of(request.user, Role.ADMIN))
