"""Permits: the list with the form that adds one, and the file of all."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, operator_required
from accounts.models import PermitKind
from accounts.permits import end_permit, grant_permit
from common.translation import day_said
from gates.plate_files import permit_lines
from lots.calendar import operators_day
from office.people.permit_list import PERMITS, PermitsFilter, find_permits, permits_of
from office.people.shared import added_to, own_operators, saved
from office.people.team_forms import PermitForm
from office.revenue.csv_files import csv_response, written_csv


@require_safe
@operator_required
def permits(request: PersonRequest) -> HttpResponse:
    """List the permits, with the form that adds one."""
    own = own_operators(request)
    first = {"valid_from": operators_day(own, now()), "kind": PermitKind.ACCESSIBLE}
    return _permits(request, PermitForm(operators=own, initial=first))


@require_POST
@operator_required
def add_permit(request: PersonRequest) -> HttpResponse:
    """Add a permit."""
    form = PermitForm(request.POST, operators=own_operators(request))

    def save() -> str:
        given = {name: value for name, value in form.cleaned_data.items() if name != "operator"}
        grant_permit(operator=form.operator, **given)
        return _("%(plate)s has a permit.") % {"plate": given["plate"]}

    return saved(form, request, save, "office:permits") or _permits(request, form, status=422)


@require_POST
@operator_required
def stop_permit(request: PersonRequest, pk: int) -> HttpResponse:
    """End a permit today."""
    row = get_object_or_404(permits_of(request.user), pk=pk)
    today = operators_day([row.operator], now())
    ended = end_permit(permit=row, last_day=today)
    messages.success(
        request,
        _("The permit of %(plate)s ends on %(day)s.")
        % {"plate": row.plate, "day": day_said(ended.valid_until or today)},
    )
    return redirect("office:permits")


@require_safe
@operator_required
def permits_file(request: PersonRequest) -> HttpResponseBase:
    """Return the permits as a file that can be imported."""
    return csv_response("permits", written_csv(permit_lines(permits_of(request.user))))


def _permits(request: PersonRequest, form: PermitForm, *, status: int = 200) -> HttpResponse:
    sought = PermitsFilter(request.GET)
    page = PERMITS.page(find_permits(request.user, sought.cleaned_data if sought.is_valid() else {}), request.GET)
    return added_to(request, "office/people/permits.html", page, sought=sought, added=form, status=status)
